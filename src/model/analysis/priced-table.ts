import type { PricedNote } from './priced-note.js';
import type { Amount } from './workload-analysis.js';

/** What a filter does with a call, over all arguments; of several stacked filters all together. */
export interface FilterWork {
  /** ALLOW, ERRNO(EPERM), ...: every answer some arguments get, the most permissive first. */
  readonly answers: readonly string[];
  /** The kernel knows from the number that it is allowed, and runs no filter. */
  readonly cached: boolean;
  /** Classic BPF instructions on the shortest and on the longest path, where it is run. */
  readonly fewest: number;
  readonly most: number;
}

/** What the answer means to the program. */
export type AnswerKind =
  /** Allowed regardless of its arguments. */
  | 'allowed'
  /** Allowed or not, by arguments that a table does not have. */
  | 'depends'
  /** Always an error, without doing anything. */
  | 'denied'
  /** Always the end of the program, or a wait for a tracer or listener. */
  | 'stopped';

/** Prices at the shortest and at the longest path of a call; the same where it has one. */
export interface PriceSpan {
  readonly shortest: Amount;
  readonly longest: Amount;
}

/** A counted call with its price. */
export interface PricedRow {
  readonly call: string;
  readonly calls: number;
  readonly kind: AnswerKind;
  readonly work: FilterWork;
  /** Under the other profile; `null`: compared with no filter. */
  readonly against: FilterWork | null;
  /** `measured`: this very call was timed under this filter; `derived`: from its number of instructions. */
  readonly basis: 'measured' | 'derived';
  /** Nanoseconds per call. */
  readonly perCall: PriceSpan;
  /** Of all its calls. */
  readonly total: PriceSpan;
}

/** A counted call without a price. */
export interface UnpricedRow {
  readonly call: string;
  readonly calls: number;
  /** Of another word size; no call of this machine's that libseccomp knows; nothing like it was timed. */
  readonly code: 'otherWordSize' | 'unknownCall' | 'nothingLikeIt';
}

/** What the calls of a table pay under a filter. */
export interface PricedCounts {
  /** The largest total first, whatever its sign. */
  readonly rows: readonly PricedRow[];
  readonly unpriced: readonly UnpricedRow[];
  /** Of all priced rows; `null`: none has a price. */
  readonly total: PriceSpan | null;
  /** Instructions on the shortest and on the longest path that was timed; `null`: no call that ran a filter was. */
  readonly timed: { readonly least: number; readonly most: number } | null;
}

/** A table of counted system calls, priced. */
export interface PricedTable extends PricedCounts {
  /** The table, as given. */
  readonly table: string;
  /** The profile, as given. */
  readonly profile: string;
  /** The profile it is compared with; `null`: no filter. */
  readonly against: string | null;
  /** uname -m of where the prices were taken. */
  readonly machine: string;
  readonly kernel: string;
  /** Complete blocks behind the prices. */
  readonly blocks: number;
  /** Results folder with the prices. */
  readonly prices: string;
  /** Time of the table's calls together; `null`: it has none. */
  readonly seconds: number | null;
  /** What these seconds are: strace's, or wall time with waiting included. */
  readonly time: 'strace' | 'wall' | null;
  /** The total as a share of these seconds; `null` where one of both is missing. */
  readonly share: { readonly low: number; readonly high: number } | null;
  readonly notes: readonly PricedNote[];
}
