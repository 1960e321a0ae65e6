import { describe, expect, it } from 'vitest';
import type { Comparison, Estimate } from '../../src/model/analysis.js';
import { holm } from '../../src/statistics/holm.js';
import { blocksToFind, roundedUp } from '../../src/statistics/planning.js';
import { controlState, decide } from '../../src/statistics/verdict.js';
import { because, percent, probability, type Circumstances } from '../../src/statistics/wording.js';

const estimate = (change: Partial<Estimate>): Estimate => ({
  method: 'yuen-both', blocks: 100, logRatio: 0, low: -0.02, high: 0.02, p: 0.5, standardError: 0.01, degreesOfFreedom: 59,
  equivalent: false, meanLogRatio: 0, tailZ: 0, tailDiffers: false, lag1: 0, dependent: false, ...change,
});

const sentence = (change: Partial<Estimate> | null, circumstances: Partial<Circumstances> = {}): string => {
  const own = change === null ? null : estimate(change);
  const comparison: Omit<Comparison, 'because'> = {
    arm: 'after', baseline: 'before', control: 'control', metric: 'cpu', estimate: own, verdict: decide(own, circumstances.check?.state ?? 'ok'),
  };
  return because(comparison, { parallel: false, margin: 0.01, check: undefined, blocksComplete: 100, ...circumstances });
};

describe('decide', () => {
  it('needs an interval that excludes 0 for faster and slower', () => {
    expect(decide(estimate({ low: -0.03, high: -0.01 }), 'ok')).toBe('faster');
    expect(decide(estimate({ low: 0.01, high: 0.03 }), 'ok')).toBe('slower');
    expect(decide(estimate({ low: 0, high: 0.03 }), 'ok')).toBe('inconclusive');
  });

  it('says equivalent only where both one-sided tests passed and 0 is inside', () => {
    expect(decide(estimate({ low: -0.004, high: 0.004, equivalent: true }), 'ok')).toBe('equivalent');
    expect(decide(estimate({ low: 0.001, high: 0.004, equivalent: true }), 'ok')).toBe('slower');
  });

  it('decides nothing below 20 blocks or without any', () => {
    expect(decide(estimate({ blocks: 19, low: 0.01, high: 0.03 }), 'ok')).toBe('described');
    expect(decide(estimate({ blocks: 20, low: 0.01, high: 0.03 }), 'ok')).toBe('slower');
    expect(decide(null, 'unknown')).toBe('described');
  });

  it('trusts nothing where equal arms differ', () => {
    expect(decide(estimate({ low: -0.03, high: -0.01 }), 'invalid')).toBe('invalid');
    expect(decide(estimate({ low: -0.03, high: -0.01 }), 'warning')).toBe('faster');
  });
});

describe('controlState', () => {
  it('warns below 0.01 and is invalid below 0.001', () => {
    expect([0.5, 0.01, 0.0099, 0.001, 0.00099].map((p) => controlState(estimate({ p })))).toEqual(['ok', 'ok', 'warning', 'warning', 'invalid']);
  });

  it('is unknown where so few blocks could not show a difference', () => {
    expect(controlState(estimate({ blocks: 7, p: 0.016 }))).toBe('unknown');
    expect(controlState(null)).toBe('unknown');
  });
});

