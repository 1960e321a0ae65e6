/** A described distribution of one arm in one metric, in nanoseconds, over ok and measured containers (or batches). */
export interface Description {
  readonly count: number;
  readonly min: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
  readonly mean: number;
  readonly standardDeviation: number | null;
  /** Beyond 3 interquartile ranges of the quartiles: marked, never removed. */
  readonly outliers: number;
}
