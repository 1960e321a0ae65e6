import type { Description } from '../model/analysis.js';
import { at, mean, quantile, sorted, variance, type Series } from './moments.js';

/** Interquartile ranges beyond a quartile from which a value is marked (Tukey's outer fence). */
const FENCE = 3;

/** Describes values in their own unit: type-7 quantiles, sample standard deviation (`null` for one value); `null` for none. */
export function describeValues(values: ArrayLike<number>): Description | null {
  if (values.length === 0) return null;
  const ascending = sorted(values);
  const p25 = quantile(ascending, 0.25);
  const p75 = quantile(ascending, 0.75);
  const reach = FENCE * (p75 - p25);
  return {
    count: ascending.length,
    min: at(ascending, 0),
    p25,
    median: quantile(ascending, 0.5),
    p75,
    p90: quantile(ascending, 0.9),
    p99: quantile(ascending, 0.99),
    max: at(ascending, ascending.length - 1),
    mean: mean(ascending),
    standardDeviation: ascending.length < 2 ? null : Math.sqrt(variance(ascending)),
    outliers: countOutside(ascending, p25 - reach, p75 + reach),
  };
}

/** From both ends inwards: the values are ascending. */
function countOutside(ascending: Series, low: number, high: number): number {
  let below = 0;
  let above = 0;
  while (at(ascending, below) < low) below++;
  while (at(ascending, ascending.length - 1 - above) > high) above++;
  return below + above;
}
