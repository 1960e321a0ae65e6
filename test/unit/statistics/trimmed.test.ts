import { describe, expect, it } from 'vitest';
import { differences, mean } from '../../../src/statistics/distributions/moments.js';
import { trimmedBoth, trimmedOne } from '../../../src/statistics/paired/trimmed.js';
import { AFTER_MS, BEFORE_MS, CONTROL_MS, logs } from './recording.js';

const toTen = Float64Array.of(10, 1, 9, 2, 8, 3, 7, 4, 6, 5);
const FIFTH = [20];

describe('a single cut', () => {
  it('trims a fifth from either end, with the standard error as by hand', () => {
    const location = trimmedOne(toTen, FIFTH);
    expect(location?.value).toBe(5.5);
    expect(location?.standardError).toBeCloseTo(Math.sqrt(42.5 / 30), 14);
    expect(location?.degreesOfFreedom).toBe(5);
  });

  it('lets a trimmed value move the mean as far as the last one kept, in the order of the input', () => {
    const clamped = [8, 3, 8, 3, 8, 3, 7, 4, 6, 5];
    const influence = trimmedOne(toTen, FIFTH)?.influence ?? [];
    clamped.forEach((value, i) => {
      expect(influence[i]).toBeCloseTo((value - 5.5) * Math.sqrt(90 / 30), 13);
    });
  });

  it('keeps ties at the cut', () => {
    expect(trimmedOne(Float64Array.of(1, 1, 1, 2, 9), FIFTH)).toMatchObject({ value: 4 / 3, degreesOfFreedom: 2 });
  });

  it('agrees with an independent implementation on a recording, one control', () => {
    const location = trimmedOne(differences(logs(CONTROL_MS), logs(BEFORE_MS)), FIFTH);
    expect(location?.value).toBeCloseTo(0.014321824770004358, 14);
    expect(location?.standardError).toBeCloseTo(0.008263938589099828, 14);
    expect(location?.degreesOfFreedom).toBe(23);
  });

  it('agrees with an independent implementation on a recording, both controls', () => {
    const after = logs(AFTER_MS);
    const location = trimmedBoth(differences(after, logs(BEFORE_MS)), differences(after, logs(CONTROL_MS)), FIFTH);
    expect(location?.value).toBeCloseTo(0.38944528111206667, 14);
    expect(location?.standardError).toBeCloseTo(0.007813526936455532, 14);
    expect(location?.degreesOfFreedom).toBe(23);
  });
});

describe('the mean of seven cuts', () => {
  it('is the plain mean and its error for 2 and 3 values', () => {
    expect(trimmedOne(Float64Array.of(1, 3))).toMatchObject({ value: 2, degreesOfFreedom: 1 });
    expect(trimmedOne(Float64Array.of(1, 3))?.standardError).toBeCloseTo(1, 14);
    expect(trimmedOne(Float64Array.of(1, 3, 8))).toMatchObject({ value: 4, degreesOfFreedom: 2 });
    expect(trimmedOne(Float64Array.of(1, 3, 8))?.standardError).toBeCloseTo(Math.sqrt(13 / 3), 14);
  });

  it('has no estimate of spread for 0 and 1 values', () => {
    expect(trimmedOne(new Float64Array(0))).toBeNull();
    expect(trimmedOne(Float64Array.of(1))).toBeNull();
    expect(trimmedBoth(Float64Array.of(1), Float64Array.of(2))).toBeNull();
  });

  it('has no error where all values are equal', () => {
    expect(trimmedOne(new Float64Array(12).fill(0.25))).toMatchObject({ value: 0.25, standardError: 0 });
  });

  it('averages what each cut gives', () => {
    const values = differences(logs(AFTER_MS), logs(CONTROL_MS));
    const single = [5, 10, 15, 20, 25, 30, 35].map((percent) => trimmedOne(values, [percent])?.value ?? Number.NaN);
    expect(trimmedOne(values)?.value).toBeCloseTo(mean(Float64Array.from(single)), 15);
  });

  it('agrees with an independent implementation on a recording, one control and both', () => {
    const after = logs(AFTER_MS);
    const one = trimmedOne(differences(logs(CONTROL_MS), logs(BEFORE_MS)));
    expect([one?.value, one?.standardError, one?.degreesOfFreedom]).toEqual([
      expect.closeTo(0.01428579383487002, 14),
      expect.closeTo(0.008052076055746775, 14),
      23,
    ]);
    const both = trimmedBoth(differences(after, logs(BEFORE_MS)), differences(after, logs(CONTROL_MS)));
    expect([both?.value, both?.standardError, both?.degreesOfFreedom]).toEqual([
      expect.closeTo(0.3892746852187577, 14),
      expect.closeTo(0.007575442478971038, 14),
      23,
    ]);
  });

  it('keeps its error nearly the same on either side of a gap between two modes, where that of a single cut collapses', () => {
    // Slow starts just below and just above the fifth that is cut off.
    const modes = (slow: number) =>
      Float64Array.from({ length: 100 }, (_, i) => (i < slow ? 0.3 : 0) + (((i * 0.618034) % 1) - 0.5) / 50);
    const error = (slow: number, trims?: readonly number[]) => trimmedOne(modes(slow), trims)?.standardError ?? 0;
    expect(error(19, FIFTH) / error(21, FIFTH)).toBeLessThan(0.2);
    expect(error(19) / error(21)).toBeGreaterThan(0.6);
  });

  it('trims each pair on its own, which is not the same as trimming the mean of both', () => {
    const first = Float64Array.of(0, 0, 0, 0, 10);
    const second = Float64Array.of(10, 0, 0, 0, 3);
    expect(trimmedBoth(first, second, FIFTH)?.value).toBe(0.5);
    expect(
      trimmedOne(
        first.map((value, i) => (value + (second[i] ?? 0)) / 2),
        FIFTH,
      )?.value,
    ).toBeCloseTo(5 / 3, 14);
  });
});
