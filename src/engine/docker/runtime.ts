import type { RuntimeLimits } from '../../model/container/container.js';
import type { FilterBuilder } from '../../model/filter/builder.js';
import { findProgram } from '../../process/find.js';
import { builderByVersion, builderOfRuntime } from '../filter-builder.js';
import { describedBy, describeRuntime } from '../oci/features.js';
import type { RuntimeDescription } from '../oci/features.js';
import type { DaemonInfo } from './daemon.js';

/** The runtime of a daemon, as far as the daemon tells or it is found on this machine. */
export interface DaemonRuntime {
  /** `runc 1.1.5`, `runsc version release-20240729.0`; `null`: not known. */
  readonly version: string | null;
  readonly builder: FilterBuilder;
  readonly limits: RuntimeLimits;
}

/** What is known of a daemon's runtime before it is looked for. */
export interface NamedRuntime {
  /** As the daemon calls it; `undefined`: it does not tell. */
  readonly name: string | undefined;
  /** Its version among those of the daemon's parts; `null`: none is told. */
  readonly told: string | null;
  /** Whether the daemon runs on this machine. */
  readonly isHere: boolean;
}

/** An entry of `Runtimes` in the answer to `GET /info`. */
interface RuntimeEntry {
  /** A path, or a name for the daemon's PATH; Docker 28 and newer tell none for a shim. */
  readonly path?: string;
  /** Since Docker 25. */
  readonly status?: Readonly<Record<string, string>>;
}

/** In `status`: what `RUNTIME features` prints. */
const FEATURES = 'org.opencontainers.runtime-spec.features';
const ELSEWHERE = 'the engine is on another machine';
const NOT_FOUND = 'the engine does not tell where its runtime is';

/**
 * The runtime that a daemon runs containers with: by the versions and features that the daemon tells and, on this
 * machine, by the runtime itself, where its version is the one told.
 */
export async function runtimeOfDaemon(
  { Runtimes = {} }: DaemonInfo,
  { name, told, isHere }: NamedRuntime,
  env: Readonly<Record<string, string | undefined>>,
): Promise<DaemonRuntime> {
  const { path, status = {} } = (Runtimes[name ?? ''] ?? {}) as RuntimeEntry;
  const byDaemon = toldBy(told, status[FEATURES]);
  const found = isHere ? await foundHere({ path: path ?? name, told: byDaemon?.version ?? null }, env) : null;
  if (found !== null) return found;
  if (byDaemon === null) {
    const reason = `the engine does not tell the version of its runtime${name === undefined ? '' : ` ${name}`}`;
    return { version: null, builder: { kind: 'unknown', reason }, limits: {} };
  }
  const { version, limits } = byDaemon;
  return { version, builder: builderByVersion(byDaemon, { unavailable: isHere ? NOT_FOUND : ELSEWHERE }), limits };
}

function toldBy(told: string | null, features: string | undefined): RuntimeDescription | null {
  if (features === undefined) return told === null ? null : describedBy(told, '');
  const own = /"(?:org\.opencontainers\.(runc)|run\.oci\.(crun))\.version": *"([^"]+)"/.exec(features);
  const version = own === null ? told : `${own[1] ?? own[2] ?? ''} version ${own[3] ?? ''}`;
  return version === null ? null : describedBy(version, features);
}

/** `null` where it is not found, or is not of the version that the daemon tells; without that only by a whole path. */
async function foundHere(
  { path, told }: { readonly path: string | undefined; readonly told: string | null },
  env: Readonly<Record<string, string | undefined>>,
): Promise<DaemonRuntime | null> {
  const program = path === undefined || path === '' ? undefined : findProgram(path, env['PATH']);
  if (program === undefined || (told === null && program !== path)) return null;
  const described = await describeRuntime(program, env);
  if (told !== null && !isSameRelease(described.version, told)) return null;
  const { version, limits } = described;
  return { version, builder: await builderOfRuntime(program, described, env), limits };
}

/** Daemons and runtimes write one version in several ways: `runc version 1.1.5+ds1`, `runc 1.1.5`. */
function isSameRelease(one: string, other: string): boolean {
  const [own, its] = [one, other].map((text) => /^(\w+)(?: version)? v?(\d+(?:\.\d+)+)/.exec(text)?.slice(1).join(' '));
  return own !== undefined && own === its;
}
