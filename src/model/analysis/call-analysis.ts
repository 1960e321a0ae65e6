import type { CallPart, CounterFacts, CounterRefusal } from '../results/syscalls.js';

/** Fewest and most over the repeats; equal where the count is stable. */
export interface Spread {
  readonly min: number;
  readonly max: number;
}

/** One system call in one part of an arm, over its repeats. */
export interface CallRow {
  readonly name: string;
  readonly calls: Spread;
  /** `null` where the counter reports no errors. */
  readonly errors: Spread | null;
  /** Median over the repeats of the time in all its calls; `null` where the counter reports no time. */
  readonly seconds: number | null;
  /** Median of the repeats' mean times per call. */
  readonly usecsPerCall: number | null;
  /** Of the part's seconds, 0 to 1. */
  readonly timeShare: number | null;
}

/** The calls of one part of an arm. */
export interface PartTable {
  readonly part: CallPart;
  /** Those with most time first, as strace -c sorts; without times, those with most calls. */
  readonly rows: readonly CallRow[];
  readonly total: CallRow;
  /** seccomp, prctl and bpf by what they were asked. */
  readonly operations: readonly CallRow[];
}

/**
 * What counting did to the wall time of a start: medians in nanoseconds, and the median ratio of a counted run to the
 * uncounted one next to it.
 */
export interface Slowdown {
  readonly countedNs: number;
  readonly uncountedNs: number;
  readonly ratio: number;
}

/** The calls of one arm, by part. */
export interface ArmCallTable {
  readonly arm: string;
  readonly repeats: number;
  readonly parts: readonly PartTable[];
  /** `null` where wall times were not measured. */
  readonly slowdown: Slowdown | null;
  /** Of a server: the requests in which the calls of a run were made, mean over the runs. */
  readonly requests?: number;
}

/**
 * `same` and `differs`: the counts, errors too, are stable in both and compared exactly. Where one varies: `apart` if
 * the ranges of calls do not meet, else `overlaps`.
 */
export type DifferenceState = 'same' | 'differs' | 'apart' | 'overlaps';

/** One call of two arms, compared. */
export interface CallDifference {
  readonly part: CallPart;
  readonly name: string;
  readonly before: Spread;
  readonly after: Spread;
  readonly errorsBefore: Spread | null;
  readonly errorsAfter: Spread | null;
  /** As in {@link CallRow}: with the counter's own work in it, so a hint and no measurement. */
  readonly usecsBefore: number | null;
  readonly usecsAfter: number | null;
  readonly state: DifferenceState;
}

/** One arm's counts compared with another's. */
export interface CallComparison {
  readonly arm: string;
  readonly baseline: string;
  /** Fewest runs of either; a single run does not show what varies. */
  readonly repeats: number;
  /** By part, then by name; the totals of the parts are not among them. */
  readonly calls: readonly CallDifference[];
  /** seccomp, prctl and bpf by what they were asked. */
  readonly operations: readonly CallDifference[];
}

/** Why counts are those of a client of a daemon, or of anything else than a container. */
export interface ClientSigns {
  /**
   * `nothingMade`: no call that makes a container and no sign of a client; `madeByOthers`: it talks to something that
   * made the container; `client`: it looks like the docker client, a Go program that asks a daemon.
   */
  readonly code: 'nothingMade' | 'madeByOthers' | 'client';
  /** Calls that make a container; none of them was counted. */
  readonly making: readonly string[];
  /** Counted calls by which a client talks to a daemon. */
  readonly talking: readonly string[];
  /** Counted calls that every Go program makes. */
  readonly go: readonly string[];
}

/** The counting runs of a run. */
export interface CallAnalysis {
  readonly counter: CounterFacts;
  readonly refusals: readonly CounterRefusal[];
  readonly notes: readonly string[];
  readonly arms: readonly ArmCallTable[];
  readonly notCounted: readonly { readonly arm: string; readonly reason: string }[];
  readonly comparisons: readonly CallComparison[];
}
