import type { FilterCache } from '../run/scenario.js';
import type { CallAction } from '../results/percall/action-price.js';
import type { Note } from '../filter/notes.js';
import type { Estimate } from './analysis.js';
import type { Amount } from './workload-analysis.js';

/** A change to a profile, or to how its filter is made, that `bench advise` measures. */
export const ADVICE_OPTIONS = ['hostOnly', 'trim', 'nativeOnly', 'tree', 'ordered', 'prebuilt'] as const;
/** A change that `bench advise` measures. */
export type AdviceOption = (typeof ADVICE_OPTIONS)[number];

/** What one option changes at a call. */
export interface CallEffect {
  readonly call: string;
  /**
   * Under the unchanged profile: cached, denied, logged, or allowed by a run of the filter (its arguments decide, or
   * its number is above those of the kernel's bitmap).
   */
  readonly kind: 'cached' | 'filtered' | 'denied' | 'logged';
  /** ns under the unchanged profile. */
  readonly ns: number;
  readonly change: Estimate | null;
}

/** What one change gains, or why it was not measured. */
export type OptionResult =
  | {
      readonly state: 'measured';
      readonly option: AdviceOption;
      /** The option that its starts are compared with; absent: the unchanged profile. */
      readonly against?: AdviceOption;
      /**
       * Change of a start; of `hostOnly` against copying all architectures, of the others against keeping the host's or
       * the option in `against`.
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

/** How an explicit list of architectures is cut in its file. */
export interface ListEdit {
  readonly file: string;
  /** Entries to delete; empty where the file has no such list that could be found. */
  readonly remove: readonly {
    readonly name: string;
    /** JSON path, `architectures[3]`. */
    readonly path: string;
    /** From 1. */
    readonly line: number;
  }[];
  /** Line of the last entry that stays, whose comma goes where all after it are deleted; `null`: its comma stays. */
  readonly lastKeptLine: number | null;
  /** Whether the entries share their lines with others, so that whole lines cannot be deleted. */
  readonly sharedLines: boolean;
  /** The list that remains. */
  readonly keep: readonly string[];
}

/** Calls for which a profile asks a listener or a tracer, or writes a log line. */
export interface ActionUse {
  readonly action: CallAction;
  /** Calls that have such a rule. */
  readonly names: readonly string[];
  /** Whether it is the default action, for every call without a rule. */
  readonly isDefault: boolean;
  /** Whether a rule asks for arguments, so that not every such call gets the action. */
  readonly hasArguments: boolean;
  /** Such calls as they were counted, the most frequent first; `null` without counts. */
  readonly counted: {
    /** A file, or the command that was observed. */
    readonly from: string;
    readonly calls: readonly { readonly name: string; readonly calls: number }[];
  } | null;
}

/** The same with its price on this machine. */
export interface PricedActionUse extends ActionUse {
  /** ns more than an allowed call; `null`: not measured. */
  readonly added: Amount | null;
  /** Why it was not measured, without a full stop; `null` where it was. */
  readonly reason: string | null;
}

/** What was known of the profile before anything was measured. */
export interface AdviceForeknown {
  /** Calls that are not priced, with the answer of the unchanged profile's filter. */
  readonly unpriced: readonly { readonly call: string; readonly action: string }[];
  /** The call that the program that times calls needs and is denied, so no call is priced; `null`: it can run. */
  readonly needed: string | null;
  /** Whether calls without a rule are logged, which is neither free nor cached. */
  readonly logs: boolean;
  /** `null`: there is no list to cut. */
  readonly edit: ListEdit | null;
  /** Absent: no rule asks a listener or a tracer, or writes a log line. */
  readonly actions?: readonly ActionUse[];
}

/** What `bench advise` found. */
export interface Advice {
  readonly profile: string;
  readonly engine: string;
  /** Whether the starts found a compiled filter of an earlier one; `null`: the runtime keeps none. */
  readonly cache: FilterCache | null;
  /** Blocks of starts and of priced calls that are complete. */
  readonly blocks: { readonly starts: number; readonly calls: number };
  readonly options: readonly OptionResult[];
  /** Results folders: of the starts, of the calls; `null`: no call could be priced. */
  readonly results: { readonly starts: string; readonly calls: string | null; readonly actions?: string };
  /** Calls that ask a listener or a tracer, or are logged, with their price; absent: the profile has none. */
  readonly actions?: readonly PricedActionUse[];
  readonly foreknown: AdviceForeknown;
  /** `null` without counts. */
  readonly counts: AdviceCounts | null;
  /** What the author of the profile would want to know, the most urgent first. */
  readonly notes: readonly (Note & { readonly sentence: string })[];
  readonly warnings: readonly string[];
}
