import { signedRankCritical, signedRankLower } from './distributions.js';
import { at, quantile, type Series } from './moments.js';

/** A median of pair means, with a way to its exact intervals. */
export interface SignedRank {
  readonly value: number;
  /** Two-sided and exact; below 0.05 just where the 95 % interval excludes 0. */
  readonly p: number;
  /** Infinite where n is too small for the level. */
  readonly interval: (level: number) => readonly [low: number, high: number];
}

/** The n (n + 1) / 2 means of all pairs, each value with itself included, ascending. */
export function walshAverages(values: Series): Series {
  const averages = new Float64Array((values.length * (values.length + 1)) / 2);
  let next = 0;
  for (let i = 0; i < values.length; i++) {
    for (let j = i; j < values.length; j++) averages[next++] = (at(values, i) + at(values, j)) / 2;
  }
  return averages.sort();
}

/**
 * Hodges-Lehmann estimate (1963) with the exact Wilcoxon interval and p; at least one value. Work grows with n^2: for n
 * < 30.
 * Differences of exactly 0 count for both directions, so ties with 0 never make a result more significant.
 */
export function hodgesLehmann(differences: Series): SignedRank {
  const n = differences.length;
  const averages = walshAverages(differences);
  const notPositive = averages.filter((value) => value <= 0).length;
  const notNegative = averages.filter((value) => value >= 0).length;
  return {
    value: quantile(averages, 0.5),
    p: Math.min(1, 2 * signedRankLower(Math.min(notPositive, notNegative), n)),
    interval: (level) => {
      const k = signedRankCritical(level, n);
      return k < 0 ? [-Infinity, Infinity] : [at(averages, k), at(averages, averages.length - 1 - k)];
    },
  };
}
