import type { Uint64 } from './seccomp.js';

/** A `minKernel` condition: kernel 6.2 is `{ kernel: 6, major: 2 }`; 0.0 (written as "") is met by every kernel. */
export interface MinKernel {
  readonly kernel: number;
  readonly major: number;
}

/** `includes` or `excludes` of a rule. */
export interface RuleFilter {
  readonly caps: readonly string[];
  readonly arches: readonly string[];
  readonly minKernel: MinKernel | null;
}

/** One argument condition; `op` is `null` where the profile has none (moby then writes "", iSulad refuses). */
export interface ProfileArg {
  readonly index: Uint64;
  readonly value: Uint64;
  readonly valueTwo: Uint64;
  readonly op: string | null;
}

/** One entry of `syscalls`, before anything is filtered. */
export interface ProfileRule {
  /** `null` where the profile has none: moby distinguishes that from an empty list. */
  readonly names: readonly string[] | null;
  /** The old single name; "" = none. */
  readonly name: string;
  readonly action: string | null;
  readonly errnoRet: Uint64 | null;
  readonly args: readonly ProfileArg[];
  readonly includes: RuleFilter | null;
  readonly excludes: RuleFilter | null;
}

/** One entry of `archMap`. */
export interface ArchMapEntry {
  readonly architecture: string | null;
  readonly subArchitectures: readonly string[];
}

/** A key of the file that moby does not know, or that is repeated. */
export interface OddKey {
  /** JSON path, `syscalls[3].errno`. */
  readonly path: string;
  readonly reason: string;
}

/** A profile in Docker's format, or an OCI `linux.seccomp` object, as moby's Go code reads it. */
export interface Profile {
  /** The file as the user named it, for messages. */
  readonly fileName: string;
  readonly defaultAction: string | null;
  readonly defaultErrnoRet: Uint64 | null;
  readonly architectures: readonly string[];
  readonly archMap: readonly ArchMapEntry[];
  readonly flags: readonly string[];
  readonly listenerPath: string;
  readonly listenerMetadata: string;
  readonly syscalls: readonly ProfileRule[];
  readonly oddKeys: readonly OddKey[];
  /**
   * The same file by iSulad's own reader, which throws `input` where iSulad refuses it; `null` where it reads the same.
   */
  readonly isuladReading: (() => Profile) | null;
}

/** Without a default action and rules, seccomp is disabled for moby, also where the profile has other fields. */
export const isDisabled = (profile: Profile): boolean =>
  (profile.defaultAction ?? '') === '' && profile.syscalls.length === 0;
