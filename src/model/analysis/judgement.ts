import type { EmulationKind } from '../run/emulation.js';
import type { FilterCache } from '../run/scenario.js';

/**
 * What is compared. In a parallel scenario `wall` is the makespan, `cpu`, `contextSwitches` and `pageFaults` are the
 * batch's sums and `maxRss` the largest of its containers; `latency` exists only there. With duet blocks `cpu` comes
 * from them, `wall` from the solo blocks, and `duetWall` is wall time under the load of the other arm: it tells whether
 * arms differ, and by how much only roughly.
 */
export type Metric = 'cpu' | 'duetWall' | 'wall' | 'latency' | Counted;

/** Metrics other than time: they describe a start and decide no verdict. */
export type Counted = 'maxRss' | 'contextSwitches' | 'pageFaults' | 'userInstructions' | 'kernelInstructions';

/** The metrics of time; only they make a run faster or slower, the others say what else it cost. */
export const isTimed = (metric: Metric): boolean =>
  metric === 'cpu' || metric === 'wall' || metric === 'duetWall' || metric === 'latency';

/**
 * Five verdicts, and two that decide nothing. `described`: no verdict was to be had, because so few blocks were asked
 * for or nothing of this metric was recorded. `functional`: the run was emulated, so it proves that things work, and
 * its times say nothing. `faster` means less of the metric, `slower` more of it.
 */
export type Verdict = 'faster' | 'slower' | 'equivalent' | 'inconclusive' | 'invalid' | 'described' | 'functional';

/** From this many complete blocks on, the trimmed mean and its t interval are used; below, Hodges-Lehmann. */
export const FEWEST_FOR_TRIMMED = 30;

/** Why a comparison proves nothing. */
export type InvalidReason =
  /** Baseline and its copy differ. */
  | 'control'
  /** The evidence says that an arm did not run with the filter it is named after. */
  | 'treatment'
  /** A program that makes the containers was replaced while the run went on. */
  | 'runtimeChanged'
  /** Containers failed in one arm more than in the other, so what survived is not comparable. */
  | 'failures'
  /** The plan had enough blocks; too few of them were completed. */
  | 'tooFewBlocks';

/** What disproves that a comparison compared the filters it names. */
export type TreatmentFault =
  /** The containers of the arm ran without seccomp although it has a spec. */
  | { readonly code: 'noSeccomp'; readonly arm: string }
  | { readonly code: 'noFilter'; readonly arm: string }
  /** Arms that should differ in their spec had the same one and loaded the same filter. */
  | { readonly code: 'sameFilter'; readonly arm: string; readonly baseline: string }
  /** The control is not a copy of the baseline. */
  | {
      readonly code: 'notACopy';
      readonly control: string;
      readonly baseline: string;
      readonly what: 'spec' | 'filter';
    }
  /** Containers were not shown to find the runtime's cache of compiled filters as the arm says. */
  | {
      readonly code: 'cacheNotShown';
      readonly arm: string;
      readonly state: FilterCache;
      readonly shown: number;
      readonly containers: number;
    };

/** What a verdict rests on, besides the estimate. */
export type VerdictReason =
  | { readonly code: 'runtimeChanged'; readonly path: string | null }
  | { readonly code: 'treatment'; readonly fault: TreatmentFault }
  /** Containers (or batches) run and failed, of the arm and of baseline and control together. */
  | {
      readonly code: 'failures';
      readonly failed: number;
      readonly run: number;
      readonly othersFailed: number;
      readonly othersRun: number;
    }
  | { readonly code: 'tooFewBlocks'; readonly blocks: number; readonly planned: number; readonly needed: number }
  /** How much baseline and control differ; `null` where that is not known. */
  | { readonly code: 'control'; readonly logRatio: number | null; readonly p: number | null }
  | { readonly code: 'noBlock' }
  /** What was started is smaller than bench itself, whose peak memory Linux reports in its place. */
  | { readonly code: 'hidden' }
  /** No value above 0 of this metric. */
  | { readonly code: 'notRecorded' }
  | { readonly code: 'emulated'; readonly emulation: EmulationKind }
  | { readonly code: 'fewBlocks'; readonly blocks: number; readonly needed: number }
  /** The interval excludes 0; `small`: the effect is within the margin nevertheless. */
  | { readonly code: 'difference'; readonly small: boolean }
  | { readonly code: 'withinMargin' }
  | { readonly code: 'unresolved' };

/** The comparison as one of all rows of its report: Holm's adjusted p (1979), and the verdict by it. */
export interface FamilyJudgement {
  readonly p: number;
  readonly verdict: Verdict;
  /** Tests in the family. */
  readonly rows: number;
}

/**
 * How many more blocks would decide an inconclusive comparison in four cases of five, if the effect is what it looks
 * like. Noise moves, so a range: as noisy as until now, and cautiously (docs/method.md, section 9).
 */
export interface Settlement {
  readonly blocks: number;
  readonly moreBlocks: number;
  /** Where the machine stays as noisy as it was; at most `moreBlocks`. */
  readonly leastMoreBlocks: number;
  /** How long `leastMoreBlocks` and `moreBlocks` take at the pace of the run; `null`: the pace is not known. */
  readonly moreSeconds: readonly [number, number] | null;
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
}
