import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { mersenne } from 'pure-rand/generator/mersenne';

/** How change points are looked for. */
export interface ChangePointSettings {
  /** Share of series without a change in which one may be found, per look. */
  readonly significance: number;
  /** Fewest values on either side of a change. */
  readonly fewest: number;
  /** Shuffled copies of the series that every change is tested with. */
  readonly permutations: number;
  /** Of the shuffles: the same series gives the same answer. */
  readonly seed: number;
}

/** What {@link changePoints} uses unless it is told otherwise; docs/history.md has the rates that come of it. */
export const CHANGE_POINTS: ChangePointSettings = { significance: 0.01, fewest: 3, permutations: 999, seed: 1 };

/** Where a series has a new level. */
export interface ChangePoint {
  /** Index of the first value of the new level. */
  readonly at: number;
  /** Of the permutation test. */
  readonly p: number;
}

/** The best place to cut one cluster in two, and how far apart its parts are. */
interface Cut {
  readonly at: number;
  readonly distance: number;
}

const NO_CUT: Cut = { at: -1, distance: -Infinity };

/**
 * Change points of a series by E-divisive (Matteson & James 2014, JASA 109, 334-345): the cut that puts most energy
 * distance between what is before and after it, tested by shuffling the values within the clusters found until then;
 * then the same again, until a cut is not significant. In the order of the series.
 *
 * The values are to be exchangeable where nothing changes; values that depend on the one before give false alarms.
 */
export function changePoints(
  values: readonly number[],
  settings: Partial<ChangePointSettings> = {},
): readonly ChangePoint[] {
  const { significance, fewest, permutations, seed } = { ...CHANGE_POINTS, ...settings };
  const random = mersenne(seed | 0);
  const between = (from: number, to: number): number => uniformInt(random, from, to);
  const found: ChangePoint[] = [];
  for (;;) {
    const ends = [0, ...found.map(({ at }) => at).sort((a, b) => a - b), values.length];
    const clusters = ends.slice(1).map((end, index) => Float64Array.from(values.slice(ends[index] ?? 0, end)));
    const cuts = clusters.map((cluster) => bestCut(cluster, fewest));
    const best = cuts.reduce((most, cut, index) => (cut.distance > (cuts[most]?.distance ?? 0) ? index : most), 0);
    const { at, distance } = cuts[best] ?? NO_CUT;
    if (at < 0 || distance <= 0) break;
    const p = shareAbove(clusters, distance, { significance, fewest, permutations }, between);
    if (p > significance) break;
    found.push({ at: (ends[best] ?? 0) + at, p });
  }
  return found.sort((a, b) => a.at - b.at);
}

/**
 * p of a distance: the share of shuffled copies, the series itself among them, with a cut at least as good. Ends early
 * once p is known to be above the significance; then the value is a lower bound.
 */
function shareAbove(
  clusters: readonly Float64Array[],
  distance: number,
  { significance, fewest, permutations }: Omit<ChangePointSettings, 'seed'>,
  between: (from: number, to: number) => number,
): number {
  // A shuffle into the same order must not be missed because sums are rounded.
  const limit = distance * (1 - 1e-9);
  let above = 1;
  for (let round = 0; round < permutations; round += 1) {
    const most = clusters.reduce(
      (best, cluster) => Math.max(best, bestCut(shuffled(cluster, between), fewest).distance),
      -Infinity,
    );
    if (most >= limit) above += 1;
    if (above / (permutations + 1) > significance) break;
  }
  return above / (permutations + 1);
}

/** Fisher-Yates, on a copy. */
function shuffled(values: Float64Array, between: (from: number, to: number) => number): Float64Array {
  const copy = values.slice();
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = between(0, last);
    const kept = copy[last] ?? Number.NaN;
    copy[last] = copy[other] ?? Number.NaN;
    copy[other] = kept;
  }
  return copy;
}

/**
 * The cut after which the values up to some end are furthest from those before it. The end is free, because what
 * follows may have changed again (section 2.2 of the paper); the exponent of the distances is 1.
 */
function bestCut(values: Float64Array, fewest: number): Cut {
  const { length } = values;
  if (length < 2 * fewest) return NO_CUT;
  const { before, whole } = distancesOf(values);
  let best = NO_CUT;
  let withinFirst = 0;
  for (let at = 0; at <= length - fewest; at += 1) {
    if (at >= fewest) {
      const { distance } = bestEnd({ before, whole, withinFirst, length, at, fewest });
      if (distance > best.distance) best = { at, distance };
    }
    withinFirst += whole[at] ?? 0;
  }
  return best;
}

interface Sums {
  /** At `i * length + j`: the distances of value j to the first i values, i <= j. */
  readonly before: Float64Array;
  /** The distances of value j to all values before it. */
  readonly whole: Float64Array;
}

function distancesOf(values: Float64Array): Sums {
  const { length } = values;
  const before = new Float64Array(length * length);
  const whole = new Float64Array(length);
  for (let i = 0; i < length; i += 1) {
    const value = values[i] ?? Number.NaN;
    for (let j = i + 1; j < length; j += 1)
      before[(i + 1) * length + j] = (before[i * length + j] ?? 0) + Math.abs((values[j] ?? Number.NaN) - value);
  }
  for (let j = 0; j < length; j += 1) whole[j] = before[j * length + j] ?? 0;
  return { before, whole };
}

interface FirstPart extends Sums {
  /** Distances among the values before the cut. */
  readonly withinFirst: number;
  readonly length: number;
  readonly at: number;
  readonly fewest: number;
}

/** Over all ends: the scaled energy distance of equation 5 of the paper. */
function bestEnd({ before, whole, withinFirst, length, at, fewest }: FirstPart): { readonly distance: number } {
  const row = at * length;
  const first = (2 * withinFirst) / (at * (at - 1));
  let [across, withinSecond, distance] = [0, 0, -Infinity];
  for (let end = at; end < length; end += 1) {
    const toFirst = before[row + end] ?? 0;
    across += toFirst;
    withinSecond += (whole[end] ?? 0) - toFirst;
    const size = end - at + 1;
    if (size < fewest) continue;
    const energy = (2 * across) / (at * size) - first - (2 * withinSecond) / (size * (size - 1));
    distance = Math.max(distance, ((at * size) / (at + size)) * energy);
  }
  return { distance };
}
