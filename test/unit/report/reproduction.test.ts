import { describe, expect, it } from 'vitest';
import { PUBLISHED_CASES } from '../../../src/report/run/published.js';
import { judged, renderReproduction, reproducedCases } from '../../../src/report/run/reproduction.js';

const sequential = PUBLISHED_CASES.find(({ id }) => id === 'x86_64-sequential')!;
const log = (percent: number): number => Math.log1p(percent / 100);
const outcome = (low: number, high: number): string => judged(sequential, { low: log(low), high: log(high) });

describe('a published change (-0.58 %) and an interval', () => {
  it('is inside where the interval contains it and not zero', () => {
    expect(outcome(-0.9, -0.3)).toBe('inside');
  });
  it('is outside where the interval does not contain it', () => {
    expect([outcome(-56, -54), outcome(-0.5, 0.4)]).toEqual(['outside', 'outside']);
  });
  it('cannot be resolved where the interval contains it and zero', () => {
    expect(outcome(-1, 0.5)).toBe('notResolvable');
  });
  it('is not judged without an interval', () => {
    expect(judged(sequential, { low: -Infinity, high: Infinity })).toBe('tooFewBlocks');
  });
});

describe('a reproduction', () => {
  it('shows every case, those of other machines as not run', () => {
    expect(renderReproduction(reproducedCases([], []), null)).toMatch(
      /^iSulad, .*\n\nx86_64-sequential: published 57\.000 s → 56\.671 s \(−0\.58 %\) for 500 containers\n {2}not run: requires an x86_64 host\n/,
    );
  });
});
