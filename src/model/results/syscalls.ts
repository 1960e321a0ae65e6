import type { ContainerRun } from '../container/container.js';
import type { FormatVersion } from './format.js';

/**
 * Whose system calls: a daemon's, its shim's, the runtime's up to and with the exec of the payload, the container's
 * from there on; `all` where they are not recorded separately.
 */
export const CALL_PARTS = ['daemon', 'shim', 'runtime', 'container', 'all'] as const;
/** Whose system calls; `all` where they are not recorded separately. */
export type CallPart = (typeof CALL_PARTS)[number];

/** One system call in one part of one run. */
export interface CallCount {
  /** As the kernel names it; {@link ANY_CALL} where only their sum is known. */
  readonly name: string;
  /**
   * Calls begun.
   *
   * @asType integer
   */
  readonly calls: number;
  /** Calls that returned an error; `null` where that is unknown. */
  readonly errors: number | null;
  /** Wall time of all these calls together; `null` where that is unknown. */
  readonly seconds: number | null;
}

/** The name for all calls, in counts without names. */
export const ANY_CALL = '(any call)';

/** One part's calls in one run. */
export interface PartCounts {
  readonly part: CallPart;
  /** By name, in alphabetic order. */
  readonly calls: readonly CallCount[];
  /**
   * seccomp, bpf and prctl by what they were asked, as `seccomp(SECCOMP_SET_MODE_FILTER)`; empty where that is not
   * recorded.
   */
  readonly operations: readonly CallCount[];
}

/** The counters, in the order of preference. */
export const COUNTERS = ['strace', 'perf-trace', 'perf-stat'] as const;
/** What counted system calls. */
export type CounterName = (typeof COUNTERS)[number];
export const COUNTER_CHOICES = ['auto', ...COUNTERS] as const;
/** A counter as --counter takes it. */
export type CounterChoice = 'auto' | CounterName;

/**
 * How a counter separates parts: at the payload's exec, by whole threads, by being attached to a server's processes, or
 * not at all.
 */
export type PartSplit = 'exec' | 'thread' | 'attached' | 'none';

/** A counter that works here. */
export interface CounterFacts {
  readonly name: CounterName;
  readonly version: string;
  readonly split: PartSplit;
}

/** Why a counter does not work here, and the command that would change it. */
export interface CounterRefusal {
  readonly name: CounterName;
  readonly reason: string;
  readonly fix: string | null;
}

/** A command that ran to its end while its system calls were counted. */
export interface CountedRun {
  /**
   * How it ended and how long it took; usage holds the counter's own work too, and the exit is perf's own where perf
   * counted: it does not pass the command's on.
   */
  readonly run: ContainerRun;
  /** Without parts that made no call. */
  readonly parts: readonly PartCounts[];
}

/** One arm's counting runs, or the reason why there are none. */
export type ArmCounts =
  | {
      readonly arm: string;
      readonly state: 'counted';
      /** One entry per repeat. */
      readonly runs: readonly (readonly PartCounts[])[];
      /** Wall times of the counted runs and of as many uncounted ones between them, in nanoseconds. */
      readonly countedNs: readonly number[];
      readonly uncountedNs: readonly number[];
      /** Of a server, for each of `runs`: the requests in which these calls were made. */
      readonly requests?: readonly number[];
    }
  | { readonly arm: string; readonly state: 'notCounted'; readonly reason: string };

/** syscalls.json: counts from separate runs, never from timed ones. */
export interface SyscallCounts {
  readonly formatVersion: FormatVersion;
  readonly counter: CounterFacts;
  /** Preferred counters that do not work here. */
  readonly refusals: readonly CounterRefusal[];
  /** What was traced besides the command, one line each (a daemon and its pid). */
  readonly notes: readonly string[];
  readonly arms: readonly ArmCounts[];
}
