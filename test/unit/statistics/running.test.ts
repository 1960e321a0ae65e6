import { describe, expect, it } from 'vitest';
import { RunningEffect } from '../../../src/statistics/index.js';

const after = (ratios: readonly number[]) => {
  const effect = new RunningEffect();
  for (const ratio of ratios) effect.add(ratio);
  return effect.soFar;
};

describe('the effect so far', () => {
  it('is nothing before the fifth block', () => {
    expect(after([0.1, 0.2, 0.3, 0.4])).toBeNull();
  });

  it("is the mean with Student's interval", () => {
    // Mean 0.3, standard error 0.1 / sqrt(2), t(4) = 2.776445.
    const { logRatio, low, high } = after([0.1, 0.2, 0.3, 0.4, 0.5])!;
    expect(logRatio).toBeCloseTo(0.3, 12);
    expect(low).toBeCloseTo(0.3 - 2.7764451 * 0.0707106781, 7);
    expect(high).toBeCloseTo(0.3 + 2.7764451 * 0.0707106781, 7);
  });
});
