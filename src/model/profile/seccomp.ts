/** An exact unsigned 64-bit integer: a number up to 2^53-1, above it a bigint, which `--json` prints as a string. */
export type Uint64 = number | bigint;

/** OCI `linux.seccomp.syscalls[].args[]`. */
export interface SeccompArg {
  readonly index: Uint64;
  readonly value: Uint64;
  readonly valueTwo?: Uint64;
  readonly op: string;
}

/** OCI `linux.seccomp.syscalls[]`. */
export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: string;
  readonly errnoRet?: Uint64;
  readonly args?: readonly SeccompArg[];
}

/** OCI `linux.seccomp`, keys in moby's order. `null` in place of a spec: seccomp is disabled. */
export interface SeccompSpec {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: Uint64;
  readonly architectures?: readonly string[];
  readonly flags?: readonly string[];
  readonly listenerPath?: string;
  readonly listenerMetadata?: string;
  readonly syscalls?: readonly SeccompRule[];
}

/**
 * The architectures that a spec lists. `all`: every architecture of the profile (*before*); `host`: the host and its
 * compat architectures (*after*), but an explicit list as a whole; `trim`: the same, and an explicit list cut to them;
 * `native`: only the host.
 */
export const POLICIES = ['all', 'host', 'trim', 'native'] as const;
/** Which architectures a conversion copies. */
export type ArchitecturePolicy = (typeof POLICIES)[number];

/** Whose rules a conversion follows. */
export const DIALECTS = ['moby', 'isulad'] as const;
/** Whose conversion rules apply. */
export type Dialect = (typeof DIALECTS)[number];

/** Go's names for host architectures, as moby's tables use them. */
export type GoArch = string;

/** Something that a conversion, or a runtime's limits, left out of the spec. */
export interface LeftOut {
  readonly kind: 'architecture' | 'rule' | 'syscall' | 'field';
  /** The name, or the JSON path, of what was left out. */
  readonly what: string;
  readonly reason: string;
}
