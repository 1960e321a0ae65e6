import { describe, expect, it } from 'vitest';
import { changePoints } from '../../../src/history/index.js';
import { randomOf } from '../reporting/damage.js';

/** Sums of uniform numbers: close enough to a normal distribution, with standard deviation 1. */
function noise(seed: number, length: number): readonly number[] {
  const random = randomOf(seed);
  return Array.from({ length }, () => Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6));
}

const stepped = (values: readonly number[], at: number, size: number): readonly number[] =>
  values.map((value, index) => value + (index >= at ? size : 0));

describe('change points', () => {
  it('are where the level of a series changes', () => {
    const found = changePoints(stepped(stepped(noise(1, 40), 12, 8), 30, -12));
    expect(found.map(({ at }) => at)).toEqual([12, 30]);
    for (const { p } of found) expect(p).toBeLessThanOrEqual(0.01);
  });

  it('are none where nothing changes, whatever the level, and also where all values are the same', () => {
    expect(changePoints(noise(2, 60).map((value) => 100 + value))).toEqual([]);
    expect(changePoints(Array.from({ length: 30 }, () => 1.5))).toEqual([]);
  });

  it('are the same every time, and do not depend on the unit', () => {
    const values = stepped(noise(3, 30), 20, 3);
    expect(changePoints(values)).toEqual(changePoints(values));
    expect(changePoints(values.map((value) => 1000 * value + 7))).toEqual(changePoints(values));
  });

  it('need three values on either side, and ten in all', () => {
    const flat = [0.1, 0, 0.2, 0.1, 0, 0.2, 0.1, 0.05, 0.15, 0.12];
    expect(changePoints([...flat, 9, 9.1])).toEqual([]);
    expect(changePoints([...flat, 9, 9.1, 9.2]).map(({ at }) => at)).toEqual([10]);
    expect(changePoints([0, 0.1, 0.2, 9, 9.1, 9.2])).toEqual([]);
    expect(changePoints([])).toEqual([]);
  });

  it('come by chance about as often as the significance says', () => {
    const alarms = (significance: number): number =>
      Array.from({ length: 400 }, (_, seed) => changePoints(noise(1000 + seed, 12), { significance })).filter(
        (found) => found.length > 0,
      ).length;
    // Of 400 at 10 %: 40, and fewer than 20 or more than 62 once in 2,000 times.
    const most = alarms(0.1);
    expect(most).toBeGreaterThan(20);
    expect(most).toBeLessThan(62);
    expect(alarms(0.01)).toBeLessThan(12);
  });

  it('are found in a change of the scatter too', () => {
    const [calm, loud] = [noise(5, 40), noise(6, 40).map((value) => 12 * value)];
    const [first] = changePoints([...calm, ...loud]);
    expect(first?.at).toBeGreaterThan(30);
    expect(first?.at).toBeLessThan(50);
  });

  it('have the energy distance of the paper: a series of two blocks is cut between them', () => {
    // 5 zeros and 5 ones: any other cut mixes them. All 252 orders, 2 of them this good: p is near 0.008.
    const [only] = changePoints([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(only?.at).toBe(5);
    expect(only?.p).toBeLessThanOrEqual(0.01);
  });
});
