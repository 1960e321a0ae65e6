import { describe, expect, it } from 'vitest';
import type {
  ControlCheck,
  Estimate,
  InvalidReason,
  TreatmentFault,
  Verdict,
  VerdictReason,
} from '../../../src/model/analysis/analysis.js';
import { holm } from '../../../src/statistics/verdict/family.js';
import { controlState, decide, judge, type Grounds } from '../../../src/statistics/verdict/verdict.js';
import { reasonFor, type Circumstances } from '../../../src/statistics/verdict/reason.js';

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
  runtimeChanged: false,
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

const FAULT: TreatmentFault = { code: 'noFilter', arm: 'after' };

const reasonOf = (
  change: Partial<Estimate> | null,
  circumstances: Partial<Circumstances> = {},
  more: Partial<Grounds> = {},
): VerdictReason => {
  const own = change === null ? null : estimate({ logRatio: 0, ...change });
  const decision = judge(grounds({ estimate: own, control: circumstances.check?.state ?? 'ok', ...more }));
  return reasonFor(decision, own, {
    check: undefined,
    blocksComplete: 100,
    blocksPlanned: 100,
    treatmentFault: more.treatmentFault ?? null,
    survival: [
      { run: 100, failed: 0 },
      { run: 200, failed: 0 },
    ],
    hidden: false,
    emulation: null,
    changed: null,
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
    expect(verdictOf({ failDifferently: true, treatmentFault: FAULT })).toEqual(['invalid', 'treatment']);
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
    expect(verdictOf({ emulated: true, treatmentFault: FAULT })).toEqual(['invalid', 'treatment']);
    expect(verdictOf({ emulated: true, failDifferently: true })).toEqual(['invalid', 'failures']);
  });

  it('is described where nothing was recorded', () => {
    expect(verdictOf({ emulated: true, planned: 3, complete: 0, estimate: null })).toEqual(['described', null]);
  });

  it('names the emulator', () => {
    expect(reasonOf({}, { emulation: { kind: 'tcg', sign: 'x' } }, { emulated: true })).toEqual({
      code: 'emulated',
      emulation: 'tcg',
    });
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

describe('the reason of a verdict', () => {
  it('is a difference, small where it is within the margin', () => {
    expect(reasonOf({ logRatio: -0.2, low: -0.25, high: -0.15, p: 0.001 })).toEqual({
      code: 'difference',
      small: false,
    });
    expect(reasonOf({ logRatio: 0.004, low: 0.001, high: 0.007, equivalent: true, p: 0.01 })).toEqual({
      code: 'difference',
      small: true,
    });
  });

  it('is equality within the margin, or neither', () => {
    expect(reasonOf({ low: -0.004, high: 0.004, equivalent: true })).toEqual({ code: 'withinMargin' });
    expect(reasonOf({})).toEqual({ code: 'unresolved' });
  });

  it('is what is missing where nothing was decided', () => {
    expect(reasonOf({ blocks: 12 })).toEqual({ code: 'fewBlocks', blocks: 12, needed: 20 });
    expect(reasonOf(null, { blocksComplete: 0 })).toEqual({ code: 'noBlock' });
    expect(reasonOf(null)).toEqual({ code: 'notRecorded' });
    expect(reasonOf(null, { hidden: true })).toEqual({ code: 'hidden' });
  });

  it('has the numbers of everything that makes a comparison invalid', () => {
    const check: ControlCheck = { metric: 'cpu', state: 'invalid', estimate: estimate({ logRatio: 0.02, p: 0.0002 }) };
    expect(reasonOf({}, { check })).toEqual({ code: 'control', logRatio: 0.02, p: 0.0002 });
    expect(reasonOf({}, {}, { treatmentFault: FAULT })).toEqual({ code: 'treatment', fault: FAULT });
    const survival = [
      { run: 100, failed: 12 },
      { run: 200, failed: 1 },
    ] as const;
    expect(reasonOf({}, { survival }, { failDifferently: true })).toEqual({
      code: 'failures',
      failed: 12,
      run: 100,
      othersFailed: 1,
      othersRun: 200,
    });
    expect(reasonOf({}, { blocksComplete: 7 }, { complete: 7 })).toEqual({
      code: 'tooFewBlocks',
      blocks: 7,
      planned: 100,
      needed: 20,
    });
  });
});

describe('holm', () => {
  it('steps down and never decreases', () => {
    expect(holm([0.01, 0.04, 0.03])).toEqual([0.03, 0.06, 0.06]);
    expect(holm([0.9, 0.6])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
});
