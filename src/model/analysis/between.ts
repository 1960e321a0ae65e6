import type { Bound } from './bound.js';
import type { Metric, Verdict } from './judgement.js';

/**
 * A difference between two runs as a log ratio (candidate over base) with its 95 % interval; percent = 100 * (exp(x) -
 * 1).
 */
export interface BetweenEstimate {
  /** Candidate over base. */
  readonly logRatio: number;
  readonly low: Bound;
  readonly high: Bound;
  /** Two-sided. */
  readonly p: number;
  /** 90 % interval inside the margin. */
  readonly equivalent: boolean;
}

/**
 * One row of a comparison of two runs. `effect`: how much an arm's change against its own run's baseline differs; what
 * moved the whole machine between the runs cancels out. `level`: how much the arm's own time differs; drift between the
 * runs is included and cannot be separated.
 */
export interface BetweenRow {
  readonly kind: 'effect' | 'level';
  readonly arm: string;
  readonly metric: Metric;
  /** `null` where a run has fewer than 30 complete blocks. */
  readonly estimate: BetweenEstimate | null;
  /** Only an effect is judged. */
  readonly verdict: Verdict;
}

/** Two runs compared with each other. */
export interface BetweenRuns {
  readonly rows: readonly BetweenRow[];
  /** Arms that only one of the runs has. */
  readonly unmatched: readonly { readonly arm: string; readonly only: 'base' | 'candidate' }[];
}
