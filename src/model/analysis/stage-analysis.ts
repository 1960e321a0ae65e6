import type { Bound } from './bound.js';
import type { Stage } from '../container/stages.js';

/** A paired difference in nanoseconds, with its 95 % t interval; infinite where one block has none. */
export interface SpanDifference {
  /** Means over the blocks used, so that those of the stages add up to those of the whole. */
  readonly baselineNs: number;
  readonly armNs: number;
  /** Arm minus baseline; with a control, minus the mean of baseline and control. */
  readonly differenceNs: number;
  readonly lowNs: Bound;
  readonly highNs: Bound;
}

/** What one stage adds to the difference. */
export interface StageDifference extends SpanDifference {
  readonly stage: Stage;
  /** Of the whole difference; `null` where that is 0. Shares add up to 1, and one may be negative. */
  readonly share: number | null;
}

/** How much of the difference the same work accounts for when it is done in bench's own process. */
export interface Explained {
  readonly differenceNs: number;
  /** Of the whole difference seen from outside. */
  readonly share: number;
}

/** Where an arm's difference lies: its stages, in order, and their sum. */
export interface StageComparison {
  readonly arm: string;
  readonly baseline: string;
  /** Complete blocks in which every container recorded its stages. */
  readonly blocks: number;
  readonly stages: readonly StageDifference[];
  readonly total: SpanDifference;
  /** The stage with the largest difference; `null` where the whole or that stage does not differ beyond chance. */
  readonly largest: Stage | null;
  /** `null` where that was not timed, or the whole does not differ beyond chance. */
  readonly explained: Explained | null;
}
