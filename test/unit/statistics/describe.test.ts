import { describe, expect, it } from 'vitest';
import { describeValues } from '../../../src/statistics/runs/describe.js';

describe('describeValues', () => {
  it('says nothing of no values', () => {
    expect(describeValues(Float64Array.of())).toBeNull();
  });

  it('has no standard deviation of one value', () => {
    expect(describeValues(Float64Array.of(7))).toEqual({
      count: 1,
      min: 7,
      p25: 7,
      median: 7,
      p75: 7,
      p90: 7,
      p99: 7,
      max: 7,
      mean: 7,
      standardDeviation: null,
      outliers: 0,
    });
  });

  it('interpolates between two values', () => {
    expect(describeValues(Float64Array.of(3, 1))).toEqual({
      count: 2,
      min: 1,
      p25: 1.5,
      median: 2,
      p75: 2.5,
      p90: 2.8,
      p99: 2.98,
      max: 3,
      mean: 2,
      standardDeviation: Math.SQRT2,
      outliers: 0,
    });
  });

  it('takes type-7 quantiles of one to ten', () => {
    const description = describeValues(Float64Array.of(10, 9, 8, 7, 6, 5, 4, 3, 2, 1));
    expect(description).toMatchObject({ p25: 3.25, median: 5.5, p75: 7.75, mean: 5.5 });
    expect(description?.p90).toBeCloseTo(9.1, 12);
    expect(description?.p99).toBeCloseTo(9.91, 12);
    expect(description?.standardDeviation).toBeCloseTo(3.0276503540974917, 14);
  });

  it('marks values beyond three interquartile ranges of a quartile, and keeps them', () => {
    // Quartiles 2 and 4: the fences are -4 and 10, which themselves are inside.
    expect(describeValues(Float64Array.of(1, 2, 3, 4, 10))).toMatchObject({ outliers: 0, max: 10 });
    expect(describeValues(Float64Array.of(1, 2, 3, 4, 10.01))).toMatchObject({ count: 5, outliers: 1, max: 10.01 });
    expect(describeValues(Float64Array.of(-4.01, 2, 3, 4, 5))).toMatchObject({ outliers: 1, min: -4.01 });
  });

  it('has no spread where all values are equal, and marks what departs from ties', () => {
    expect(describeValues(Float64Array.of(5, 5, 5, 5))).toMatchObject({
      p25: 5,
      p99: 5,
      standardDeviation: 0,
      outliers: 0,
    });
    expect(describeValues(Float64Array.of(5, 5, 5, 5, 5, 6, 4))).toMatchObject({ outliers: 2 });
  });
});
