import type { Amount } from '../../model/analysis/workload-analysis.js';
import { tCritical } from '../distributions/distributions.js';
import { differences, type Series } from '../distributions/moments.js';
import { trimmedBoth, trimmedOne, type Location } from './trimmed.js';

/** Fewer blocks have no 95 % interval, neither by t nor by ranks. */
const FEWEST_FOR_INTERVAL = 6;
const LEVEL = 0.95;

/** One value per block; `null` where there is none. */
export type Blocks = readonly (number | null)[];

/**
 * The amount by which an arm exceeds the baseline (and its copy), block by block; `null` without two blocks that have
 * both.
 */
export function excess(arm: Blocks, baseline: Blocks, control: Blocks | null): Amount | null {
  const known: number[] = [];
  arm.forEach((value, block) => {
    const [base, copy] = [baseline[block] ?? null, control === null ? 0 : (control[block] ?? null)];
    if (value !== null && base !== null && copy !== null) known.push(block);
  });
  const of = (values: Blocks): Series => Float64Array.from(known, (block) => values[block] ?? Number.NaN);
  return excessOf(of(arm), of(baseline), control === null ? null : of(control));
}

/** The same where every block has all values. */
export const excessOf = (arm: Series, baseline: Series, control: Series | null): Amount | null =>
  amountOf(
    control === null
      ? trimmedOne(differences(arm, baseline))
      : trimmedBoth(differences(arm, baseline), differences(arm, control)),
    arm.length,
  );

/** Where the values of one series lie. */
export function located(values: Blocks): Amount | null {
  const known = values.filter((value) => value !== null);
  return amountOf(trimmedOne(Float64Array.from(known)), known.length);
}

function amountOf(location: Location | null, blocks: number): Amount | null {
  if (location === null) return null;
  const { value, standardError, degreesOfFreedom } = location;
  if (blocks < FEWEST_FOR_INTERVAL) return { ns: value, low: null, high: null };
  const half = tCritical(LEVEL, degreesOfFreedom) * standardError;
  return { ns: value, low: value - half, high: value + half };
}

/** The sum of two amounts measured independently: half widths add in quadrature. */
export function together(a: Amount, b: Amount): Amount {
  const ns = a.ns + b.ns;
  if (a.low === null || a.high === null || b.low === null || b.high === null) return { ns, low: null, high: null };
  return { ns, low: ns - Math.hypot(a.ns - a.low, b.ns - b.low), high: ns + Math.hypot(a.high - a.ns, b.high - b.ns) };
}

/** Whether two intervals overlap; `null` where one is missing. */
export const meet = (a: Amount, b: Amount): boolean | null =>
  a.low === null || a.high === null || b.low === null || b.high === null ? null : a.low <= b.high && b.low <= a.high;
