import type { BetweenEstimate } from '../../model/analysis/between.js';
import { mean, variance } from '../distributions/moments.js';
import { difference } from './welch.js';

/**
 * How much level `to` differs from level `from`, by the means of their values (log ratios) with the pooled scatter of
 * the values within all levels; the values' own intervals are not used, because runs differ by more than they say.
 * `null` where no two values share a level.
 */
export function stepBetween(levels: readonly (readonly number[])[], from: number, to: number): BetweenEstimate | null {
  const values = levels.map((level) => Float64Array.from(level));
  const [before, after] = [values[from], values[to]];
  const degreesOfFreedom = values.reduce((sum, { length }) => sum + length - 1, 0);
  if (before === undefined || after === undefined || degreesOfFreedom < 1) return null;
  const squares = values.reduce((sum, level) => sum + (level.length < 2 ? 0 : (level.length - 1) * variance(level)), 0);
  const standardError = Math.sqrt((squares / degreesOfFreedom) * (1 / before.length + 1 / after.length));
  const logRatio = mean(after) - mean(before);
  return difference(
    { value: 0, standardError: 0, degreesOfFreedom },
    { value: logRatio, standardError, degreesOfFreedom },
    0,
  );
}
