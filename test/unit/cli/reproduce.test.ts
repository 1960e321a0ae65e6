import { describe, expect, it } from 'vitest';
import { holdAgainst } from '../../../src/cli/commands/reproduce.js';
import { PUBLISHED_CASES } from '../../../src/report/run/published.js';

const sequential = PUBLISHED_CASES.find(({ id }) => id === 'x86_64-sequential')!;
const log = (percent: number): number => Math.log1p(percent / 100);
const held = (low: number, high: number): string =>
  holdAgainst(sequential, { low: log(low), high: log(high) }).split(':')[0]!;

describe('a published change (-0.58 %) held against an interval', () => {
  it('is inside where the interval holds it and not zero', () => {
    expect(held(-0.9, -0.3)).toBe('INSIDE');
  });
  it('is outside where the interval does not hold it', () => {
    expect([held(-56, -54), held(-0.5, 0.4)]).toEqual(['OUTSIDE', 'OUTSIDE']);
  });
  it('cannot be resolved where the interval holds it and zero', () => {
    expect([held(-1, 0.5), held(-100, 1e9)]).toEqual(['NOT RESOLVABLE WITH THIS RUN', 'NOT RESOLVABLE WITH THIS RUN']);
  });
});
