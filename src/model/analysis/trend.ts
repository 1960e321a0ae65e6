import type { HistoryCommit } from '../results/history.js';
import type { BetweenEstimate } from './between.js';
import type { Verdict } from './judgement.js';

/** What makes entries of a history comparable: a ratio of the same arms, measured alike on machines that are alike. */
export interface TrendKey {
  readonly scenario: string;
  /** How containers were started: one at a time, or in batches. */
  readonly shape: string;
  /** Name of the engine. */
  readonly engine: string;
  /** Of the host. */
  readonly fingerprint: string;
  readonly machine: string;
  readonly cpuModel: string;
  readonly arm: string;
  readonly baseline: string;
  readonly metric: 'cpu' | 'wall';
}

/** One run of a trend. */
export interface TrendPoint {
  /** Name of its results folder. */
  readonly name: string;
  readonly run: string;
  /** When the commit was made, or else when the run was started; ISO 8601, UTC. The points' order. */
  readonly date: string;
  readonly commit: HistoryCommit | null;
  readonly verdict: Verdict;
  /** Complete blocks. */
  readonly blocks: number;
  /** The arm's time over the baseline's. */
  readonly ratio: number;
  /** 95 % interval of this run alone. */
  readonly low: number | null;
  readonly high: number | null;
  /** As recorded in the history. */
  readonly report: string | null;
}

/** Points between two changes. */
export interface TrendLevel {
  /** Index of its first point. */
  readonly first: number;
  /** Index of its last point. */
  readonly last: number;
  /** Geometric mean of the points' ratios. */
  readonly ratio: number;
}

/** Something recorded that is another one from a change on. */
export interface ChangedFact {
  readonly fact: 'kernel' | 'engine' | 'libseccomp' | 'scenario' | 'bench' | 'node';
  readonly before: string;
  readonly after: string;
}

/** Where a trend has a new level. */
export interface TrendChange {
  /** Index of the first point of the new level. */
  readonly at: number;
  /** Of the permutation test. */
  readonly p: number;
  /** The new level over the one before, as log ratios; `null` where there is no scatter to judge by. */
  readonly step: BetweenEstimate | null;
  /** The newest level over the one before this change; the same as `step` at the last change. */
  readonly now: BetweenEstimate | null;
  /** What else changed at that point; the change may come of it. */
  readonly facts: readonly ChangedFact[];
}

/** An entry that proves nothing of a trend. */
export interface LeftOutPoint {
  readonly name: string;
  readonly run: string;
  readonly commit: HistoryCommit | null;
  /** Why it is left out; `described`: too few blocks for a verdict. */
  readonly verdict: Verdict;
}

/** One ratio from commit to commit. */
export interface Trend {
  readonly key: TrendKey;
  /** In the order of their dates. */
  readonly points: readonly TrendPoint[];
  readonly levels: readonly TrendLevel[];
  readonly changes: readonly TrendChange[];
  readonly leftOut: readonly LeftOutPoint[];
  /** Points that were searched for changes, the newest; 0: there are too few. */
  readonly searched: number;
}

/** Fewest points of a trend in which a change can be found: below, no order is rare enough for the test. */
export const FEWEST_POINTS = 10;

/** Why a trend was not evaluated. */
export type NotEvaluated =
  /** It has fewer than {@link FEWEST_POINTS} points. */
  | { readonly code: 'fewPoints'; readonly points: number }
  /** The run in question decided nothing. */
  | { readonly code: 'leftOut'; readonly verdict: Verdict };

/** What the gate says of one trend. */
export interface TrendCheck {
  readonly trend: Trend;
  /** Changes that made it slower, are not undone, and are new enough; none: it passes. */
  readonly regressions: readonly TrendChange[];
  /** `null`: it was evaluated. */
  readonly notEvaluated: NotEvaluated | null;
}

/** What the gate says of a history. */
export interface HistoryCheck {
  /** `notEvaluated` where anything was not evaluated and nothing is slower. */
  readonly state: 'passed' | 'slower' | 'notEvaluated';
  readonly trends: readonly TrendCheck[];
  /** Lines that could not be read: what they hold was not evaluated. */
  readonly damaged: readonly number[];
}
