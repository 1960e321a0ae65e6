import type { AdviceCounts, AdviceForeknown, AdviceOption } from '../analysis/advice.js';
import type { FormatVersion } from './format.js';

/** An option of `bench advise`: the arm that measured it, or why it was not measured. */
export type AdvisedOption =
  | {
      readonly option: AdviceOption;
      /** Name of its arm in both results folders. */
      readonly arm: string;
      /** Name of the arm that its starts are compared with, where that is not the baseline. */
      readonly against?: string;
      /** What was checked of the answers of its filter, without a full stop. */
      readonly checked?: string;
    }
  | {
      readonly option: AdviceOption;
      /** Without a full stop. */
      readonly reason: string;
    };

/**
 * advice.json in the results folder of the starts: what the report of `bench advise` needs besides that folder and the
 * one of the calls.
 */
export interface AdviceRecord {
  readonly formatVersion: FormatVersion;
  readonly kind: 'advise';
  /** The profile's name as it is shown. */
  readonly profile: string;
  /** The arm that all options are compared with. */
  readonly baseline: string;
  readonly options: readonly AdvisedOption[];
  /** What the order of rules was made from; `null` without counts. */
  readonly counts: (AdviceCounts & { readonly warnings: readonly string[] }) | null;
  /** Absent in records of older versions. */
  readonly foreknown?: AdviceForeknown;
  /** Name of the results folder of the calls, in the same parent folder as that of the starts; `null`: no calls. */
  readonly calls: string | null;
  /** The same of the prices of actions that the profile has; absent: they were not measured. */
  readonly actions?: string;
}