describe('wording', () => {
  it('shows log ratios as percent of change', () => {
    expect([0.369, Math.log(0.631), 0, -1e-6, 0.0058, Math.log(1.0999999)].map(percent)).toEqual(['+44.6 %', '-36.9 %', '0.00 %', '0.00 %', '+0.58 %', '+10.00 %']);
    expect([0, 1e-9, 0.00034, 0.5].map(probability)).toEqual(['p < 0.0001', 'p < 0.0001', 'p = 0.00034', 'p = 0.5']);
  });

  it('says by how much an arm is faster or slower', () => {
    expect(sentence({ logRatio: -0.2, low: -0.25, high: -0.15, blocks: 1400 }))
      .toBe('after takes 18.1 % less CPU time than before (95 % interval -22.1 % to -13.9 %, 1,400 blocks): more than chance explains on this machine; repeat with another --seed before you publish it.');
    expect(sentence({ logRatio: 0.2, low: 0.15, high: 0.25 }))
      .toBe('after takes 22.1 % more CPU time than before (95 % interval +16.2 % to +28.4 %, 100 blocks): more than chance explains on this machine; repeat with another --seed before you publish it.');
  });

  it('says when a real difference is below the margin', () => {
    expect(sentence({ logRatio: 0.004, low: 0.001, high: 0.007, equivalent: true }))
      .toBe('after takes 0.40 % more CPU time than before (95 % interval +0.10 % to +0.70 %, 100 blocks): a real difference, but smaller than the margin of 1 %; judge whether so little matters.');
  });

  it('names the margin when it says equivalent', () => {
    expect(sentence({ low: -0.004, high: 0.004, equivalent: true }, { margin: 0.025 }))
      .toBe('after and before differ by less than the margin of 2.5 % in CPU time (0.00 %, 95 % interval -0.40 % to +0.40 %, 100 blocks): treat them as equal, or ask again with a smaller --margin.');
  });

  it('says how many blocks would settle an inconclusive comparison', () => {
    expect(sentence({})).toBe('after against before is 0.00 % in CPU time (95 % interval -1.98 % to +2.02 %, 100 blocks): neither a difference nor equality within 1 % is shown; about 1,600 blocks would settle it (--count 1600).');
    expect(sentence({}, { parallel: true })).toContain('in CPU time of a batch (95 % interval');
    expect(sentence({}, { parallel: true })).toContain('(--rounds 1600)');
    expect(sentence({ standardError: 0.001 })).toContain('about 200 blocks would settle it');
  });

  it('says why nothing was decided', () => {
    expect(sentence({ blocks: 12 })).toBe('Only 12 complete blocks, so this describes and decides nothing: run at least 20 (--count 20).');
    expect(sentence({ blocks: 1 }, { parallel: true })).toBe('Only 1 complete block, so this describes and decides nothing: run at least 20 (--rounds 20).');
    expect(sentence(null, { blocksComplete: 0 })).toBe('No block is complete, so nothing can be compared: see the failures, cure their cause and run again.');
    expect(sentence(null)).toBe('No CPU time above 0 was recorded, so it cannot be compared: use another engine for this metric.');
  });

  it('says by how much equal arms differ when it says invalid', () => {
    expect(sentence({}, { check: { metric: 'cpu', state: 'invalid', estimate: estimate({ logRatio: 0.02, p: 0.0002 }) } }))
      .toBe('before and its own copy control differ by +2.02 % (p = 0.0002) in CPU time, so something other than the spec decides: find what else ran or changed, then run again with --pause 5.');
  });
});

describe('planning', () => {
  it('follows the formula with a factor of 2 for CPU and 2.5 for wall time', () => {
    expect(blocksToFind(0.01, estimate({}), 'cpu')).toBe(1586);
    expect(blocksToFind(0.01, estimate({}), 'wall')).toBe(1983);
    expect(blocksToFind(0.01, estimate({}), 'latency')).toBe(1983);
  });

  it('takes the spread from the interval where there is no standard error', () => {
    expect(blocksToFind(0.01, estimate({ standardError: null, low: -0.0196, high: 0.0196 }), 'cpu')).toBe(1586);
    expect(blocksToFind(0.01, estimate({ standardError: null, low: -Infinity, high: Infinity }), 'cpu')).toBeNull();
  });

  it('rounds up to two digits', () => {
    expect([0, 1, 99, 101, 1586, 10_000].map(roundedUp)).toEqual([0, 1, 99, 110, 1600, 10_000]);
  });
});

describe('holm', () => {
  it('steps down and never decreases', () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(holm([0.9, 0.6])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
});
