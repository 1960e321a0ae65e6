import type { Sample } from '../model/results/sample.js';
import { SampleTable } from '../model/results/sample-table.js';

/** A line of samples, as far as it belongs to an attempt of a block. */
interface Placed {
  readonly block: number;
  readonly warmup: boolean;
  readonly attempt?: number;
}

/** The samples of the last attempt of every block, and those of earlier attempts, in their order. */
export interface Attempts<Line> {
  readonly samples: readonly Line[];
  readonly repeated: readonly Line[];
}

/** Separates the last attempt of each block from the earlier ones. */
export function lastAttempts<Line extends Placed>(lines: readonly Line[]): Attempts<Line> {
  if (lines.every(({ attempt = 0 }) => attempt === 0)) return { samples: lines, repeated: [] };
  const last = new Map<string, number>();
  const keyOf = ({ warmup, block }: Placed): string => `${warmup ? 'w' : 'b'}${block}`;
  for (const line of lines) last.set(keyOf(line), Math.max(line.attempt ?? 0, last.get(keyOf(line)) ?? 0));
  const isLast = (line: Line): boolean => (line.attempt ?? 0) === last.get(keyOf(line));
  return { samples: lines.filter(isLast), repeated: lines.filter((line) => !isLast(line)) };
}

/** The same of a table; the last attempts keep its form. */
export function lastAttemptsIn(table: SampleTable): {
  readonly table: SampleTable;
  readonly repeated: readonly Sample[];
} {
  // Only lines that were read as objects can be of a later attempt.
  if ([...table.others.values()].every(({ attempt = 0 }) => attempt === 0)) return { table, repeated: [] };
  const { samples, repeated } = lastAttempts([...table]);
  const last = new SampleTable(table.arms, samples.length);
  for (const sample of samples) last.addSample(sample);
  return { table: last, repeated };
}

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
