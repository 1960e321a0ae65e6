import { describe, expect, it } from 'vitest';
import { quantile, sorted } from '../../../src/statistics/distributions/moments.js';
import { medianOf, select, selectQuantiles } from '../../../src/statistics/distributions/selection.js';

/** The same values in every run, with many ties where `kinds` is small. */
function values(count: number, kinds: number): Float64Array {
  let state = 7;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * kinds);
  });
}

describe('selection', () => {
  it('finds every rank that sorting finds, with ties, in order, reversed and all equal', () => {
    const ascending = Float64Array.from({ length: 50 }, (_, i) => i);
    for (const series of [
      values(101, 1000),
      values(100, 3),
      ascending,
      ascending.toReversed(),
      new Float64Array(20).fill(4),
      Float64Array.of(9),
    ]) {
      const expected = sorted(series);
      expect([...series.keys()].map((rank) => select(new Float64Array(series), rank))).toEqual([...expected]);
    }
  });

  it('leaves smaller values before the place and larger ones behind it', () => {
    const series = values(200, 50);
    const value = select(series, 70);
    expect(series.subarray(0, 70).every((one) => one <= value)).toBe(true);
    expect(series.subarray(71).every((one) => one >= value)).toBe(true);
  });

  it('gives the quantiles of the sorted values', () => {
    const shares = [0, 0.25, 0.5, 0.75, 0.9, 0.99, 1];
    for (const count of [1, 2, 3, 10, 101, 1000]) {
      const series = values(count, 10_000);
      expect(selectQuantiles(new Float64Array(series), shares)).toEqual(
        shares.map((share) => quantile(sorted(series), share)),
      );
      expect(medianOf(series)).toBe(quantile(sorted(series), 0.5));
    }
  });
});
