import type { Density } from '../../model/analysis/series.js';
import { at, mean, variance, type Series } from './moments.js';

/** Places at which the density is told. */
const PLACES = 96;
/** Fewer values show no shape. */
const FEWEST = 20;

/**
 * Gaussian kernel density of the values between `low` and `high`, with Silverman's bandwidth 0.9 min(s, IQR / 1.34)
 * n^(-1/5) (Silverman 1986, eq. 3.31). The values, in any order, are first
 * counted at the places, so that the work is linear in their
 * number. `null` for fewer than 20 values, or where they do not differ.
 */
export function densityOf(
  values: Series,
  { low, high, p25, p75 }: { readonly low: number; readonly high: number; readonly p25: number; readonly p75: number },
): Density | null {
  const inside = within(values, low, high);
  if (inside.length < FEWEST || !(high > low)) return null;
  const spread = Math.min(Math.sqrt(variance(inside)), p75 > p25 ? (p75 - p25) / 1.34 : Infinity);
  const bandwidth = 0.9 * spread * inside.length ** -0.2;
  const [from, to] = [low - 2 * bandwidth, high + 2 * bandwidth];
  const step = (to - from) / (PLACES - 1);
  const counts = new Float64Array(PLACES);
  for (let i = 0; i < inside.length; i++) share(counts, (at(inside, i) - from) / step);
  // A kernel narrower than the places would fall between them.
  return { from, step, heights: smoothed(counts, Math.max(bandwidth / step, 0.5), inside.length * step) };
}

/** A plain loop: a filter with a function is several times slower. */
function within(values: Series, low: number, high: number): Series {
  const inside = new Float64Array(values.length);
  let found = 0;
  for (let i = 0; i < values.length; i++) {
    const value = at(values, i);
    if (value >= low && value <= high) inside[found++] = value;
  }
  return inside.subarray(0, found);
}

/** Divides a value between the two places next to it. */
function share(counts: Series, place: number): void {
  const below = Math.min(PLACES - 2, Math.max(0, Math.floor(place)));
  counts[below] = at(counts, below) + (1 - (place - below));
  counts[below + 1] = at(counts, below + 1) + (place - below);
}

/** Counts convolved with a Gaussian of that many places, as a density. */
function smoothed(counts: Series, width: number, scale: number): readonly number[] {
  const kernel = Float64Array.from({ length: PLACES }, (_, distance) => Math.exp(-0.5 * (distance / width) ** 2));
  const whole = 2 * mean(kernel) * PLACES - 1;
  return Array.from({ length: PLACES }, (_, place) => {
    let height = 0;
    for (let other = 0; other < PLACES; other++) height += at(counts, other) * at(kernel, Math.abs(place - other));
    return height / whole / scale;
  });
}
