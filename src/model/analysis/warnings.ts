import type { RunConditions } from '../results/conditions.js';
import type { Emulation } from '../run/emulation.js';
import type { Diagnostic, StoppingOutcome } from './findings.js';
import type { FilterForm } from '../filter/form.js';
import type { BuiltPrediction } from '../run/evidence.js';
import type { Metric } from './judgement.js';
import type { Unended } from '../results/ledger.js';
import type { WrittenSize } from '../container/written.js';

/** Failed containers by arm. */
export interface ArmFailures {
  readonly arm: string;
  readonly count: number;
}

/** Size of the file that an engine writes for every container. */
type FileSize = Pick<WrittenSize, 'bytes' | 'sections'>;

/** A run that was stopped, or has no end on record; `blocks` of the `planned` ones are complete. */
export type UnfinishedRun =
  | { readonly code: 'interrupted'; readonly blocks: number; readonly planned: number }
  | { readonly code: 'unended'; readonly state: Unended; readonly blocks: number; readonly planned: number };

/** What a reader must know before believing a run, with its numbers; a closed set, worded by the report. */
export type RunWarning =
  | { readonly code: 'emulated'; readonly emulation: Emulation }
  /** The run ended early because of --max-failures; `limit` is `null` where it was not recorded. */
  | { readonly code: 'maxFailures'; readonly limit: number | null }
  /** The run ended early: every container of several blocks in a row failed. */
  | { readonly code: 'failedBlocks' }
  /** The run ended early: a program that makes the containers was replaced. `null`: it is not known which. */
  | { readonly code: 'runtimeChanged'; readonly path: string | null }
  /** Something stood still in so many attempts of so many blocks, `gapNs` in all at most; they were run again. */
  | {
      readonly code: 'paused';
      readonly times: number;
      readonly blocks: number;
      readonly gapNs: number;
      /** Blocks that stood still in their last attempt too. */
      readonly left: number;
    }
  /** The machine did other work meanwhile. */
  | ({ readonly code: 'hostBusy' } & RunConditions)
  /** An error ended the run. */
  | { readonly code: 'endedByError' }
  | UnfinishedRun
  /** The effect is not the same before and after the place where the run was resumed; `logRatio`: after over before. */
  | {
      readonly code: 'effectAtBreak';
      readonly block: number;
      readonly arm: string;
      readonly metric: Metric;
      readonly logRatio: number;
      /** Adjusted for all tests of breaks (Holm). */
      readonly p: number;
    }
  /** Containers the runtime left behind, and those of them that could not be removed. */
  | { readonly code: 'leaked'; readonly leaked: readonly string[]; readonly left: readonly string[] }
  | {
      readonly code: 'blocksFailed';
      readonly blocks: number;
      readonly planned: number;
      readonly failures: readonly ArmFailures[];
    }
  | {
      readonly code: 'blocksNotRun';
      readonly blocks: number;
      readonly planned: number;
      /** Containers that were interrupted. */
      readonly interrupted: number;
    }
  /** Containers failed during warm-up, which no count of the measured ones shows. */
  | { readonly code: 'warmupFailed'; readonly failures: readonly ArmFailures[]; readonly cause: string }
  /** The plan names the arm, other arms have samples, this one has none. */
  | { readonly code: 'armMissing'; readonly arm: string }
  /** `described`: too few blocks for a verdict; `simple`: estimated without the control. */
  | {
      readonly code: 'fewBlocks';
      readonly state: 'described' | 'simple';
      readonly blocks: number;
      readonly needed: number;
    }
  /** `isPredicted`: it is known what should be loaded. */
  | {
      readonly code: 'filterNotSeen';
      readonly arm: string;
      readonly reason: string;
      readonly isPredicted: boolean;
    }
  /** The loaded filter has other bytes than the one predicted, in either form. */
  | { readonly code: 'otherFilter'; readonly arm: string; readonly loaded: number; readonly predicted: BuiltPrediction }
  /** The loaded filter has a form that the version of its runtime does not tell. */
  | { readonly code: 'otherForm'; readonly arm: string; readonly form: FilterForm; readonly runtime: string | null }
  /** Another spec than the baseline's, the same filter; `written` where the file of every start is smaller. */
  | {
      readonly code: 'sameFilter';
      readonly arm: string;
      readonly baseline: string;
      readonly written: { readonly baseline: FileSize; readonly arm: FileSize } | null;
    }
  | { readonly code: 'controlUnchecked'; readonly metric: Metric }
  | {
      readonly code: 'controlDiffers';
      readonly state: 'warning' | 'invalid';
      readonly metric: Metric;
      readonly logRatio: number;
      readonly p: number;
    }
  /** Most blocks gave exactly the same ratio. */
  | { readonly code: 'noSpread'; readonly arm: string; readonly metric: Metric }
  /** Adjusted for all tests of the report (Holm), the difference is not significant. */
  | {
      readonly code: 'notByHolm';
      readonly arm: string;
      readonly metric: Metric;
      readonly tests: number;
      readonly p: number;
    }
  /** Wall time differs in duet blocks, which does not tell by how much it differs alone. */
  | { readonly code: 'underLoad'; readonly arms: readonly string[] }
  /** In duet blocks the longer arm ran without the other for that share of its time: sizes are off. */
  | { readonly code: 'aloneAtEnd'; readonly arm: string; readonly share: number }
  /** Effects large enough for carry-over to show, in a run without a pause. */
  | { readonly code: 'noPause'; readonly arms: readonly string[] }
  /** Complete blocks in which the processor's counters were not there for all of a start: its counts are not known. */
  | { readonly code: 'countersShared'; readonly blocks: number; readonly of: number }
  /** Complete blocks that a value of 0 made unusable for the metric. */
  | { readonly code: 'zeroValues'; readonly metric: Metric; readonly blocks: number }
  | { readonly code: 'diagnostic'; readonly diagnostic: Diagnostic }
  /** A rule that was to end the run did not. */
  | { readonly code: 'ruleNotReached'; readonly outcome: StoppingOutcome };
