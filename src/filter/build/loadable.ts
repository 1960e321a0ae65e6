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
  /** Path of the libseccomp.so that the runtime builds with; absent: this machine's. */
  readonly library?: string;
}

/** A spec that can be loaded, and what had to be left out for that. */
export interface Loadable {
  readonly spec: SeccompSpec | null;
  readonly leftOut: readonly LeftOut[];
}

/**
 * The spec without the architectures that cannot be loaded here: unknown to libseccomp, of the other
 * byte order (libseccomp keeps one per filter), or refused by the runtime. Everything else stays, in its order.
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
  const library = libseccompOrNull(limits.library);
  const order = byteOrderOf(libseccompName(name), library);
  if (order === undefined) return `libseccomp ${library?.version ?? '2'} does not know it`;
  const own = byteOrderOf(nativeName(limits.machine), library);
  if (own === undefined || own === order) return undefined;
  return `${order}, which libseccomp cannot combine with ${limits.machine}`;
}

/** Asks the library, if it is installed: a runtime with its own copy may run on a machine without it. */
function byteOrderOf(name: string, library: Libseccomp | null): ByteOrder | undefined {
  if (library === null) return byteOrderOfName(name);
  const token = library.architectureToken(name);
  return token === 0 ? undefined : byteOrderOfToken(token);
}
