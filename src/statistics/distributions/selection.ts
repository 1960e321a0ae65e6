import { at, type Series } from './moments.js';

/** From this many values on, looking for the pivot in a sample pays off. */
const WORTH_SAMPLING = 600;

/**
 * The value of rank `k` (0-based) among those from `from` to `to`; afterwards it stands at place k, no larger one
 * before it and no smaller one behind. Changes the order of `values`. Expected time is linear, where sorting is not:
 * Hoare's Find (1961), with Floyd and Rivest's choice of the pivot (1975).
 */
export function select(values: Series, k: number, from = 0, to = values.length - 1): number {
  let left = from;
  let right = to;
  while (left < right) {
    const pivot =
      right - left > WORTH_SAMPLING
        ? sampledPivot(values, k, left, right)
        : medianOfThree(at(values, left), at(values, (left + right) >>> 1), at(values, right));
    let i = left;
    let j = right;
    while (i <= j) {
      while (at(values, i) < pivot) i++;
      while (at(values, j) > pivot) j--;
      if (i > j) break;
      const swapped = at(values, i);
      values[i++] = at(values, j);
      values[j--] = swapped;
    }
    // Between j and i stand only values equal to the pivot.
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  return at(values, k);
}

/**
 * A value of nearly rank k: of about n^(2/3) values around place k the one whose rank in that sample is k's in all,
 * moved half a standard deviation of that guess towards the middle, so that the smaller part is the one that is
 * dropped.
 */
function sampledPivot(values: Series, k: number, left: number, right: number): number {
  const count = right - left + 1;
  const rank = k - left + 1;
  const size = 0.5 * count ** (2 / 3);
  const shift = 0.5 * Math.sqrt((Math.log(count) * size * (count - size)) / count) * Math.sign(rank - count / 2);
  return select(
    values,
    k,
    Math.max(left, Math.floor(k - (rank * size) / count + shift)),
    Math.min(right, Math.floor(k + ((count - rank) * size) / count + shift)),
  );
}

const medianOfThree = (a: number, b: number, c: number): number =>
  Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));

/**
 * Puts the values of several ranks (ascending, each once) where sorting would put them, halving what is left to look
 * through; as {@link select} otherwise.
 */
export function selectAll(values: Series, ranks: readonly number[], from = 0, to = values.length - 1): void {
  const middle = ranks.length >>> 1;
  const rank = ranks[middle];
  if (rank === undefined) return;
  select(values, rank, from, to);
  selectAll(values, ranks.slice(0, middle), from, rank - 1);
  selectAll(values, ranks.slice(middle + 1), rank + 1, to);
}

/**
 * Type-7 quantiles (Hyndman & Fan 1996) of values in any order, for ascending shares; changes the order of `values`. At
 * least one value.
 */
export function selectQuantiles(values: Series, shares: readonly number[]): number[] {
  let from = 0;
  return shares.map((share) => {
    const place = (values.length - 1) * share;
    const below = Math.floor(place);
    const low = select(values, below, from);
    from = below;
    if (place === below) return low;
    const next = select(values, below + 1, below + 1);
    return low + (place - below) * (next - low);
  });
}

let scratch = new Float64Array(0);

/**
 * A copy to be reordered, good until the next call. One piece of memory serves all: a new one for every selection would
 * cost more than the selection, in pages to touch and in garbage to collect.
 */
export function scratchCopy(values: Series): Series {
  if (scratch.length < values.length) scratch = new Float64Array(values.length);
  const copy = scratch.subarray(0, values.length);
  copy.set(values);
  return copy;
}

/** The median of at least one value; does not reorder them. */
export const medianOf = (values: Series): number => selectQuantiles(scratchCopy(values), [0.5])[0] ?? Number.NaN;
