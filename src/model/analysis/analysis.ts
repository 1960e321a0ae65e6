import type { Bound } from './bound.js';
import type { CallAnalysis } from './call-analysis.js';
import type { FailureStage, Ledger } from '../results/ledger.js';
import type { RunResult } from '../results/result.js';
import type {
  FamilyJudgement,
  InvalidReason,
  Metric,
  Resolution,
  Settlement,
  Verdict,
  VerdictReason,
} from './judgement.js';
import type { Description } from './description.js';
import type { StageComparison } from './stage-analysis.js';
import type { BreakAnalysis } from './break-analysis.js';
import type { ArmThroughput } from './throughput.js';
import type { ExecAnalysis, WorkloadAnalysis } from './workload-analysis.js';
import type { Diagnostic, ExactComparison, StoppingOutcome } from './findings.js';
import type { AddedTime, PowerCurve, RunSeries } from './series.js';
import type { RunWarning } from './warnings.js';

export type * from './break-analysis.js';
export type * from './judgement.js';
export type * from './findings.js';
export type * from './warnings.js';
export type * from './stage-analysis.js';
export type * from './series.js';

/** How an effect was estimated (docs/method.md). */
export type EstimationMethod =
  /**
   * Trimmed means of the log differences to both befores, averaged over cuts of 5 to 35 %; standard error after Yuen.
   */
  | 'trimmed-both'
  /** The same against one arm only. */
  | 'trimmed-one'
  /** Median of Walsh averages, exact Wilcoxon interval; for fewer than 30 blocks. */
  | 'hodges-lehmann';

/** An effect as a log ratio; percent = 100 * (exp(x) - 1). */
export interface Estimate {
  readonly method: EstimationMethod;
  /** Complete blocks used. */
  readonly blocks: number;
  readonly logRatio: number;
  /** 95 % interval; infinite where so few blocks have none. */
  readonly low: Bound;
  readonly high: Bound;
  /** Two-sided; of the same t or Wilcoxon distribution as the interval. */
  readonly p: number;
  readonly standardError: number | null;
  readonly degreesOfFreedom: number | null;
  /** 90 % interval inside the margin: two one-sided tests at 5 %. */
  readonly equivalent: boolean;
  /** Mean log ratio, next to the trimmed one. */
  readonly meanLogRatio: number;
  /**
   * |z| > 2.58: the arms' tails differ, so mean and trimmed mean answer different questions.
   */
  readonly tailZ: number | null;
  readonly tailDiffers: boolean;
  /**
   * Lag-1 autocorrelation of what each block moves the estimate by (of the winsorised differences); above 0.15 at 100
   * blocks or more means dependent blocks.
   */
  readonly lag1: number | null;
  readonly dependent: boolean;
}

/** One arm against the baseline (and its control), in one metric. */
export interface Comparison {
  readonly arm: string;
  readonly baseline: string;
  readonly control: string | null;
  readonly metric: Metric;
  /** `null` where no complete block exists. */
  readonly estimate: Estimate | null;
  readonly verdict: Verdict;
  /** `null` unless the verdict is `invalid`. */
  readonly invalid: InvalidReason | null;
  /** `null` where there is no p to adjust. */
  readonly family: FamilyJudgement | null;
  /** `null` unless the verdict is `inconclusive`. */
  readonly settlement: Settlement | null;
  /** What the verdict rests on. */
  readonly reason: VerdictReason;
}

/** The A/A check: control against baseline. */
export interface ControlCheck {
  readonly metric: Metric;
  readonly estimate: Estimate | null;
  /** ok: p >= 0.01; warning: below; invalid: below 0.001. */
  readonly state: 'ok' | 'warning' | 'invalid' | 'unknown';
}

/** Failures of one arm by stage, errno and cause; `stderr` is the end of what the runtime wrote for the first one. */
export interface FailureCount {
  readonly arm: string;
  readonly stage: FailureStage;
  readonly errno: string | null;
  readonly cause: string;
  readonly count: number;
  readonly stderr: string;
}

export interface ArmSummary {
  readonly arm: string;
  readonly planned: number;
  readonly ok: number;
  readonly failed: number;
  /** Planned, but the run ended before. */
  readonly notRun: number;
  readonly wall: Description | null;
  readonly cpu: Description | null;
  /** Per container, in a parallel scenario. */
  readonly latency: Description | null;
  /**
   * Seconds the published charts show: all of the arm's containers of complete blocks one after the other, or the mean
   * makespan of a batch.
   */
  readonly totalSeconds: number | null;
  /** 95 % t interval of that total. */
  readonly totalSecondsLow: number | null;
  readonly totalSecondsHigh: number | null;
}

/** All that is derived from one results folder. */
export interface Analysis {
  readonly blocksPlanned: number;
  readonly blocksComplete: number;
  /** Of a run with duet blocks: the complete blocks that are solo, from which medians and totals come. */
  readonly soloBlocks?: number;
  readonly arms: readonly ArmSummary[];
  /** CPU first, wall second, per arm in the plan's order. */
  readonly comparisons: readonly Comparison[];
  readonly controls: readonly ControlCheck[];
  readonly exact: readonly ExactComparison[];
  /** Absent where system calls were not counted. */
  readonly calls?: CallAnalysis;
  /** Absent where no program ran in place of the payload. */
  readonly workload?: WorkloadAnalysis;
  /** Absent where starts were timed, and of an emulated run. */
  readonly execs?: ExecAnalysis;
  /** Where each compared arm's difference lies; empty where stages were not recorded. */
  readonly stages: readonly StageComparison[];
  /**
   * Slot effect, drift, carry-over, dependence, tails: always the numbers, whether or not they are clear enough for a
   * warning.
   */
  readonly diagnostics: readonly Diagnostic[];
  /** Where the run was resumed; absent: nowhere that could be looked at. */
  readonly breaks?: readonly BreakAnalysis[];
  /** Per comparison that has an interval. */
  readonly resolution: readonly Resolution[];
  /** Per timed comparison that has an interval: the same for fewer and more blocks. */
  readonly power: readonly PowerCurve[];
  /** What each compared arm adds or saves; empty where no block is complete, and of an emulated run. */
  readonly added: readonly AddedTime[];
  /** The run as it went on; `null` where no turn is complete, and of an emulated run. */
  readonly series: RunSeries | null;
  /** One per rule that could have ended the run; none where the count was fixed beforehand. */
  readonly stopping: readonly StoppingOutcome[];
  readonly failures: readonly FailureCount[];
  /** Per arm with a complete batch; empty in a sequential scenario. */
  readonly throughput: readonly ArmThroughput[];
  /** Where every planned container went. */
  readonly ledger: Ledger;
  readonly margin: number;
  /** Besides those of the results folder itself. */
  readonly warnings: readonly RunWarning[];
}

/** A results folder and what was derived from it: all a report needs. */
export interface AnalysedRun {
  readonly run: RunResult;
  readonly analysis: Analysis;
}
