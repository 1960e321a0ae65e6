import type { RunEnd } from './ledger.js';

/** The block before which, or in which, something happened. */
interface BreakPlace {
  /** @asType integer */
  readonly block: number;
  readonly warmup: boolean;
}

/** One line of breaks.jsonl: what kept the blocks of a run from following one another evenly. */
export type RunBreak =
  /** The machine or this process stood still within the block, which was run again. */
  | (BreakPlace & { readonly kind: 'paused'; readonly attempt: number; readonly gapNs: number })
  /** `bench resume` continued the run with this block. */
  | (BreakPlace & {
      readonly kind: 'resumed';
      /**
       * ISO 8601, UTC.
       *
       * @format date-time
       */
      readonly at: string;
      /** How the run had ended before; `null`: it was killed. */
      readonly after: RunEnd | null;
    });
