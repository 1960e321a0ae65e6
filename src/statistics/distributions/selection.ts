import { at, series, type Series } from './moments.js';

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
  if (to - from >= WORTH_PARTING && ranks.length > 1) {
    const starts = partedBySize(values, from, to);
    if (starts !== null) {
      selectInParts(values, ranks, starts);
      return;
    }
  }
  const middle = ranks.length >>> 1;
  const rank = ranks[middle];
  if (rank === undefined) return;
  select(values, rank, from, to);
  selectAll(values, ranks.slice(0, middle), from, rank - 1);
  selectAll(values, ranks.slice(middle + 1), rank + 1, to);
}

/** From this many values on, parting them by size first is faster than looking for each rank among all. */
const WORTH_PARTING = 4096;
const PARTS = 1024;
/** Of this many values, evenly spread, the ends but few tell the range of the parts. */
const PROBES = 256;
const BEYOND = 2;

/**
 * Moves values into parts of ascending ranges, as a bucket sort does first; gives where each part starts, and the end
 * of the last. `null` where the values hardly differ; they are then as they were.
 */
function partedBySize(values: Series, from: number, to: number): Int32Array | null {
  const count = to - from + 1;
  const probes = series(PROBES, (i) => at(values, from + Math.floor((i * count) / PROBES))).sort();
  const low = at(probes, BEYOND);
  const scale = (PARTS - 2) / (at(probes, PROBES - 1 - BEYOND) - low);
  if (!Number.isFinite(scale) || !(scale > 0)) return null;
  const starts = new Int32Array(PARTS + 1);
  if (parted.length < count) [parted, partOf] = [new Float64Array(count), new Uint16Array(count)];
  for (let i = 0; i < count; i++) {
    // The first part has all below the range, the last all above.
    const place = (at(values, from + i) - low) * scale;
    const part = place < 0 ? 0 : place < PARTS - 2 ? 1 + (place | 0) : PARTS - 1;
    partOf[i] = part;
    starts[part + 1] = (starts[part + 1] ?? 0) + 1;
  }
  starts[0] = from;
  for (let part = 1; part <= PARTS; part++) starts[part] = (starts[part] ?? 0) + (starts[part - 1] ?? 0);
  const places = starts.slice();
  for (let i = 0; i < count; i++) {
    const part = partOf[i] ?? 0;
    const place = places[part] ?? 0;
    parted[place - from] = at(values, from + i);
    places[part] = place + 1;
  }
  values.set(parted.subarray(0, count), from);
  return starts;
}

let parted = new Float64Array(0);
let partOf = new Uint16Array(0);

function selectInParts(values: Series, ranks: readonly number[], starts: Int32Array): void {
  let [part, first] = [0, 0];
  while (first < ranks.length) {
    while ((starts[part + 1] ?? Infinity) <= (ranks[first] ?? 0)) part++;
    const [start, end] = [starts[part] ?? 0, starts[part + 1] ?? values.length];
    let last = first + 1;
    while (last < ranks.length && (ranks[last] ?? 0) < end) last++;
    selectAlone(values, ranks.slice(first, last), [start, end - 1]);
    first = last;
  }
}

/** One rank after the other, each among what is left behind the last. */
function selectAlone(values: Series, ranks: readonly number[], [from, to]: readonly [number, number]): void {
  let left = from;
  for (const rank of ranks) {
    select(values, rank, left, to);
    left = rank + 1;
  }
}

/**
 * Type-7 quantiles (Hyndman & Fan 1996) of values in any order, for ascending shares; changes the order of `values`. At
 * least one value.
 */
export function selectQuantiles(values: Series, shares: readonly number[]): number[] {
  const places = shares.map((share) => (values.length - 1) * share);
  const ranks = [...new Set(places.flatMap((place) => [Math.floor(place), Math.ceil(place)]))];
  if (values.length < WORTH_PARTING) selectAlone(values, ranks, [0, values.length - 1]);
  else selectAll(values, ranks);
  return places.map((place) => {
    const below = Math.floor(place);
    const low = at(values, below);
    return place === below ? low : low + (place - below) * (at(values, below + 1) - low);
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
