import type { Description } from '../../model/analysis/description.js';
import { at, mean, variance, type Series } from '../distributions/moments.js';
import { scratchCopy, selectQuantiles } from '../distributions/selection.js';

/**
 * Interquartile ranges beyond a quartile from which a value is marked (Tukey's outer fence); it is marked, never
 * dropped.
 */
export const FENCE = 3;

const SHARES = [0.25, 0.5, 0.75, 0.9, 0.99] as const;

/**
 * Describes values in their own unit: type-7 quantiles, sample standard deviation (`null` for one value); `null` for
 * none.
 */
export function describeValues(values: Series): Description | null {
  if (values.length === 0) return null;
  const own = scratchCopy(values);
  const [p25 = Number.NaN, median = Number.NaN, p75 = Number.NaN, p90 = Number.NaN, p99 = Number.NaN] = selectQuantiles(
    own,
    SHARES,
  );
  const reach = FENCE * (p75 - p25);
  return {
    count: own.length,
    min: least(own),
    p25,
    median,
    p75,
    p90,
    p99,
    max: greatest(own),
    mean: mean(own),
    standardDeviation: own.length < 2 ? null : Math.sqrt(variance(own)),
    outliers: countOutside(own, p25 - reach, p75 + reach),
  };
}

/** The smallest of at least one value. */
export function least(values: Series): number {
  let lowest = at(values, 0);
  for (let i = 1; i < values.length; i++) if (at(values, i) < lowest) lowest = at(values, i);
  return lowest;
}

/** How many values lie outside of two bounds. */
export function countOutside(values: Series, low: number, high: number): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (at(values, i) < low || at(values, i) > high) count++;
  return count;
}

/** The largest of at least one value. */
export function greatest(values: Series): number {
  let highest = at(values, 0);
  for (let i = 1; i < values.length; i++) if (at(values, i) > highest) highest = at(values, i);
  return highest;
}
