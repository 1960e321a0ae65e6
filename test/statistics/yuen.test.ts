import { describe, expect, it } from 'vitest';
import { differences } from '../../src/statistics/moments.js';
import { trim, yuenBoth, yuenOne } from '../../src/statistics/yuen.js';
import { AFTER_MS, BEFORE_MS, CONTROL_MS, logs } from './recording.js';

const toTen = Float64Array.of(10, 1, 9, 2, 8, 3, 7, 4, 6, 5);

describe('yuen', () => {
  it('trims a fifth from either end and winsorises in the order of the input', () => {
    expect(trim(toTen)).toEqual({ mean: 5.5, winsorised: Float64Array.of(8, 3, 8, 3, 8, 3, 7, 4, 6, 5), kept: 6 });
  });

  it('gives the standard error of a trimmed mean as by hand', () => {
    const location = yuenOne(toTen);
    expect(location?.value).toBe(5.5);
    expect(location?.standardError).toBeCloseTo(Math.sqrt(42.5 / 30), 14);
    expect(location?.degreesOfFreedom).toBe(5);
  });

  it('has no estimate of spread for 0 and 1 values', () => {
    expect(yuenOne(new Float64Array(0))).toBeNull();
    expect(yuenOne(Float64Array.of(1))).toBeNull();
    expect(yuenBoth(Float64Array.of(1), Float64Array.of(2))).toBeNull();
  });

  it('is the plain mean and its error for 2 values', () => {
    expect(yuenOne(Float64Array.of(1, 3))).toMatchObject({ value: 2, standardError: 1, degreesOfFreedom: 1 });
  });

  it('has no error where all values are equal', () => {
    expect(yuenOne(new Float64Array(12).fill(0.25))).toMatchObject({ value: 0.25, standardError: 0 });
  });

  it('keeps ties at the cut', () => {
    expect(trim(Float64Array.of(1, 1, 1, 2, 9))).toEqual({ mean: 4 / 3, winsorised: Float64Array.of(1, 1, 1, 2, 2), kept: 3 });
  });

  it('agrees with an independent implementation on a recording, one control', () => {
    const location = yuenOne(differences(logs(CONTROL_MS), logs(BEFORE_MS)));
    expect(location?.value).toBeCloseTo(0.014321824770004358, 14);
    expect(location?.standardError).toBeCloseTo(0.008263938589099828, 14);
    expect(location?.degreesOfFreedom).toBe(23);
  });

  it('agrees with an independent implementation on a recording, both controls', () => {
    const after = logs(AFTER_MS);
    const location = yuenBoth(differences(after, logs(BEFORE_MS)), differences(after, logs(CONTROL_MS)));
    expect(location?.value).toBeCloseTo(0.38944528111206667, 14);
    expect(location?.standardError).toBeCloseTo(0.007813526936455532, 14);
    expect(location?.degreesOfFreedom).toBe(23);
  });

  it('trims each pair on its own, which is not the same as trimming the mean of both', () => {
    const first = Float64Array.of(0, 0, 0, 0, 10);
    const second = Float64Array.of(10, 0, 0, 0, 3);
    expect(yuenBoth(first, second)?.value).toBe(0.5);
    expect(trim(first.map((value, i) => (value + (second[i] ?? 0)) / 2)).mean).toBeCloseTo(5 / 3, 14);
  });
});
