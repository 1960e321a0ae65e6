import { at, means, variance, type Series } from '../distributions/moments.js';
import { scratchCopy, selectAll } from '../distributions/selection.js';

/** A location with its standard error. */
export interface Location {
  readonly value: number;
  /** 0 where all values within the cuts are equal. */
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  /**
   * By how much each value moves the location, times the number of values, about 0 (the empirical influence function);
   * in the order of the input.
   */
  readonly influence: Series;
}

/** Percents cut off at either end, ascending, below 50; the trimmed means of all of them are averaged. */
export type Trims = readonly number[];

/**
 * Seven trimmed means, of 20 % on average. A single cut misleads where it falls between two modes of the noise (fast
 * starts and slow ones): on which side its edge comes to lie is then chance, and its standard error is wrong
 * accordingly. calibrate/README.md shows the two side by side.
 */
export const TRIMS: Trims = [5, 10, 15, 20, 25, 30, 35];

/** Below this there is no standard error. */
const FEWEST = 2;

/** What one cut leaves of a series: `kept` values from `low` to `high`. */
interface Cut {
  readonly kept: number;
  readonly low: number;
  readonly high: number;
  readonly mean: number;
}

/** The cuts of a series of at least two values, the smallest first; each keeps two or more. */
function cutsOf(values: Series, trims: Trims): readonly Cut[] {
  const n = values.length;
  const sizes = trims.map((percent) => Math.min(Math.floor((percent * n) / 100), Math.floor((n - FEWEST) / 2)));
  const ordered = scratchCopy(values);
  // Only the ends of what is kept have to stand where sorting would put them.
  selectAll(
    ordered,
    [...new Set([...sizes, ...sizes.map((size) => n - 1 - size)])].sort((a, b) => a - b),
  );
  // From the inside out: what a smaller cut keeps is what the next larger one does, and a little on either side.
  let [from, to, sum] = [sizes.at(-1) ?? 0, sizes.at(-1) ?? 0, 0];
  return sizes
    .toReversed()
    .map((size) => {
      sum += sumOf(ordered, size, from) + sumOf(ordered, to, n - size);
      [from, to] = [size, n - size];
      return {
        kept: n - 2 * size,
        low: at(ordered, size),
        high: at(ordered, n - 1 - size),
        mean: sum / (n - 2 * size),
      };
    })
    .toReversed();
}

function sumOf(values: Series, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += at(values, i);
  return sum;
}

/** A straight part of a function: slope * x + rest, up to a value. */
interface Piece {
  readonly end: number;
  readonly slope: number;
  readonly rest: number;
}

/**
 * How far a value moves the location: each cut moves with the values clamped to what it kept, times a factor that makes
 * one cut's error Tukey and
 * McLaughlin's (1963; Yuen 1974). Cuts lie within each other, so their mean is straight between neighbouring ends; a
 * value beyond all of them counts as the outermost end.
 */
function piecesOf(cuts: readonly Cut[], n: number): readonly Piece[] {
  const weights = cuts.map(({ kept }) => Math.sqrt((n * (n - 1)) / (kept * (kept - 1))) / cuts.length);
  const ends = [...cuts.map(({ low }) => low), ...cuts.toReversed().map(({ high }) => high)];
  return [...ends, Infinity].map((end, index) => {
    const inside = index === 0 ? -Infinity : (ends[index - 1] ?? 0);
    let [slope, rest] = [0, 0];
    cuts.forEach(({ low, high }, cut) => {
      const weight = weights[cut] ?? 0;
      if (end <= low) rest += weight * low;
      else if (inside >= high) rest += weight * high;
      else slope += weight;
    });
    return { end, slope, rest };
  });
}

function influenceOf(values: Series, cuts: readonly Cut[]): Series {
  const n = values.length;
  const pieces = piecesOf(cuts, n);
  const ends = Float64Array.from(pieces, ({ end }) => end);
  const slopes = Float64Array.from(pieces, ({ slope }) => slope);
  const rests = Float64Array.from(pieces, ({ rest }) => rest);
  const middle = cuts.length;
  const moved = new Float64Array(n);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const value = at(values, i);
    // Most lie near the middle, so the piece is looked for from there.
    let piece = middle;
    while (value > at(ends, piece)) piece++;
    while (piece > 0 && value <= at(ends, piece - 1)) piece--;
    const move = at(slopes, piece) * value + at(rests, piece);
    moved[i] = move;
    sum += move;
  }
  const centre = sum / n;
  for (let i = 0; i < n; i++) moved[i] = at(moved, i) - centre;
  return moved;
}

interface Trimmed {
  readonly value: number;
  readonly influence: Series;
  /** Mean number of values the cuts keep. */
  readonly kept: number;
}

function trimmed(values: Series, trims: Trims): Trimmed {
  const cuts = cutsOf(values, trims);
  const average = (of: (cut: Cut) => number): number => cuts.reduce((sum, cut) => sum + of(cut), 0) / cuts.length;
  return {
    value: average((cut) => cut.mean),
    influence: influenceOf(values, cuts),
    kept: Math.floor(average((cut) => cut.kept)),
  };
}

const located = ({ value, influence, kept }: Trimmed): Location => ({
  value,
  standardError: Math.sqrt(variance(influence) / influence.length),
  degreesOfFreedom: kept - 1,
  influence,
});

/** Trimmed mean of paired differences with its standard error; `null` below two values. */
export const trimmedOne = (differences: Series, trims: Trims = TRIMS): Location | null =>
  differences.length < FEWEST ? null : located(trimmed(differences, trims));

/**
 * Mean of the trimmed mean differences to two equal controls, block by block in one order; `null` below two blocks.
 * Each pair is trimmed on its own: trimming a - (b + b') / 2 would be biased under skewed noise.
 */
export function trimmedBoth(toBaseline: Series, toControl: Series, trims: Trims = TRIMS): Location | null {
  if (toBaseline.length < FEWEST) return null;
  const first = trimmed(toBaseline, trims);
  const second = trimmed(toControl, trims);
  return located({
    value: (first.value + second.value) / 2,
    influence: means(first.influence, second.influence),
    kept: first.kept,
  });
}
