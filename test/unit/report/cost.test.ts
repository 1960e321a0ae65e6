import { describe, expect, it } from 'vitest';
import type { Estimate } from '../../../src/model/analysis/analysis.js';
import { costSentence as sentenceOf } from '../../../src/report/words/cost/cost.js';
import type { FilterCost } from '../../../src/model/analysis/workload-analysis.js';

const costSentence = (cost: FilterCost): string => sentenceOf(cost, null);

describe('the cost of a filter in words', () => {
  const amount = (ns: number, half: number) => ({ ns, low: ns - half, high: ns + half });
  const COST = {
    arm: 'default',
    baseline: 'unconfined',
    metric: 'cpu',
    start: amount(10e6, 1e6),
    calls: amount(2e6, 0.5e6),
    cachedShare: 1,
    uncached: null,
    unfiltered: true,
    thing: 'run',
    share: { share: 0.01, low: 0.005, high: 0.015 },
    predicted: amount(12e6, 1.2e6),
    measured: amount(13e6, 2e6),
    agree: true,
  } as const;

  it('has what was measured, what was predicted and whether they agree', () => {
    expect(costSentence(COST)).toBe(
      'Under default this program pays 13.0 ms [11.0, 15.0] of CPU time per run (1.0 % [0.5, 1.5]) for its filter. Predicted: 12.0 ms [10.8, 13.2], 10.0 ms [9.0, 11.0] to start and 2.0 ms [1.5, 2.5] for its system calls. The two agree.',
    );
    expect(costSentence({ ...COST, agree: false, measured: amount(90e6, 1e6) })).toContain(
      'Filtering system calls does not explain the rest.',
    );
    expect(costSentence({ ...COST, agree: false, measured: amount(-5e6, 1e6) })).toMatch(
      /^Under default this program takes 5\.0 ms \[4\.0, 6\.0\] of CPU time per run .* less than under unconfined\. A filter does not explain that\. .*It costs less than predicted\.$/,
    );
  });

  it('has what is unknown', () => {
    expect(costSentence({ ...COST, measured: null })).toBe(
      'default against unconfined: too few blocks are complete, so the cost is not known.',
    );
    expect(costSentence({ ...COST, predicted: null, calls: null, agree: null })).toContain(
      'Predicted: 10.0 ms [9.0, 11.0] of that when it starts.',
    );
    expect(costSentence({ ...COST, predicted: null, calls: null, start: null, agree: null })).toContain(
      'How much of that its system calls cost is not known: they were not counted or not priced.',
    );
    expect(costSentence({ ...COST, agree: null })).toContain('Too few blocks to compare the two.');
    expect(costSentence({ ...COST, measured: { ns: 1e6, low: null, high: null }, agree: null })).toContain(
      'in too few blocks for an interval.',
    );
    expect(costSentence({ ...COST, measured: amount(1e6, 2e6) })).toMatch(
      /^Under default no cost for this program is told from chance: 1\.0 ms \[−1\.0, 3\.0\] of CPU time per run/,
    );
  });

  /** A ratio in percent with half of its interval. */
  const ratio = (percent: number, half: number | null): Estimate => ({
    method: 'trimmed-both',
    blocks: 20,
    logRatio: Math.log1p(percent / 100),
    low: half === null ? -Infinity : Math.log1p((percent - half) / 100),
    high: half === null ? Infinity : Math.log1p((percent + half) / 100),
    p: 0.5,
    standardError: null,
    degreesOfFreedom: null,
    equivalent: false,
    meanLogRatio: 0,
    tailZ: null,
    tailDiffers: false,
    lag1: 0,
    dependent: false,
  });
  const said = (measured: FilterCost['measured'], by: Estimate): string =>
    sentenceOf({ ...COST, measured, predicted: null, calls: null, start: null, agree: null }, by).replace(
      / How much of that .*/,
      '',
    );

  it('does not let two estimates of one effect contradict each other', () => {
    const few = { ns: 1e6, low: null, high: null };
    expect(said(few, ratio(-4, null))).toBe(
      'Under default it is not decided whether this program pays anything for its filter: in so few blocks amounts and ratios of CPU time point to different sides.',
    );
    expect(said(few, ratio(4, null))).toBe(
      'Under default it is not decided whether this program pays anything for its filter: 1 ms of CPU time per run (1.0 % [0.5, 1.5]), in too few blocks for an interval.',
    );
    expect(said(amount(1e6, 2e6), ratio(-1, 3))).toContain('no cost for this program is told from chance');
    expect(said(amount(1e6, 2e6), ratio(-1, 3))).not.toContain('ratio');
    expect(said(amount(3e6, 1e6), ratio(2, 1))).not.toContain('ratio');
    expect(said(amount(3e6, 1e6), ratio(2, 3))).toContain(
      'By the ratio within each block, on which the verdict rests, that is not decided: +2 % [−1, +5].',
    );
    expect(said(amount(1e6, 2e6), ratio(2, 1))).toContain(
      'The verdict (+2.0 % [+1.0, +3.0]) rests on the ratio within each block, which counts every block alike;',
    );
    expect(said(amount(3e6, 1e6), ratio(-2, 1))).toContain(
      'The verdict points to the other side (−2.0 % [−3.0, −1.0]): it rests on the ratio within each block,',
    );
  });

  it('names the call that explains most of what a request pays, where the kernel does not cache it', () => {
    const served = {
      ...COST,
      thing: 'request',
      start: null,
      measured: amount(400e3, 50e3),
      calls: amount(350e3, 20e3),
      predicted: amount(350e3, 20e3),
      share: { share: 0.012, low: 0.01, high: 0.014 },
      uncached: { call: 'futex', calls: 41, amount: amount(300e3, 10e3) },
    } as const;
    expect(costSentence(served)).toBe(
      'Under default this service pays 400 µs [350, 450] of CPU time per request (1.20 % [1.00, 1.40]) for its filter: 300 µs [290, 310] of that for 41 futex calls that the kernel does not cache. Predicted from its system calls: 350 µs [330, 370]. The two agree.',
    );
    expect(costSentence({ ...served, unfiltered: false, baseline: 'before' })).toContain('more than under before: 300');
    expect(costSentence({ ...served, uncached: null })).toContain(', all of which the kernel caches.');
    const rare = { call: 'clone', calls: 0.0008, amount: amount(90, 10) };
    expect(costSentence({ ...served, uncached: rare })).not.toContain('clone');
    // More than was measured is no part of it.
    const more = { ...served.uncached, amount: amount(500e3, 10e3) };
    expect(costSentence({ ...served, uncached: more })).not.toContain('futex');
  });
});
