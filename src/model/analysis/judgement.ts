/**
 * What is compared. In a parallel scenario `wall` is the makespan, `cpu` and `contextSwitches` are the batch's sums and
 * `maxRss` the largest of its containers; `latency` exists only there.
 */
export type Metric = 'cpu' | 'wall' | 'latency' | 'maxRss' | 'contextSwitches';

/** The metrics of time; only they make a run faster or slower, the others say what else it cost. */
export const isTimed = (metric: Metric): boolean => metric === 'cpu' || metric === 'wall' || metric === 'latency';

/**
 * Five verdicts, and two that decide nothing. `described`: no verdict was to be had, because so few blocks were asked
 * for or nothing of this metric was recorded. `functional`: the run was emulated, so it proves that things work, and
 * its times say nothing. `faster` means less of the metric, `slower` more of it.
 */
export type Verdict = 'faster' | 'slower' | 'equivalent' | 'inconclusive' | 'invalid' | 'described' | 'functional';

/** Why a comparison proves nothing. */
export type InvalidReason =
  /** Baseline and its copy differ. */
  | 'control'
  /** The evidence says that an arm did not run with the filter it is named after. */
  | 'treatment'
  /** Containers failed in one arm more than in the other, so what survived is not comparable. */
  | 'failures'
  /** The plan had enough blocks; too few of them were completed. */
  | 'tooFewBlocks';

/** The comparison as one of all rows of its report: Holm's adjusted p (1979), and the verdict by it. */
export interface FamilyJudgement {
  readonly p: number;
  readonly verdict: Verdict;
  /** Rows tested together. */
  readonly rows: number;
}

/** How many more would settle an inconclusive comparison, four times of five. */
export interface Settlement {
  readonly blocks: number;
  readonly moreBlocks: number;
  /** Of all arms together. */
  readonly moreContainers: number;
}

/** The smallest effect that this number of blocks with this spread finds, as a share (0.007 = 0.7 %). */
export interface Resolution {
  readonly arm: string;
  readonly metric: Metric;
  readonly blocks: number;
  /** With 80 % and with 90 % power, at 5 % two-sided. */
  readonly detectable80: number;
  readonly detectable90: number;
  /** `this run could have seen 0.70 % in CPU time`. */
  readonly sentence: string;
}
