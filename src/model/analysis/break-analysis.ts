import type { BetweenEstimate } from './between.js';
import type { Metric } from './judgement.js';

/**
 * What one arm did before and after a break. `effect`: its change against its baseline, pair by pair within the blocks.
 * `level`: the baseline's own time, which also drifts without a break.
 */
export interface BreakRow {
  readonly kind: 'effect' | 'level';
  readonly arm: string;
  readonly metric: Metric;
  /** After over before, as log ratios; `null` where there are fewer than 30 complete blocks on one side. */
  readonly estimate: BetweenEstimate | null;
  /** p of the estimate, adjusted for all rows of its kind (Holm); `null` without an estimate. */
  readonly adjusted: number | null;
  /** Whether it changed: adjusted p below 0.01. */
  readonly changed: boolean;
}

/** A place where a run was resumed. */
export interface BreakAnalysis {
  /** The first block after it. */
  readonly block: number;
  /** When it was resumed: ISO 8601, UTC. */
  readonly at: string;
  /** Complete blocks before and after it that are compared. */
  readonly blocks: readonly [before: number, after: number];
  readonly rows: readonly BreakRow[];
}
