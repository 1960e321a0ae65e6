import signedRankCdf from '@stdlib/stats-base-dists-signrank-cdf';
import studentCdf from '@stdlib/stats-base-dists-t-cdf';
import studentQuantile from '@stdlib/stats-base-dists-t-quantile';

/** P(|T| > |t|) of Student's t, from its lower tail so that tiny values stay exact. */
export const tTwoSided = (t: number, degreesOfFreedom: number): number =>
  2 * studentCdf(-Math.abs(t), degreesOfFreedom);

/** The t that leaves `1 - level` outside -t..t, e.g. 2.262 for level 0.95 and 9 degrees of freedom. */
export const tCritical = (level: number, degreesOfFreedom: number): number =>
  studentQuantile(1 - (1 - level) / 2, degreesOfFreedom);

/** So many degrees of freedom that t is the normal distribution to 8 digits. */
const MANY = 1e8;

/** P(|Z| > |z|) of the normal distribution. */
export const normalTwoSided = (z: number): number => tTwoSided(z, MANY);

/** P(W <= rankSum) of Wilcoxon's signed-rank statistic for n untied differences, exact. */
export const signedRankLower = (rankSum: number, n: number): number => signedRankCdf(rankSum, n);

const criticals = new Map<string, number>();

/** The largest k with P(W <= k) <= (1 - level) / 2, or -1 where even k = 0 is too likely (level 0.95: below n = 6). */
export function signedRankCritical(level: number, n: number): number {
  const key = `${level} ${n}`;
  // Exact counting is slow, and the same few values are needed repeatedly.
  const known = criticals.get(key) ?? searchCritical(level, n);
  criticals.set(key, known);
  return known;
}

function searchCritical(level: number, n: number): number {
  const limit = (1 - level) / 2;
  let k = -1;
  while (signedRankLower(k + 1, n) <= limit) k++;
  return k;
}
