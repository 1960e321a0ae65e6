/** How often one block is run again: whoever stands still that often will do so again. */
const MOST_REPEATS = 3;
/** Blocks that stood still in every attempt, after which none is run again: the run would take four times as long. */
const MOST_GIVEN_UP = 3;

/** Decides which blocks of one run are run again. */
export class Repeats {
  #givenUp = 0;

  /** Whether a block is run again that stood still in this attempt, 0-based. */
  again(attempt: number, gapNs: number): boolean {
    if (gapNs <= 0 || this.#givenUp >= MOST_GIVEN_UP) return false;
    if (attempt < MOST_REPEATS) return true;
    this.#givenUp += 1;
    return false;
  }
}
