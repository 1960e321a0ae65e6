/** Byte order of a machine and of the BPF programs for it. */
export type ByteOrder = 'little-endian' | 'big-endian';

/** struct seccomp_data: what a filter sees of a system call. */
export interface SystemCall {
  /** AUDIT_ARCH_... */
  readonly arch: number;
  readonly nr: number;
  /** Up to six; missing ones are 0. */
  readonly args?: readonly bigint[];
  /** 0 where it is missing. */
  readonly instructionPointer?: bigint;
}

/** The result of running a filter for one system call. */
export interface Execution {
  /** The 32-bit return value: action in the upper, data in the lower half. */
  readonly value: number;
  /** Classic BPF instructions executed, the RET included; of stacked filters the sum. */
  readonly instructions: number;
}

/** How a filter's range of executed instructions is known. */
export type RangeKind =
  /** Arguments were found that reach both ends. */
  | 'exact'
  /** No arguments can lead outside; whether both ends can be reached was not shown. */
  | 'bound';

/** One answer that a filter can give to a system call. */
export interface CallOutcome {
  /** The 32-bit return value; `null` = computed from the arguments, so it may be any. */
  readonly value: number | null;
  /** ALLOW, ERRNO(EPERM), KILL_THREAD, ...; "any" where the value is computed. */
  readonly action: string;
  /** Instructions executed on the shortest and on the longest way to it. */
  readonly fewest: number;
  readonly most: number;
  /** A call that was run and gave this answer; absent where none was found, and where any call gives it. */
  readonly example?: SystemCall;
}

/** A filter's verdict on one system call of one architecture, over all arguments. */
export interface CallVerdict {
  /** By libseccomp's name: x86_64, x86, x32, aarch64, ... */
  readonly arch: string;
  readonly name: string;
  /** As in seccomp_data.nr. */
  readonly nr: number;
  /** In order of permissiveness, the most permissive first; at least one. */
  readonly outcomes: readonly CallOutcome[];
  /** The run with all arguments 0. */
  readonly zero: Execution;
  /** Instructions executed over all arguments. */
  readonly fewest: number;
  readonly most: number;
  readonly range: RangeKind;
  /** Whether the answer differs with the arguments (or the instruction pointer). */
  readonly dependsOnArguments: boolean;
  /** Whether the kernel finds ALLOW from number and architecture alone (seccomp_is_const_allow). */
  readonly constantAllow: boolean;
  /** Whether a kernel of this architecture keeps that in its bitmap and then runs no filter at all. */
  readonly cacheable: boolean;
}
