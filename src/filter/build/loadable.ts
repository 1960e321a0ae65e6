import { BenchError } from '../../errors.js';
import type { LeftOut, SeccompSpec } from '../../model/profile/seccomp.js';
import type { ByteOrder } from '../../model/filter/simulation.js';
import { byteOrderOfName, byteOrderOfToken, libseccompName, nativeName } from '../inspect/architectures.js';
import { libseccompOrNull } from './libseccomp.js';
import type { Libseccomp } from './libseccomp.js';

/** What a runtime on a machine can load; names as in a spec (SCMP_ARCH_...). */
export interface LoadLimits {
  /** A `uname -m` name. */
  readonly machine: string;
  /** Architectures that the runtime has refused. */
  readonly refusedArchitectures?: ReadonlySet<string>;
  /** All architectures that the runtime says it knows; absent where it does not say. */
  readonly knownArchitectures?: ReadonlySet<string>;
  /** Absent: this machine's libseccomp builds the filter, for nobody in particular. */
  readonly builtBy?: LoadingLibrary;
}

/** The libseccomp that builds a filter for a runtime. */
export interface LoadingLibrary {
  /** Whose it is, `runc 1.3.6`. */
  readonly runtime: string;
  /** Whether it is this machine's. */
  readonly isOwn: boolean;
  /** The file of another one; absent: it cannot be asked here, and the runtime tells when it is tried. */
  readonly path?: string;
}

/** A spec that can be loaded, and what had to be left out for that. */
export interface Loadable {
  readonly spec: SeccompSpec | null;
  readonly leftOut: readonly LeftOut[];
}

/**
 * The spec without the architectures that cannot be loaded: unknown to the libseccomp that builds the filter, as far as
 * it can be asked, of the other byte order (libseccomp keeps one per filter), or refused by the runtime. Everything
 * else stays, in its order.
 */
export function toLoadable(spec: SeccompSpec | null, limits: LoadLimits): Loadable {
  if (spec?.architectures === undefined) return { spec, leftOut: [] };
  const judged = spec.architectures.map((name) => ({ name, reason: reasonAgainst(name, limits) }));
  const leftOut = judged.flatMap(({ name, reason }): LeftOut[] =>
    reason === undefined ? [] : [{ kind: 'architecture', what: name, reason }],
  );
  if (leftOut.length === 0) return { spec, leftOut };
  return {
    spec: { ...spec, architectures: judged.filter(({ reason }) => reason === undefined).map(({ name }) => name) },
    leftOut,
  };
}

function reasonAgainst(name: string, limits: LoadLimits): string | undefined {
  if (limits.refusedArchitectures?.has(name) === true) return 'the runtime refuses it';
  if (limits.knownArchitectures?.has(name) === false) return 'not supported by the runtime';
  const library = askedLibrary(limits);
  const order = byteOrderOf(library, libseccompName(name));
  if (order === undefined) return library === null ? undefined : unknownTo(library, limits);
  const own = byteOrderOf(library, nativeName(limits.machine));
  if (own === undefined || own === order) return undefined;
  return `${order}, which libseccomp cannot combine with ${limits.machine}`;
}

function askedLibrary({ builtBy }: LoadLimits): Libseccomp | null {
  try {
    return builtBy?.isOwn === false && builtBy.path === undefined ? null : libseccompOrNull(builtBy?.path);
  } catch (error) {
    // What a runtime can load is not always a library for this process.
    if (error instanceof BenchError) return null;
    throw error;
  }
}

const unknownTo = ({ version }: Libseccomp, { builtBy }: LoadLimits): string =>
  `libseccomp ${version}${builtBy === undefined ? ' of this machine' : `, which ${builtBy.runtime} uses,`} does not know it`;

/** Asks the library, if there is one to ask: a runtime with its own copy may run on a machine without it. */
function byteOrderOf(library: Libseccomp | null, name: string): ByteOrder | undefined {
  if (library === null) return byteOrderOfName(name);
  const token = library.architectureToken(name);
  return token === 0 ? undefined : byteOrderOfToken(token);
}
