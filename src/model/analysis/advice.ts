import type { Note } from '../filter/notes.js';
import type { Estimate } from './analysis.js';

/** A change to a profile, or to how its filter is made, that `bench advise` measures. */
export const ADVICE_OPTIONS = ['hostOnly', 'nativeOnly', 'tree', 'ordered', 'prebuilt'] as const;
/** A change that `bench advise` measures. */
export type AdviceOption = (typeof ADVICE_OPTIONS)[number];

/** What one option changes at a call. */
export interface CallEffect {
  readonly call: string;
  /** cached, decided by its arguments, or denied; under the unchanged profile. */
  readonly kind: 'cached' | 'argument' | 'denied';
  /** ns under the unchanged profile. */
  readonly ns: number;
  readonly change: Estimate | null;
}

/** What one change gains, or why it was not measured. */
export type OptionResult =
  | {
      readonly state: 'measured';
      readonly option: AdviceOption;
      /**
       * Change of a start; of `hostOnly` against copying all architectures, of the others against keeping the host's.
       */
      readonly cpu: Estimate | null;
      readonly wall: Estimate | null;
      /** Median wall and CPU time of a start without and with it, ns; `null` where nothing was measured. */
      readonly startNs: {
        readonly cpu: readonly [number | null, number | null];
        readonly wall: readonly [number | null, number | null];
      };
      /** Length of the loaded filter without and with it; `null` where it was not seen. */
      readonly instructions: readonly [number | null, number | null];
      readonly calls: readonly CallEffect[];
      /** One line. */
      readonly security: string;
    }
  | {
      readonly state: 'notMeasured';
      readonly option: AdviceOption;
      readonly reason: string;
      readonly security: string;
    };

/** What the order of rules was made from. */
export interface AdviceCounts {
  /** A file, or the command that was observed. */
  readonly from: string;
  /** Observed calls that have a rule, in the order in which it is tried. */
  readonly first: readonly string[];
  /** Those of them that the kernel has cached: they gain nothing. */
  readonly cached: readonly string[];
}

/** What `bench advise` found. */
export interface Advice {
  readonly profile: string;
  readonly engine: string;
  /** Blocks of starts and of priced calls that are complete. */
  readonly blocks: { readonly starts: number; readonly calls: number };
  readonly options: readonly OptionResult[];
  /** Results folders: of the starts, of the calls. */
  readonly results: { readonly starts: string; readonly calls: string };
  /** `null` without counts. */
  readonly counts: AdviceCounts | null;
  /** What the author of the profile would want to know, the most urgent first. */
  readonly notes: readonly (Note & { readonly sentence: string })[];
  readonly warnings: readonly string[];
}
