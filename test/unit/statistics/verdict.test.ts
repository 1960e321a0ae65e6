import { describe, expect, it } from 'vitest';
import type { ControlCheck, Estimate, InvalidReason, Verdict } from '../../../src/model/analysis/analysis.js';
import { holm } from '../../../src/statistics/distributions/holm.js';
import { percent, probability } from '../../../src/statistics/verdict/names.js';
import { controlState, decide, judge, type Grounds } from '../../../src/statistics/verdict/verdict.js';
import { because, type Circumstances, type Judged } from '../../../src/statistics/verdict/wording.js';

const estimate = (change: Partial<Estimate>): Estimate => ({
  method: 'trimmed-both',
  blocks: 100,
  logRatio: 0.001,
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

const grounds = (change: Partial<Grounds> = {}): Grounds => ({
  estimate: estimate({}),
  control: 'ok',
  treatmentFault: null,
  failDifferently: false,
  planned: 100,
  complete: 100,
  emulated: false,
  ...change,
});

const verdictOf = (change: Partial<Grounds>): readonly [Verdict, InvalidReason | null] => {
  const { verdict, invalid } = judge(grounds(change));
  return [verdict, invalid];
};

const sentence = (
  change: Partial<Estimate> | null,
  circumstances: Partial<Circumstances> = {},
  more: Partial<Judged> = {},
): string => {
  const own = change === null ? null : estimate({ logRatio: 0, ...change });
  const decision = judge(grounds({ estimate: own, control: circumstances.check?.state ?? 'ok' }));
  const judged: Judged = {
    arm: 'after',
    baseline: 'before',
    control: 'control',
    metric: 'cpu',
    estimate: own,
    ...decision,
    settlement: null,
    ...more,
  };
  return because(judged, {
    parallel: false,
    margin: 0.01,
    check: undefined,
    blocksComplete: 100,
    blocksPlanned: 100,
    treatmentFault: null,
    survival: [
      { run: 100, failed: 0 },
      { run: 200, failed: 0 },
    ],
    hidden: false,
    emulation: null,
    ...circumstances,
  });
};

describe('decide', () => {
  it('says faster or slower at p of at most 0.05, by the sign', () => {
    expect(decide(estimate({ logRatio: -0.02 }), 0.05)).toBe('faster');
    expect(decide(estimate({ logRatio: 0.02 }), 0.001)).toBe('slower');
    expect(decide(estimate({ logRatio: 0.02 }), 0.0501)).toBe('inconclusive');
  });

  it('says equivalent only where both one-sided tests passed and no difference is shown', () => {
    expect(decide(estimate({ equivalent: true }), 0.5)).toBe('equivalent');
    expect(decide(estimate({ equivalent: true }), 0.01)).toBe('slower');
  });
});

describe('judge', () => {
  it('decides by the numbers where nothing speaks against them', () => {
    expect(verdictOf({ estimate: estimate({ p: 0.01 }) })).toEqual(['slower', null]);
    expect(verdictOf({ control: 'warning' })).toEqual(['inconclusive', null]);
  });

  it('only describes where fewer than 20 blocks were asked for, or nothing was recorded', () => {
    expect(verdictOf({ planned: 19, complete: 19, estimate: estimate({ blocks: 19, p: 0.001 }) })).toEqual([
      'described',
      null,
    ]);
    expect(verdictOf({ planned: 20, complete: 20, estimate: estimate({ blocks: 20, p: 0.001 }) })).toEqual([
      'slower',
      null,
    ]);
    expect(verdictOf({ estimate: null })).toEqual(['described', null]);
    expect(verdictOf({ planned: 3, complete: 0, estimate: null })).toEqual(['described', null]);
  });

  it('is invalid where more were planned and fewer than 20 completed', () => {
    expect(verdictOf({ planned: 100, complete: 19, estimate: estimate({ blocks: 19, p: 0.001 }) })).toEqual([
      'invalid',
      'tooFewBlocks',
    ]);
    expect(verdictOf({ planned: 20, complete: 0, estimate: null })).toEqual(['invalid', 'tooFewBlocks']);
  });

  it('trusts nothing where equal arms differ, arms fail differently or the treatment was not applied', () => {
    expect(verdictOf({ control: 'invalid', estimate: estimate({ p: 0.001 }) })).toEqual(['invalid', 'control']);
    expect(verdictOf({ control: 'invalid', failDifferently: true })).toEqual(['invalid', 'failures']);
    expect(verdictOf({ failDifferently: true, treatmentFault: 'no filter' })).toEqual(['invalid', 'treatment']);
  });
});

describe('an emulated run', () => {
  it('gets no verdict from its times, however clear they are, few or many', () => {
    for (const blocks of [2, 20, 500]) {
      expect(
        verdictOf({
          emulated: true,
          planned: blocks,
          complete: blocks,
          estimate: estimate({ blocks, p: 1e-9, logRatio: -0.5 }),
        }),
      ).toEqual(['functional', null]);
    }
    expect(verdictOf({ emulated: true, control: 'invalid' })).toEqual(['functional', null]);
    expect(verdictOf({ emulated: true, planned: 100, complete: 3, estimate: estimate({ blocks: 3 }) })).toEqual([
      'functional',
      null,
    ]);
  });

  it('is invalid where what it is to prove did not hold', () => {
    expect(verdictOf({ emulated: true, treatmentFault: 'no filter' })).toEqual(['invalid', 'treatment']);
    expect(verdictOf({ emulated: true, failDifferently: true })).toEqual(['invalid', 'failures']);
  });

  it('is described where nothing was recorded', () => {
    expect(verdictOf({ emulated: true, planned: 3, complete: 0, estimate: null })).toEqual(['described', null]);
  });

  it('says who took the time', () => {
    expect(sentence({}, { emulation: { kind: 'tcg', sign: 'x' } }, { verdict: 'functional' })).toBe(
      'An emulator (QEMU TCG) took the time, so the CPU time of after and before compares nothing: the run proves that both work; measure on real hardware for a verdict.',
    );
  });
});

describe('controlState', () => {
  it('warns below 0.01 and is invalid below 0.001', () => {
    expect([0.5, 0.01, 0.0099, 0.001, 0.00099].map((p) => controlState(estimate({ p })))).toEqual([
      'ok',
      'ok',
      'warning',
      'warning',
      'invalid',
    ]);
  });

  it('is unknown where so few blocks could not show a difference', () => {
    expect(controlState(estimate({ blocks: 7, p: 0.016 }))).toBe('unknown');
    expect(controlState(null)).toBe('unknown');
  });
});

describe('wording', () => {
  it('shows log ratios as percent of change', () => {
    expect([0.369, Math.log(0.631), 0, -1e-6, 0.0058, Math.log(1.0999999)].map(percent)).toEqual([
      '+44.6 %',
      '-36.9 %',
      '0.00 %',
      '0.00 %',
      '+0.58 %',
      '+10.00 %',
    ]);
    expect([0, 1e-9, 0.00034, 0.5].map(probability)).toEqual(['p < 0.0001', 'p < 0.0001', 'p = 0.00034', 'p = 0.5']);
  });

  it('says by how much an arm is faster or slower', () => {
    expect(sentence({ logRatio: -0.2, low: -0.25, high: -0.15, blocks: 1400, p: 0.001 })).toBe(
      'after takes 18.1 % less CPU time than before (95 % interval -22.1 % to -13.9 %, 1,400 blocks): more than chance explains on this machine; repeat with another --seed before you publish it.',
    );
    expect(sentence({ logRatio: 0.2, low: 0.15, high: 0.25, p: 0.001 })).toBe(
      'after takes 22.1 % more CPU time than before (95 % interval +16.2 % to +28.4 %, 100 blocks): more than chance explains on this machine; repeat with another --seed before you publish it.',
    );
  });

  it('says when a real difference is below the margin', () => {
    expect(sentence({ logRatio: 0.004, low: 0.001, high: 0.007, equivalent: true, p: 0.01 })).toBe(
      'after takes 0.40 % more CPU time than before (95 % interval +0.10 % to +0.70 %, 100 blocks): a real difference, but smaller than the margin of 1 %; judge whether so little matters.',
    );
  });

  it('names the margin when it says equivalent', () => {
    expect(sentence({ low: -0.004, high: 0.004, equivalent: true }, { margin: 0.025 })).toBe(
      'after and before differ by less than the margin of 2.5 % in CPU time (0.00 %, 95 % interval -0.40 % to +0.40 %, 100 blocks): treat them as equal, or ask again with a smaller --margin.',
    );
  });

  it('says how many more containers would settle an inconclusive comparison', () => {
    const settlement = { blocks: 1600, moreBlocks: 1500, moreContainers: 4500 };
    expect(sentence({}, {}, { settlement })).toBe(
      'after against before is 0.00 % in CPU time (95 % interval -1.98 % to +2.02 %, 100 blocks): neither a difference nor equality within 1 % is shown; about 1,500 blocks more (4,500 containers) would settle it: --count 1600.',
    );
    expect(sentence({}, { parallel: true }, { settlement })).toContain('in CPU time of a batch (95 % interval');
    expect(sentence({}, { parallel: true }, { settlement })).toContain('--rounds 1600.');
  });

  it('says why nothing was decided', () => {
    expect(sentence({ blocks: 12 })).toBe(
      'Only 12 complete blocks, so this describes and decides nothing: run at least 20 (--count 20).',
    );
    expect(sentence({ blocks: 1 }, { parallel: true })).toBe(
      'Only 1 complete block, so this describes and decides nothing: run at least 20 (--rounds 20).',
    );
    expect(sentence(null, { blocksComplete: 0 })).toBe(
      'No block is complete, so nothing can be compared: see the failures, cure their cause and run again.',
    );
    expect(sentence(null)).toBe(
      'No CPU time above 0 was recorded, so it cannot be compared: use another engine for this metric.',
    );
  });

  it('says that what was started is too small to see', () => {
    expect(sentence(null, { hidden: true }, { metric: 'maxRss' })).toContain(
      "The peak memory of what was started is smaller than bench's own",
    );
  });

  it('says by how much equal arms differ when it says invalid', () => {
    const check: ControlCheck = { metric: 'cpu', state: 'invalid', estimate: estimate({ logRatio: 0.02, p: 0.0002 }) };
    expect(sentence({}, { check })).toBe(
      'before and its own copy control differ by +2.02 % (p = 0.0002) in CPU time, so something other than the spec decides: find what else ran or changed, then run again with --pause 5.',
    );
  });

  it('has a sentence with the next step for every other reason of invalid', () => {
    const invalid = (reason: InvalidReason, circumstances: Partial<Circumstances>): string =>
      sentence({}, circumstances, { verdict: 'invalid', invalid: reason });
    expect(
      invalid('treatment', { treatmentFault: 'after and before had the same spec and loaded the same filter' }),
    ).toBe(
      'after and before had the same spec and loaded the same filter, so this compares something else than it names: see the proof of treatment, mend the arm and run again.',
    );
    expect(
      invalid('failures', {
        survival: [
          { run: 100, failed: 12 },
          { run: 200, failed: 1 },
        ],
      }),
    ).toBe(
      'after failed in 12 of 100 containers, the others in 1 of 200: that is no chance, and what survived cannot be compared; see the failures, cure their cause and run again.',
    );
    expect(
      invalid('failures', {
        parallel: true,
        survival: [
          { run: 20, failed: 12 },
          { run: 40, failed: 1 },
        ],
      }),
    ).toContain('12 of 20 batches');
    expect(invalid('tooFewBlocks', { blocksComplete: 7 })).toBe(
      'Only 7 complete blocks of 100 planned, and a verdict needs 20: let the run go on to its end, or cure what made its containers fail.',
    );
  });
});

describe('holm', () => {
  it('steps down and never decreases', () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(holm([0.9, 0.6])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
});
