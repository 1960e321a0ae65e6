import { at, mean, series, type Series } from '../distributions/moments.js';
import type { Location } from './trimmed.js';

/** Two-sided 1 %. */
const TAIL_LIMIT = 2.58;
const DEPENDENCE_LIMIT = 0.15;
/** Below this many blocks chance alone often exceeds the limit. */
const DEPENDENCE_FEWEST = 100;
/** Blocks that one batch mean covers. */
const BATCH = 5;

/**
 * Lag-1 autocorrelation (sum of neighbour products over sum of squares, about the mean); `null` where nothing varies.
 */
export function lag1(values: Series): number | null {
  const centre = mean(values);
  let products = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    const deviation = at(values, i) - centre;
    squares += deviation ** 2;
    if (i > 0) products += deviation * (at(values, i - 1) - centre);
  }
  return squares > 0 ? products / squares : null;
}

/** Whether blocks depend on their neighbours too much for the plain standard error. */
export const isDependent = (correlation: number | null, blocks: number): boolean =>
  correlation !== null && correlation > DEPENDENCE_LIMIT && blocks >= DEPENDENCE_FEWEST;

/** Means of 5 consecutive values; the last one takes what is left over, so that no value is dropped. */
export function batchMeans(values: Series): Series {
  const batches = Math.max(1, Math.floor(values.length / BATCH));
  return series(batches, (batch) => {
    const end = batch === batches - 1 ? values.length : (batch + 1) * BATCH;
    return mean(values.subarray(batch * BATCH, end));
  });
}

/**
 * z of (mean - trimmed mean): large where the arms' tails differ, so that the two answer different questions.
 * The error is that of the difference between each value's influence on both; `null` where that does not vary.
 */
export function tailZ(values: Series, location: Pick<Location, 'value' | 'influence'>): number | null {
  const centre = mean(values);
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (at(values, i) - centre - at(location.influence, i)) ** 2;
  const standardError = Math.sqrt(squares / (values.length - 1) / values.length);
  return standardError > 0 ? (centre - location.value) / standardError : null;
}

/** Whether that z is beyond chance at 1 %. */
export const tailsDiffer = (z: number | null): boolean => z !== null && Math.abs(z) > TAIL_LIMIT;
