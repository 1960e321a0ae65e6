import { describe, expect, it } from 'vitest';
import {
  signedRankCritical,
  signedRankLower,
  tCritical,
  tTwoSided,
} from '../../../src/statistics/distributions/distributions.js';

describe('distributions', () => {
  it('agrees with the printed t table', () => {
    expect(tCritical(0.95, 1)).toBeCloseTo(12.7062, 4);
    expect(tCritical(0.95, 9)).toBeCloseTo(2.262157, 6);
    expect(tCritical(0.9, 23)).toBeCloseTo(1.713872, 6);
    expect(tCritical(0.95, 299)).toBeCloseTo(1.96793, 5);
  });

  it('gives two-sided p values of t, the smallest ones too', () => {
    expect(tTwoSided(0, 5)).toBe(1);
    expect(tTwoSided(-2, 10)).toBeCloseTo(0.0733880348, 10);
    expect(tTwoSided(2, 10)).toBe(tTwoSided(-2, 10));
    expect(tTwoSided(20, 299) / 4.44e-57).toBeCloseTo(1, 3);
    expect(tTwoSided(Infinity, 5)).toBe(0);
  });

  it('agrees with the printed critical values of the signed-rank test at 5 % two-sided', () => {
    const table = { 6: 0, 7: 2, 8: 3, 9: 5, 10: 8, 11: 10, 12: 13, 13: 17, 14: 21, 15: 25, 20: 52, 25: 89, 29: 126 };
    expect(Object.fromEntries(Object.keys(table).map((n) => [n, signedRankCritical(0.95, Number(n))]))).toEqual(table);
  });

  it('has no 95 % interval below six and no 90 % one below five differences', () => {
    expect([1, 2, 3, 4, 5].map((n) => signedRankCritical(0.95, n))).toEqual([-1, -1, -1, -1, -1]);
    expect([4, 5, 6].map((n) => signedRankCritical(0.9, n))).toEqual([-1, 0, 2]);
  });

  it('counts the rank sums of three differences exactly', () => {
    const ways = [-1, 0, 1, 2, 3, 4, 5, 6].map((sum) => 8 * signedRankLower(sum, 3));
    [0, 1, 2, 3, 5, 6, 7, 8].forEach((expected, i) => {
      expect(ways[i]).toBeCloseTo(expected, 13);
    });
  });
});
