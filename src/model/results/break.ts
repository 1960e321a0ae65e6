import type { RunEnd } from './ledger.js';

/** The block before which, or in which, something happened. */
interface BreakPlace {
  /** @asType integer */
  readonly block: number;
  readonly warmup: boolean;
}

/** One line of breaks.jsonl: what kept the blocks of a run from following one another evenly. */
export type RunBreak =
  /**
   * The machine, this process or a container stood still within an attempt of the block, `gapNs` at most. The block was
   * run again, unless no later attempt of it follows.
   */
  | (BreakPlace & { readonly kind: 'paused'; readonly attempt: number; readonly gapNs: number })
  /** After this block a program that makes the containers was no longer the one that the run began with. */
  | (BreakPlace & {
      readonly kind: 'programChanged';
      /** As it is started; symbolic links are followed. */
      readonly path: string;
      /** SHA-256 of the bytes. */
      readonly before: string;
      /** `null`: it cannot be read any more. */
      readonly after: string | null;
    })
  /** `bench resume` continued the run with this block. */
  | (BreakPlace & {
      readonly kind: 'resumed';
      /**
       * ISO 8601, UTC.
       *
       * @pattern ^\d\d\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?Z$
       */
      readonly at: string;
      /** How the run had ended before; `null`: it was killed. */
      readonly after: RunEnd | null;
    });
