// The built command, and how two things are timed in turn.

export const CLI = new URL('../dist/cli.js', import.meta.url).pathname;

const ORDER = /** @type {const} */ (['ours', 'theirs']);

/**
 * Measures `ours` and `theirs` so many times in turn, in alternating order, so that a drift of the machine meets both
 * alike. Gives the median ratio with its 95 % interval, from order statistics.
 *
 * @typedef {(pair: number) => number | Promise<number>} Measure Gets the pair's number, gives seconds.
 * @param {number} pairs
 * @param {{ ours: Measure, theirs: Measure }} measures
 */
export async function interleavedPairs(pairs, measures) {
  const taken = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const result = { ours: 0, theirs: 0 };
    for (const who of pair % 2 === 0 ? ORDER : [...ORDER].reverse()) result[who] = await measures[who](pair);
    taken.push(result);
  }
  const ratios = taken.map(({ ours, theirs }) => ours / theirs).sort((a, b) => a - b);
  const rank = medianRank(pairs);
  const [least, most] = [ratios[0], ratios[pairs - 1]].map((ratio) => ratio.toFixed(3));
  const seconds = (/** @type {'ours' | 'theirs'} */ who) => ms(median(taken.map((pair) => pair[who])));
  return {
    ratio: median(ratios),
    low: ratios[rank],
    high: ratios[pairs - 1 - rank],
    medians: `${seconds('ours')} over ${seconds('theirs')}; pairs from ${least} to ${most}`,
  };
}

/** The largest k for which the values k and n - 1 - k (from 0, sorted) hold the median with 95 % confidence. */
function medianRank(/** @type {number} */ n) {
  let term = 0.5 ** n;
  let below = term;
  let k = 0;
  while (below <= 0.025) {
    k += 1;
    term *= (n - k + 1) / k;
    below += term;
  }
  return Math.max(0, k - 1);
}

/** The middle value; of an even number, the mean of the two. */
export function median(/** @type {readonly number[]} */ values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const ms = (/** @type {number} */ seconds) => `${(seconds * 1000).toFixed(2)} ms`;
