import { createHash } from 'node:crypto';
import { BenchError } from '../errors.js';
import type { Engine, EngineChoice } from '../model/container/container.js';
import type { PayloadMode, ContainerProgram, Inside } from '../model/container/program.js';
import { isProgram } from '../model/container/program.js';
import { assertPlaces } from './program-root.js';
import { FORM_NAMES } from '../model/profile/source.js';
import type { GivenSource } from '../model/profile/source.js';

/** A file name for what a container runs; equal programs have equal names. */
export function nameOfInside(inside: Inside): string {
  return isProgram(inside)
    ? `program-${createHash('sha256').update(JSON.stringify(inside)).digest('hex').slice(0, 16)}`
    : inside;
}

/** The payload's mode, for an engine that runs only the payload. Throws `usage`. */
export function payloadOnly(inside: Inside, engine: Pick<Engine, 'facts'>): PayloadMode {
  if (!isProgram(inside)) return inside;
  throw unfit(engine.facts.name, inside);
}

/** Refuses a program that an engine cannot run. Throws `usage`, and `input` for a bind without a place. */
export function assertProgram(
  { facts, programs, execs, serves, host }: Pick<Engine, 'facts' | 'programs' | 'execs' | 'serves' | 'host'>,
  program: ContainerProgram,
): void {
  // Folders of another machine cannot be looked at from here.
  if (host === undefined) assertPlaces(program.binds);
  if (programs === 'none') throw unfit(facts.name, program);
  if (program.rootfs !== undefined && programs !== 'anyRoot')
    throw unfit(facts.name, program, ` in the root ${program.rootfs}`);
  if (program.via === 'exec' && execs !== true) {
    throw new BenchError(
      'usage',
      `--engine ${facts.name} cannot start ${program.args[0] ?? 'a program'} in a running container`,
      { hint: 'Use --engine runc, crun, docker, podman, containerd or cri, or --via run.' },
    );
  }
  if (program.service !== undefined && serves !== true) throw noServers(facts.name);
}

/** Refuses a raw filter or an LXC policy that an engine cannot load. Throws `usage`. */
export function assertLoads({ facts, loads }: Pick<Engine, 'facts' | 'loads'>, given: GivenSource): void {
  if (loads?.has(given.kind) !== true) throw notLoaded(facts.name, given);
}

/**
 * The same before an engine is open, as far as its name tells; a runtime of `oci` is asked first. Throws `usage`.
 */
export function assertMayLoad(choice: EngineChoice, given: GivenSource): void {
  if (choice === 'auto' || choice === 'oci' || LOADERS[given.kind].includes(choice)) return;
  throw notLoaded(choice, given);
}

/** The engines that load what is given, by its kind; the first is the one that `auto` becomes. */
export const LOADERS: Readonly<Record<GivenSource['kind'], readonly [EngineChoice, ...EngineChoice[]]>> = {
  raw: ['namespaces', 'bwrap', 'crun'],
  lxc: ['lxc'],
  runtimeDefault: ['cri'],
};
const LOADED_BY: Readonly<Record<GivenSource['kind'], string>> = {
  raw:
    'Use --engine namespaces or bwrap, or crun 0.18 or newer, which has an annotation for it ' +
    '(run.oci.seccomp_bpf_data).',
  lxc: 'Use --engine lxc.',
  runtimeDefault: 'Use --engine cri, or a profile by its name: --profile containerd.',
};

/** Such an engine would start it in the network of the machine, whose ports others have. */
const noServers = (engine: string): BenchError =>
  new BenchError(
    'usage',
    `--engine ${engine} cannot run a server with a load: its containers are in the network of this machine`,
    { hint: 'Use --engine docker, podman, containerd, runc, crun, namespaces or bwrap.' },
  );

const notLoaded = (engine: string, { kind, form, name }: GivenSource): BenchError =>
  new BenchError('usage', `--engine ${engine} cannot load ${name}, ${FORM_NAMES[form]}`, { hint: LOADED_BY[kind] });

function unfit(engine: string, { args }: ContainerProgram, where = ''): BenchError {
  return new BenchError('usage', `--engine ${engine} cannot run ${args[0] ?? 'a program'}${where}`, {
    hint: 'Use --engine runc, crun, namespaces or bwrap.',
  });
}
