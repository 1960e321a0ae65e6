import type { PercallFailure } from '../../model/analysis/percall-analysis.js';
import { FEWEST_FOR_TRIMMED } from '../../model/analysis/judgement.js';
import type { Located } from '../../model/results/percall/percall.js';
import { tCritical } from '../distributions/distributions.js';
import { at } from '../distributions/moments.js';
import type { Series } from '../distributions/moments.js';
import { hodgesLehmann } from '../distributions/wilcoxon.js';
import { trimmedOne } from '../paired/trimmed.js';

const LEVEL = 0.95;

/**
 * A call cannot take less than nothing; where a loop is so short that it seems to, the logarithm is that of a
 * picosecond.
 */
export const logs = (values: Series): Series => values.map((value) => Math.log(Math.max(value, 1e-3)));

/**
 * Location of a series with its 95 % interval: trimmed means and t from 30 values on, Hodges-Lehmann and Wilcoxon
 * below.
 */
export function located(values: Series): Located {
  if (values.length === 0) return { value: NaN, low: -Infinity, high: Infinity };
  if (values.length < FEWEST_FOR_TRIMMED) {
    const ranked = hodgesLehmann(values);
    const [low, high] = ranked.interval(LEVEL);
    return { value: ranked.value, low, high };
  }
  const location = trimmedOne(values);
  if (location === null) return { value: at(values, 0), low: -Infinity, high: Infinity };
  const half = tCritical(LEVEL, location.degreesOfFreedom) * location.standardError;
  return { value: location.value, low: location.value - half, high: location.value + half };
}

/** As for starts: by chance one run in a hundred is doubtful and one in a thousand proves nothing. */
export const agreement = (p: number): 'agrees' | 'doubtful' | 'differs' =>
  p < 0.001 ? 'differs' : p < 0.01 ? 'doubtful' : 'agrees';

/** What failed, by who and why. */
export function failuresOf<Line extends { readonly state: string }>(
  samples: readonly Line[],
  nameOf: (sample: Line) => string,
): readonly PercallFailure[] {
  const counts = new Map<string, { arm: string; cause: string; count: number }>();
  for (const sample of samples) {
    if (sample.state === 'ok' || !('cause' in sample)) continue;
    const [arm, cause] = [nameOf(sample), String(sample.cause)];
    const key = `${arm}\n${cause}`;
    counts.set(key, { arm, cause, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()];
}
