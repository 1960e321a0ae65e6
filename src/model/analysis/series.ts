import type { Metric } from './judgement.js';
import type { Amount } from './workload-analysis.js';

/**
 * What an arm adds to the time of its baseline (and its copy), in nanoseconds: the trimmed mean of the differences of
 * the blocks, with its 95 % interval. Negative: it saves that much.
 */
export interface AddedTime extends Amount {
  readonly arm: string;
  readonly baseline: string;
  readonly metric: Extract<Metric, 'cpu' | 'wall'>;
  /** Of one container; `false`: of a batch, whose containers run at the same time. */
  readonly perContainer: boolean;
  /** Complete blocks used. */
  readonly blocks: number;
}

/** What so many blocks of a run's spread can show. */
export interface PowerCurve {
  readonly arm: string;
  readonly baseline: string;
  readonly metric: Metric;
  /** Of this run. */
  readonly blocks: number;
  /** Ascending; the smallest change found in 80 and in 90 of 100 runs, as a share (0.01 = 1 %). */
  readonly points: readonly { readonly blocks: number; readonly detectable80: number; readonly detectable90: number }[];
}

/** One block, or as many as {@link RunSeries.bucket} says, next to each other. */
export interface SeriesPoint {
  /** The first of its blocks. */
  readonly block: number;
  readonly median: number;
  /** The smallest and largest; equal to the median of a single block. */
  readonly low: number;
  readonly high: number;
  /** How many lie beyond the outer fence. */
  readonly outliers: number;
}

/** The median of one part of the run. */
export interface SeriesPart {
  readonly from: number;
  /** Not included. */
  readonly to: number;
  readonly median: number;
}

/** An estimated density over equally spaced values. */
export interface Density {
  readonly from: number;
  readonly step: number;
  /** Per nanosecond. */
  readonly heights: readonly number[];
}

/** All complete turns of an arm in one metric, in nanoseconds. */
export interface ArmSeries {
  readonly arm: string;
  readonly count: number;
  /** In run order. */
  readonly points: readonly SeriesPoint[];
  /** Medians of equal parts of the run: they show drift. */
  readonly parts: readonly SeriesPart[];
  /** One per warm-up block, in run order. */
  readonly warmup: readonly number[];
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  /** The smallest and largest value within the outer fence: 3 interquartile ranges beyond the quartiles. */
  readonly low: number;
  readonly high: number;
  /** Beyond that fence; the largest and smallest {@link MOST_OUTLIERS} at most. */
  readonly outliers: readonly number[];
  readonly outlierCount: number;
  /** Between `low` and `high`; `null` of few or equal values. */
  readonly density: Density | null;
}

/** So many outliers of an arm are kept one by one. */
export const MOST_OUTLIERS = 200;

/** Arm against baseline (and its copy) by block, in percent. */
export interface PairedSeries {
  readonly arm: string;
  readonly baseline: string;
  readonly points: readonly SeriesPoint[];
  readonly parts: readonly SeriesPart[];
}

/** A run as it went on, in the metric that decides, thinned for drawing. */
export interface RunSeries {
  readonly metric: Extract<Metric, 'cpu' | 'wall'>;
  /** Blocks that the run was to have, or had where a rule ended it. */
  readonly blocks: number;
  readonly warmupBlocks: number;
  /** Blocks in one point; 1 where nothing was thinned. */
  readonly bucket: number;
  readonly arms: readonly ArmSeries[];
  readonly paired: readonly PairedSeries[];
}
