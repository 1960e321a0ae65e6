// How a quantity grows with the number of containers: a line by least squares through the means of parts of a run,
// because looks close in time are alike.
import tQuantile from '@stdlib/stats-base-dists-t-quantile';

/** Parts of a run whose means are taken for independent. */
const PARTS = 20;
/** Of the run, at its beginning: caches fill and code is compiled. */
const SKIPPED = 0.1;

/** One look at a run. @typedef {{ containers: number, value: number }} Look */

/**
 * The growth per 1,000 containers with its 95 % interval, from the means of 20 parts of the run behind its first tenth;
 * `null` for fewer than 40 looks.
 * @param {readonly Look[]} looks in their order
 * @returns {{ slope: number, low: number, high: number } | null}
 */
export function slopeOf(looks) {
  const settled = looks.slice(Math.ceil(SKIPPED * looks.length)).filter(({ value }) => Number.isFinite(value));
  if (settled.length < 2 * PARTS) return null;
  const means = Array.from({ length: PARTS }, (_, part) => {
    const [from, to] = [part, part + 1].map((edge) => Math.round((edge * settled.length) / PARTS));
    const own = settled.slice(from, to);
    return { x: mean(own.map(({ containers }) => containers)) / 1000, y: mean(own.map(({ value }) => value)) };
  });
  const [centre, level] = [mean(means.map(({ x }) => x)), mean(means.map(({ y }) => y))];
  const squares = sum(means.map(({ x }) => (x - centre) ** 2));
  if (squares === 0) return null;
  const slope = sum(means.map(({ x, y }) => (x - centre) * (y - level))) / squares;
  const rest = sum(means.map(({ x, y }) => (y - level - slope * (x - centre)) ** 2));
  const half = tQuantile(0.975, PARTS - 2) * Math.sqrt(rest / (PARTS - 2) / squares);
  return { slope, low: slope - half, high: slope + half };
}

/** As in a table: `+0.12 [-0.3, +0.54]`. */
export const slopeText = (found, digits = 2) =>
  found === null ? '-' : `${signed(found.slope, digits)} [${signed(found.low, digits)}, ${signed(found.high, digits)}]`;

function signed(value, digits) {
  const text = Math.abs(value).toFixed(digits);
  return Number(text) === 0 ? text : `${value < 0 ? '-' : '+'}${text}`;
}

const sum = (values) => values.reduce((total, value) => total + value, 0);
const mean = (values) => sum(values) / values.length;
