/**
 * A series of numbers, never changed after it was filled. One type of array throughout: mixed ones make every access
 * several times slower.
 */
export type Series = Float64Array;

/** The value at an index known to exist; NaN outside, so that a mistake spreads instead of hiding. */
export const at = (values: Series, index: number): number => values[index] ?? Number.NaN;

/** Arithmetic mean; NaN for no values. */
export function mean(values: Series): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += at(values, i);
  return sum / values.length;
}

/** Sample variance with n - 1, by two passes; NaN below two values. */
export function variance(values: Series): number {
  const centre = mean(values);
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (at(values, i) - centre) ** 2;
  return values.length < 2 ? Number.NaN : sum / (values.length - 1);
}

/** An ascending copy. */
export const sorted = (values: ArrayLike<number>): Series => new Float64Array(values).sort();

/** A series of `length` values, each made from its index. */
export function series(length: number, valueAt: (index: number) => number): Series {
  const result = new Float64Array(length);
  for (let i = 0; i < length; i++) result[i] = valueAt(i);
  return result;
}

/**
 * Quantile of ascending values by linear interpolation at (n - 1) * share (type 7 of Hyndman & Fan 1996); NaN for no
 * values.
 */
export function quantile(ascending: Series, share: number): number {
  const place = (ascending.length - 1) * share;
  const below = Math.floor(place);
  const low = at(ascending, below);
  return place === below ? low : low + (place - below) * (at(ascending, below + 1) - low);
}

/** values[i] - others[i], in order; both of one length. */
export function differences(values: Series, others: Series): Series {
  const result = new Float64Array(values.length);
  for (let i = 0; i < result.length; i++) result[i] = at(values, i) - at(others, i);
  return result;
}

/** (values[i] + others[i]) / 2, in order; both of one length. */
export function means(values: Series, others: Series): Series {
  const result = new Float64Array(values.length);
  for (let i = 0; i < result.length; i++) result[i] = (at(values, i) + at(others, i)) / 2;
  return result;
}
