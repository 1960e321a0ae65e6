import { describe, expect, it } from 'vitest';
import type { Analysis, Estimate } from '../../../src/model/analysis/analysis.js';
import { analyse } from '../../../src/statistics/analyse.js';
import { planRun } from '../../../src/statistics/planning/plan-run.js';
import {
  blocksToSettle,
  detectableEffect,
  halfWidthToFind,
  mostBlocksFor,
  planCount,
  resolutionOf,
  roundedUp,
  spreadOf,
} from '../../../src/statistics/planning/planning.js';
import { planOf, sequential, sequentialRun } from '../results/runs.js';

const estimate = (change: Partial<Estimate> = {}): Estimate => ({
  method: 'trimmed-both',
  blocks: 100,
  logRatio: 0,
  low: -0.02,
  high: 0.02,
  p: 0.5,
  standardError: 0.01,
  degreesOfFreedom: 59,
  equivalent: false,
  meanLogRatio: 0,
  tailZ: 0,
  tailDiffers: false,
  lag1: 0,
  dependent: false,
  ...change,
});

const noisy = (blocks: number): Analysis =>
  analyse(
    {
      plan: planOf(sequential(blocks)),
      evidence: [],
      samples: sequentialRun(blocks, (arm, block) => 50 + ((block * 7 + arm.length * 13) % 10) / 4),
    },
    { margin: 0.01 },
  );

describe('planCount', () => {
  it('follows the normal formula, inflated by what the pilot does not know', () => {
    // s = 0.1: ((1.960 + 0.842) 0.1 / ln 1.01)^2 = 792.7; 1 + (1 + 0.842 * 2.802) / 118 = 1.02845.
    expect(planCount(0.01, estimate(), 'cpu', 0.8)).toEqual({ power: 0.8, blocks: 816, cautious: 1586 });
    expect(planCount(0.01, estimate(), 'wall', 0.8)).toMatchObject({ blocks: 816, cautious: 1982 });
    expect(planCount(0.01, estimate(), 'cpu', 0.9)?.blocks).toBe(1108);
  });

  it('takes the spread from the interval where there is no standard error, and has none without an interval', () => {
    expect(
      spreadOf(estimate({ standardError: null, degreesOfFreedom: null, low: -0.01959964, high: 0.01959964 })),
    ).toEqual({ s: expect.closeTo(0.1, 7) as number, degreesOfFreedom: 99 });
    expect(planCount(0.01, estimate({ standardError: null, low: -Infinity, high: Infinity }), 'cpu', 0.8)).toBeNull();
  });

  it('finds with the planned count just the effect it was planned for', () => {
    const spread = spreadOf(estimate())!;
    const blocks = (((1.959964 + 0.841621) * spread.s) / Math.log1p(0.0058)) ** 2;
    expect(detectableEffect(spread, blocks, 0.8)).toBeCloseTo(0.0058, 12);
    expect(detectableEffect(spread, blocks, 0.9)).toBeGreaterThan(0.0058);
    expect(halfWidthToFind(0.0058, 0.8)).toBeCloseTo(Math.expm1((Math.log1p(0.0058) * 2.0579622) / 2.8995832), 12);
  });

  it('lets a run that ends by its half width take half as many blocks again, and reach its first look', () => {
    expect([{ cautious: 1587 }, { cautious: 10 }].map(mostBlocksFor)).toEqual([2381, 100]);
  });

  it('rounds up to two digits', () => {
    expect([0, 1, 99, 101, 1586, 10_000].map(roundedUp)).toEqual([0, 1, 99, 110, 1600, 10_000]);
  });
});

describe('blocksToSettle', () => {
  it('shows equality where the effect looks like none, finds it where it looks larger than the margin', () => {
    // ((1.645 + 1.282) 0.1 / 0.00995)^2 * 2 = 1730; ((1.960 + 0.842) 0.1 / 0.02)^2 * 2 = 392.
    expect(blocksToSettle(0.01, estimate({ logRatio: 0 }), 'cpu')?.cautious).toBe(1800);
    expect(blocksToSettle(0.01, estimate({ logRatio: -0.02 }), 'cpu')?.cautious).toBe(400);
  });

  it('is never less than twice as many as there are', () => {
    expect(blocksToSettle(0.01, estimate({ logRatio: 0.05, standardError: 0.001 }), 'cpu')?.cautious).toBe(200);
    expect(blocksToSettle(0.01, estimate({ standardError: null, low: -Infinity, high: Infinity }), 'cpu')).toBeNull();
  });

  it('takes half of that, or a quarter more than there is, where the noise stays as it is', () => {
    expect(blocksToSettle(0.01, estimate({ logRatio: 0 }), 'cpu')?.least).toBe(870);
    expect(blocksToSettle(0.01, estimate({ logRatio: 0.05, standardError: 0.01 }), 'cpu')?.least).toBe(130);
  });
});

describe('resolution', () => {
  it('is the smallest effect the run could have found', () => {
    const of = { arm: 'after', metric: 'cpu' } as const;
    expect(resolutionOf({ ...of, estimate: estimate({ standardError: 0.0025 }) })).toEqual([
      {
        ...of,
        blocks: 100,
        detectable80: expect.closeTo(0.00703, 4) as number,
        detectable90: expect.closeTo(0.00814, 4) as number,
      },
    ]);
    expect(resolutionOf({ ...of, estimate: null })).toEqual([]);
  });

  it('is in every analysis that has an interval, per metric', () => {
    expect(noisy(60).resolution.map(({ metric }) => metric)).toEqual(['cpu', 'wall', 'contextSwitches', 'pageFaults']);
    expect(noisy(3).resolution).toEqual([]);
  });
});

describe('planRun', () => {
  it('plans every arm and metric from a pilot, with the time it takes', () => {
    const [cpu] = planRun(noisy(60), { effect: 0.0058, blocks: 500, secondsPerBlock: 0.12 });
    expect(cpu).toMatchObject({
      arm: 'after',
      metric: 'cpu',
      effect: 0.0058,
      pilotBlocks: 60,
      blocks: 500,
      counts: [{ power: 0.8 }, { power: 0.9 }],
    });
    const [eighty, ninety] = cpu!.counts;
    expect(eighty!.seconds).toBeCloseTo(0.12 * eighty!.blocks, 12);
    expect(ninety!.blocks).toBeGreaterThan(eighty!.blocks);
    expect(eighty!.cautious).toBeGreaterThan(1.8 * eighty!.blocks);
  });

  it('refuses an effect of 0 and a pilot that is too short', () => {
    expect(() => planRun(noisy(60), { effect: 0, blocks: 500, secondsPerBlock: 1 })).toThrow(
      'effect: expected a number > 0, got 0',
    );
    expect(() => planRun(noisy(19), { effect: 0.01, blocks: 500, secondsPerBlock: 1 })).toThrow(
      'pilot: expected at least 20 complete blocks, got 19',
    );
  });
});
