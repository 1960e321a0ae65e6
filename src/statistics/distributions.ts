import signedRankCdf from '@stdlib/stats-base-dists-signrank-cdf';
import studentCdf from '@stdlib/stats-base-dists-t-cdf';
import studentQuantile from '@stdlib/stats-base-dists-t-quantile';

/** P(|T| > |t|) of Student's t, from its lower tail so that tiny values stay exact. */
export const tTwoSided = (t: number, degreesOfFreedom: number): number =>
  2 * studentCdf(-Math.abs(t), degreesOfFreedom);

/** The t that leaves `1 - level` outside -t..t, e.g. 2.262 for level 0.95 and 9 degrees of freedom. */
export const tCritical = (level: number, degreesOfFreedom: number): number =>
  studentQuantile(1 - (1 - level) / 2, degreesOfFreedom);

/** P(W <= rankSum) of Wilcoxon's signed-rank statistic for n untied differences, exact. */
export const signedRankLower = (rankSum: number, n: number): number => signedRankCdf(rankSum, n);

/** The largest k with P(W <= k) <= (1 - level) / 2, or -1 where even k = 0 is too likely (level 0.95: below n = 6). */
export function signedRankCritical(level: number, n: number): number {
  const limit = (1 - level) / 2;
  let k = -1;
  while (signedRankLower(k + 1, n) <= limit) k++;
  return k;
}
