import type { Description } from './description.js';

/** One arm of a parallel run. */
export interface ArmThroughput {
  readonly arm: string;
  /** Complete batches behind the figures. */
  readonly batches: number;
  /** Mean; from the release of the barrier to the end of the last container. */
  readonly makespanSeconds: number;
  /** Containers of a batch / mean makespan; its 95 % interval is that of the mean, `null` for a single batch. */
  readonly perSecond: number;
  readonly perSecondLow: number | null;
  readonly perSecondHigh: number | null;
  /** Start to end of single containers, waiting for a place in flight not included; quantiles of type 7. */
  readonly latency: Description | null;
  /** Of the percentiles, over batches; `null` for fewer than 6. */
  readonly latencyIntervals: Readonly<Record<LatencyShare, LatencyInterval>> | null;
}

/** Percentiles of a latency that have intervals. */
export type LatencyShare = 'median' | 'p90' | 'p99';

/** 95 % bounds in nanoseconds; `null`: beyond what was seen. */
export interface LatencyInterval {
  readonly low: number | null;
  readonly high: number | null;
}

/** One arm at one level of a sweep. */
export interface SweepPoint extends ArmThroughput {
  readonly concurrency: number;
  /**
   * Throughput at C / (C x throughput at 1), of the same arm: 1 is ideal; work that is all CPU time reaches at most
   * min(C, processors) / C. `null` without level 1.
   */
  readonly efficiency: number | null;
  /** 95 %, from those of both throughputs; `null` at level 1, where it is 1 by definition, and without them. */
  readonly efficiencyLow: number | null;
  readonly efficiencyHigh: number | null;
}

/** All levels of one sweep that are at hand. */
export interface Sweep {
  readonly id: string;
  /** Containers in a batch. */
  readonly count: number;
  readonly cpuCount: number;
  readonly levels: readonly number[];
  /** From the first measured start to the last end, over all levels. */
  readonly totalSeconds?: number;
  /** By level, arms in the order of the plan. */
  readonly points: readonly SweepPoint[];
}

/** Fewer values than this have no 99th percentile of their own: it lies between the two largest. */
export const FEWEST_FOR_P99 = 100;
