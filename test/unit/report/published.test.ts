import { describe, expect, it } from 'vitest';
import {
  PUBLISHED_CASES,
  publishedCaveats,
  publishedChartPercent,
  publishedFor,
  publishedPercent,
} from '../../../src/report/run/published.js';
import { ARM64, FAILURES, PARALLEL, SEQUENTIAL } from './fixtures.js';

describe('the published figures', () => {
  it('give the computed changes: 0.58, 2.24, 1.34 and 1.21 percent', () => {
    expect(PUBLISHED_CASES.map((one) => publishedPercent(one).toFixed(2))).toEqual([
      '-0.58',
      '-2.24',
      '-1.34',
      '-1.21',
    ]);
  });

  it('differ between text and chart in one case, arm64 parallel, where the chart means 0.92 percent', () => {
    const odd = PUBLISHED_CASES.filter((one) => one.chartBeforeSeconds !== one.beforeSeconds);
    expect(odd.map(({ id }) => id)).toEqual(['arm64-parallel']);
    expect(odd.map((one) => publishedChartPercent(one).toFixed(2))).toEqual(['-0.92']);
  });

  it('name that discrepancy in words', () => {
    expect(publishedCaveats(PUBLISHED_CASES[3]!)[1]).toBe(
      'For arm64 parallel, the published text has 10.255 s (1.21 %) before and its chart 10.225 s (0.92 %).',
    );
    expect(publishedCaveats(PUBLISHED_CASES[0]!)).toHaveLength(1);
  });

  it("are found by the scenario's name for the case", () => {
    const idOf = ({ run }: typeof SEQUENTIAL): string | undefined => publishedFor(run.plan.scenario)?.id;
    expect([SEQUENTIAL, PARALLEL, ARM64, FAILURES].map(idOf)).toEqual([
      'x86_64-sequential',
      'x86_64-parallel',
      'arm64-sequential',
      'arm64-parallel',
    ]);
  });

  it('are of no other scenario, whatever it changes, and of no batch of another size', () => {
    const of = ({ run }: typeof SEQUENTIAL, more: object): string | undefined =>
      publishedFor({ ...run.plan.scenario, ...more })?.id;
    expect([
      of(SEQUENTIAL, { published: undefined }),
      of(PARALLEL, { published: undefined }),
      of(PARALLEL, { published: 'x86_64-sequential' }),
      of(PARALLEL, { count: 8 }),
      of(PARALLEL, { concurrency: 4 }),
      of(SEQUENTIAL, { count: 30 }),
    ]).toEqual([undefined, undefined, undefined, undefined, undefined, 'x86_64-sequential']);
  });
});
