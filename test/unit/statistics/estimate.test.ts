import { describe, expect, it } from 'vitest';
import { batchMeans, lag1, tailZ } from '../../../src/statistics/paired/diagnostics.js';
import { estimateEffect, type PairedLogs } from '../../../src/statistics/paired/estimate.js';
import { series } from '../../../src/statistics/distributions/moments.js';
import { AFTER_MS, BEFORE_MS, CONTROL_MS, logs } from './recording.js';

const recorded = (count: number): PairedLogs => ({
  arm: logs(AFTER_MS, count),
  baseline: logs(BEFORE_MS, count),
  control: logs(CONTROL_MS, count),
});
/** An arm whose log differences to a baseline of 0 are given. */
const withDifferences = (values: Float64Array): PairedLogs => ({
  arm: values,
  baseline: new Float64Array(values.length),
  control: null,
});

describe('estimateEffect', () => {
  it('is nothing without a block', () => {
    expect(estimateEffect(recorded(0), { margin: 0.01 })).toBeNull();
  });

  it('uses both controls from 30 blocks on, with the interval and p of an independent implementation', () => {
    const estimate = estimateEffect(recorded(40), { margin: 0.01 });
    expect(estimate).toMatchObject({
      method: 'trimmed-both',
      blocks: 40,
      degreesOfFreedom: 23,
      equivalent: false,
      tailDiffers: false,
      dependent: false,
    });
    expect(estimate?.logRatio).toBeCloseTo(0.3892746852187577, 14);
    expect(estimate?.low).toBeCloseTo(0.3736036884823425, 10);
    expect(estimate?.high).toBeCloseTo(0.4049456819551729, 10);
    expect((estimate?.p ?? 0) / 3.0558883309508423e-25).toBeCloseTo(1, 8);
    expect(estimate?.meanLogRatio).toBeCloseTo(0.39215656432680257, 14);
    expect(estimate?.tailZ).toBeCloseTo(1.3984207378011373, 12);
    expect(estimate?.lag1).toBeCloseTo(0.10217010336287659, 12);
  });

  it("is the 20 % trimmed mean with Yuen's error where only that is asked for", () => {
    const estimate = estimateEffect(recorded(40), { margin: 0.01, trims: [20] });
    expect(estimate?.logRatio).toBeCloseTo(0.38944528111206667, 14);
    expect(estimate?.low).toBeCloseTo(0.37328176915075284, 10);
    expect(estimate?.high).toBeCloseTo(0.4056087930733805, 10);
    expect((estimate?.p ?? 0) / 6.127120126963923e-25).toBeCloseTo(1, 8);
    expect(estimate?.tailZ).toBeCloseTo(1.135918552932972, 12);
    expect(estimate?.lag1).toBeCloseTo(0.09997417944744222, 12);
  });

  it('uses one control where there is no other', () => {
    const estimate = estimateEffect(
      { arm: logs(CONTROL_MS), baseline: logs(BEFORE_MS), control: null },
      { margin: 0.01 },
    );
    expect(estimate).toMatchObject({ method: 'trimmed-one', equivalent: false });
    expect(estimate?.low).toBeCloseTo(-0.0023711945775235412, 10);
    expect(estimate?.high).toBeCloseTo(0.03094278224726358, 10);
    expect(estimate?.p).toBeCloseTo(0.08927476224347133, 10);
  });

  it('changes to Hodges-Lehmann on the baseline alone below 30 blocks', () => {
    expect(estimateEffect(recorded(30), { margin: 0.01 })?.method).toBe('trimmed-both');
    expect(estimateEffect(recorded(29), { margin: 0.01 })).toMatchObject({
      method: 'hodges-lehmann',
      blocks: 29,
      standardError: null,
      degreesOfFreedom: null,
      tailZ: null,
    });
    expect(estimateEffect(recorded(12), { margin: 0.01 })?.logRatio).toBeCloseTo(0.3954294935515743, 14);
  });

  it('has an infinite interval for 1 to 5 blocks', () => {
    expect([1, 2, 5].map((n) => estimateEffect(recorded(n), { margin: 0.01 }))).toEqual(
      [1, 2, 5].map((blocks): unknown =>
        expect.objectContaining({ blocks, low: -Infinity, high: Infinity, equivalent: false }),
      ),
    );
  });

  it('changes its sign, and nothing else, when the arms change places', () => {
    const forth = estimateEffect({ arm: logs(AFTER_MS), baseline: logs(BEFORE_MS), control: null }, { margin: 0.01 });
    const back = estimateEffect({ arm: logs(BEFORE_MS), baseline: logs(AFTER_MS), control: null }, { margin: 0.01 });
    expect(back?.logRatio).toBeCloseTo(-(forth?.logRatio ?? 0), 14);
    expect(back?.low).toBeCloseTo(-(forth?.high ?? 0), 14);
    expect((back?.p ?? 0) / (forth?.p ?? 1)).toBeCloseTo(1, 10);
  });

  it('calls arms equivalent just where the 90 % interval is inside the margin', () => {
    // Mean 0, standard error 0.0045: 1.714 of it is 0.0077, 2.069 of it 0.0093.
    const noisy = withDifferences(series(40, (i) => (i % 2 === 0 ? 0.022 : -0.022)));
    const estimate = estimateEffect(noisy, { margin: 0.01 });
    const half = 1.7138715277470473 * (estimate?.standardError ?? 0);
    expect(estimate?.logRatio).toBeCloseTo(0, 16);
    expect(estimateEffect(noisy, { margin: Math.expm1(half + 1e-6) })?.equivalent).toBe(true);
    expect(estimateEffect(noisy, { margin: Math.expm1(half - 1e-6) })?.equivalent).toBe(false);
  });

  it('shrinks to a point where every block gives the same ratio', () => {
    expect(estimateEffect(withDifferences(new Float64Array(30).fill(0.5)), { margin: 0.01 })).toMatchObject({
      logRatio: 0.5,
      low: 0.5,
      high: 0.5,
      p: 0,
      equivalent: false,
    });
    expect(estimateEffect(withDifferences(new Float64Array(30)), { margin: 0.01 })).toMatchObject({
      logRatio: 0,
      low: 0,
      high: 0,
      p: 1,
      equivalent: true,
      lag1: null,
    });
  });

  it('takes means of five blocks where neighbours resemble each other', () => {
    const steps = series(200, (i) => Math.sin(Math.floor(i / 5) * 2.4) / 10);
    const estimate = estimateEffect(withDifferences(steps), { margin: 0.01 });
    expect(estimate).toMatchObject({ dependent: true, blocks: 200, degreesOfFreedom: 23 });
    expect(estimate?.lag1).toBeGreaterThan(0.5);
    expect(estimateEffect(withDifferences(steps.subarray(0, 99)), { margin: 0.01 })).toMatchObject({
      dependent: false,
      degreesOfFreedom: 60,
    });
  });

  it('is wider, and its p larger, for a run that was ended by its own width or decision', () => {
    const [plain, wide, look] = [{}, { widening: 1.05 }, { pFactor: 2, equivalenceLevel: 0.95 }].map((more) =>
      estimateEffect(recorded(40), { margin: 0.01, ...more }),
    );
    expect((wide?.high ?? 0) - (wide?.low ?? 0)).toBeCloseTo(1.05 * ((plain?.high ?? 0) - (plain?.low ?? 0)), 14);
    expect(wide?.logRatio).toBe(plain?.logRatio);
    expect(wide?.p).toBeGreaterThan(plain?.p ?? 1);
    expect(look).toMatchObject({ low: plain?.low, high: plain?.high, p: 2 * (plain?.p ?? 0) });
    expect(estimateEffect(recorded(3), { margin: 0.01, pFactor: 30 })?.p).toBe(1);
  });

  it('flags tails that differ, and reports the mean next to the trimmed mean', () => {
    const tail = series(400, (i) => (i % 20 === 0 ? 1 : (((i * 0.618034) % 1) - 0.5) / 100));
    const estimate = estimateEffect(withDifferences(tail), { margin: 0.01 });
    expect(estimate?.tailDiffers).toBe(true);
    expect(estimate?.meanLogRatio).toBeCloseTo(0.05, 3);
    expect(Math.abs(estimate?.logRatio ?? 1)).toBeLessThan(0.002);
  });
});

describe('diagnostics', () => {
  it('takes the lag-1 autocorrelation about the mean', () => {
    expect(lag1(Float64Array.of(1, 2, 3, 4))).toBe(0.25);
    expect(lag1(Float64Array.of(1, -1, 1, -1))).toBe(-0.75);
    expect(lag1(Float64Array.of(2, 2, 2))).toBeNull();
  });

  it('drops no value when it takes means of five', () => {
    expect([...batchMeans(series(12, (i) => i))]).toEqual([2, 8]);
    expect([...batchMeans(Float64Array.of(1, 2, 6))]).toEqual([3]);
  });

  it('has no tail z where the rest does not vary', () => {
    expect(tailZ(Float64Array.of(1, 1, 1), { value: 1, influence: Float64Array.of(0, 0, 0) })).toBeNull();
  });
});
