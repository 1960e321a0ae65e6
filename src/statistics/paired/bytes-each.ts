import type { Bytes } from '../../model/filter/capacity.js';
import { tCritical } from '../distributions/distributions.js';
import { trimmedOne } from './trimmed.js';

const LEVEL = 0.95;

/** A value with its 95 % interval. */
export interface Repeated {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The location of repeated measurements of the same; `null` for fewer than two. */
export function repeated(measured: readonly number[]): Repeated | null {
  const location = trimmedOne(Float64Array.from(measured));
  if (location === null) return null;
  const { value, standardError, degreesOfFreedom } = location;
  const half = standardError === 0 ? 0 : tCritical(LEVEL, degreesOfFreedom) * standardError;
  return { value, low: value - half, high: value + half };
}

/** Bytes of each, of repeated measurements of the same; `null` for fewer than two. */
export function bytesEach(measured: readonly number[]): Bytes | null {
  const found = repeated(measured);
  return found === null ? null : { bytes: found.value, low: found.low, high: found.high };
}
