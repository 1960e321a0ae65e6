import type { Mode } from './time-plan.js';
import type { Metric } from '../analysis/judgement.js';

/** What finding an effect takes, from a pilot's spread. */
export interface PlannedCount {
  /** The share of true effects of that size that is found, at 5 % two-sided. */
  readonly power: 0.8 | 0.9;
  /**
   * Where the machine stays as noisy as in the pilot, runs of that many blocks keep the promise on average (calibrated
   * within 3 points).
   */
  readonly blocks: number;
  /** Also where the noise level moves as it was seen to. */
  readonly cautious: number;
  /** How long `blocks` take. */
  readonly seconds: number;
  /** How long `cautious` blocks take. */
  readonly cautiousSeconds: number;
  /** Half width, as a share, at which a run may end and keeps the promise regardless of the pilot. */
  readonly halfWidth: number;
  /** The most blocks that run may take: its --count. */
  readonly most: number;
}

/** One way to see an effect: a mode and a metric, with what it takes. */
export interface PlannedWay {
  readonly mode: Mode;
  readonly metric: Metric;
  readonly pilotBlocks: number;
  /** Blocks that find the effect with 80 % power, noise that moves included. */
  readonly blocks: number;
  readonly seconds: number;
  /** Where the machine stays as noisy as in the pilot. */
  readonly leastBlocks: number;
  readonly leastSeconds: number;
  /** Half width, as a share, at which a run may end and keeps the promise regardless of the pilot. */
  readonly halfWidth: number;
  /** The most blocks that run may take: its --blocks. */
  readonly most: number;
}

/** One arm and metric of a plan. */
export interface PlanRow {
  readonly arm: string;
  readonly metric: Metric;
  /** A share: 0.0058 = 0.58 %. */
  readonly effect: number;
  readonly pilotBlocks: number;
  readonly counts: readonly PlannedCount[];
  /** Smallest effect that the scenario's own count finds, as shares. */
  readonly blocks: number;
  readonly detectable80: number;
  readonly detectable90: number;
}
