import type { PercallWarning } from './percall-analysis.js';

/** What the price of a table does not show, or may get wrong. */
export type PricedNote =
  /** What is missing in the table itself. */
  | { readonly code: 'table'; readonly words: string }
  /** What is doubtful about the prices. */
  | { readonly code: 'prices'; readonly warning: PercallWarning }
  /** The runtime loaded a filter of another length than the one whose paths are counted. */
  | { readonly code: 'otherFilter'; readonly profile: string; readonly built: number; readonly loaded: number }
  /** Paths much shorter or longer than any that was timed; `least` and `most` of the calls, and of what was timed. */
  | {
      readonly code: 'beyondTimed';
      readonly calls: readonly string[];
      readonly least: number;
      readonly most: number;
      readonly timed: { readonly least: number; readonly most: number };
    }
  /** Calls whose answer is LOG: writing the record is not in the price. */
  | { readonly code: 'logged'; readonly calls: readonly string[] };
