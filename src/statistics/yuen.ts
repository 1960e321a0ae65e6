import { at, mean, means, variance, type Series } from './moments.js';
import { scratchCopy, select } from './selection.js';

/** A location with its standard error, and the series the error was taken from. */
export interface Location {
  readonly value: number;
  /** 0 where the middle 60 % of the values are all equal. */
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  /** In the order of the input. */
  readonly winsorised: Series;
}

interface Trimmed {
  readonly mean: number;
  readonly winsorised: Series;
  /** Values that were not trimmed. */
  readonly kept: number;
}

const TRIM = 0.2;
/** Below this, fewer than two values are left after trimming and there is no standard error. */
const FEWEST = 2;

/** 20 % trimmed mean, and the values clamped to the range it kept; at least one value. */
export function trim(values: Series): Trimmed {
  const ordered = scratchCopy(values);
  const cut = Math.floor(TRIM * ordered.length);
  const kept = ordered.length - 2 * cut;
  // Only the two ends of what is kept have to stand where sorting would put them.
  const low = select(ordered, cut);
  const high = select(ordered, cut + kept - 1, cut);
  return { mean: mean(ordered.subarray(cut, cut + kept)), winsorised: clamp(values, low, high), kept };
}

function clamp(values: Series, low: number, high: number): Series {
  const clamped = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = at(values, i);
    clamped[i] = value < low ? low : value > high ? high : value;
  }
  return clamped;
}

/** sqrt(var(w) (n - 1) / (h (h - 1))): Tukey & McLaughlin 1963, Yuen 1974. */
function located(value: number, winsorised: Series, kept: number): Location {
  const standardError = Math.sqrt((variance(winsorised) * (winsorised.length - 1)) / (kept * (kept - 1)));
  return { value, standardError, degreesOfFreedom: kept - 1, winsorised };
}

/** 20 % trimmed mean of paired differences with Yuen's standard error; `null` below two values. */
export function yuenOne(differences: Series): Location | null {
  if (differences.length < FEWEST) return null;
  const { mean, winsorised, kept } = trim(differences);
  return located(mean, winsorised, kept);
}

/**
 * Mean of the trimmed mean differences to two equal controls, block by block in one order; `null` below two blocks.
 * Each pair is trimmed on its own: trimming a - (b + b') / 2 would be biased under skewed noise.
 */
export function yuenBoth(toBaseline: Series, toControl: Series): Location | null {
  if (toBaseline.length < FEWEST) return null;
  const first = trim(toBaseline);
  const second = trim(toControl);
  const winsorised = means(first.winsorised, second.winsorised);
  return located((first.mean + second.mean) / 2, winsorised, first.kept);
}
