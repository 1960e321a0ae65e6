import { statSync } from 'node:fs';
import { findProgram } from '../process/files/find.js';
import { listenersOf, variableOf } from '../process/processes.js';
import type { RuntimeFacts, RuntimeLimits } from '../model/container/container.js';
import type { FilterBuilder } from '../model/filter/builder.js';
import { builderByVersion, builderOfRuntime } from './filter-builder.js';
import { describeRuntime, descriptionIn, type RuntimeDescription } from './oci/features.js';

/** What is known of the runtime that a daemon starts containers with. */
export interface RuntimeWish {
  /** As the daemon names it. */
  readonly name: string;
  /** Its program, as the daemon names it: a path, or a name that the daemon looks up; `null`: not told. */
  readonly program: string | null;
  /** What `--version` of the program prints, or its first lines, as the daemon tells it; `null`: not told. */
  readonly version: string | null;
  /** What `features` of the program prints, as the daemon tells it; `null`: not told. */
  readonly features: string | null;
  /** Path of the socket at which the daemon listens; `null`: it is on another machine. */
  readonly socket: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The runtime beneath a daemon, what builds its filters, and what it can load. */
export interface RuntimeDescribed {
  readonly facts: RuntimeFacts;
  readonly builder: FilterBuilder;
  readonly limits: RuntimeLimits;
}

/**
 * The runtime beneath a daemon: its program is asked where that is a file of this machine, in the daemon's own PATH.
 * Otherwise the daemon's word counts, and what it does not tell stays unknown. Never throws.
 */
export const runtimeBeneath = async (wish: RuntimeWish): Promise<RuntimeFacts> => (await describeBeneath(wish)).facts;

/** The same with what the runtime builds its filters with and what it can load, as far as that is known. */
export async function describeBeneath(wish: RuntimeWish): Promise<RuntimeDescribed> {
  const told = wish.version === null && wish.features === null ? null : describedByDaemon(wish);
  const found = await askProgram(wish);
  // A daemon tells what it found when it started: another version now means another program.
  const isSame = told === null || numberIn(told.version) === numberIn(found?.description.version);
  if (found === null || !isSame) return await describedAs(told, undefined, wish);
  const { path, description } = found;
  return await describedAs(
    { ...description, libseccomp: description.libseccomp ?? told?.libseccomp ?? null },
    path,
    wish,
  );
}

const describedAs = async (
  known: RuntimeDescription | null,
  path: string | undefined,
  wish: RuntimeWish,
): Promise<RuntimeDescribed> => ({
  facts: factsOf(known, path ?? absolute(wish.program), wish),
  builder: await builderBeneath(known, path, wish),
  limits: known?.limits ?? {},
});

const factsOf = (known: RuntimeDescription | null, path: string | null, { name }: RuntimeWish): RuntimeFacts => ({
  name: ownName(known?.version) ?? name,
  version: numberIn(known?.version) ?? null,
  path,
  libseccomp: known?.libseccomp ?? null,
});

/** `null` where the daemon's program is no file of this machine, or does not answer. */
async function askProgram({
  program,
  socket,
  env,
}: RuntimeWish): Promise<{ readonly path: string; readonly description: RuntimeDescription } | null> {
  const path = program === null || socket === null ? undefined : programOfDaemon(program, socket);
  if (path === undefined) return null;
  return await describeRuntime(path, env).then(
    (description) => ({ path, description }),
    () => null,
  );
}

async function builderBeneath(
  known: RuntimeDescription | null,
  path: string | undefined,
  { name, socket, env }: RuntimeWish,
): Promise<FilterBuilder> {
  if (known === null) return { kind: 'unknown', reason: `the engine does not tell the version of its runtime ${name}` };
  if (path !== undefined) return builderOfRuntime(path, known, env);
  return builderByVersion(known, { unavailable: socket === null ? ELSEWHERE : NOT_FOUND });
}

const ELSEWHERE = 'the engine is on another machine, so its libseccomp cannot be asked';
const NOT_FOUND = 'the program of its runtime was not found here, nor its libseccomp';

/** `runc 1.1.5`; without a number where that is unknown. */
export const runtimeWords = ({ name, version }: RuntimeFacts): string =>
  version === null ? name : `${name} ${version}`;

function describedByDaemon({ version, features }: RuntimeWish): RuntimeDescription {
  return descriptionIn(version ?? versionInFeatures(features ?? ''), features ?? '');
}

/** runc and crun give their version among the annotations of their features. */
function versionInFeatures(text: string): string {
  const [, name = '', version = ''] =
    /"(?:org\.opencontainers|run\.oci)\.(runc|crun)\.version"\s*:\s*"([^"]+)"/.exec(text) ?? [];
  return name === '' ? '' : `${name} version ${version}`;
}

const ownName = (version = ''): string | undefined => /^(runc|crun|runsc|youki)\b/.exec(version)?.[1];

const numberIn = (version = ''): string | undefined => /\d+(?:\.\d+)+[^\s,]*/.exec(version)?.[0];

const absolute = (program: string | null): string | null => (program?.startsWith('/') === true ? program : null);

/** The program's path, where the daemon's is the same file as this process's. */
function programOfDaemon(program: string, socket: string): string | undefined {
  const pid = [socket, socket.replace(/^\/var\/run\//, '/run/')].flatMap(listenersOf).find((each) => each > 1);
  const folders = pid === undefined ? undefined : variableOf(pid, 'PATH');
  if (pid === undefined || folders === undefined) return undefined;
  const path = findProgram(program, folders);
  return path !== undefined && isSameFile(path, `/proc/${pid}/root${path}`) ? path : undefined;
}

function isSameFile(one: string, other: string): boolean {
  try {
    const [a, b] = [statSync(one), statSync(other)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false;
  }
}
