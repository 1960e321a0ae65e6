import { describe, expect, it } from 'vitest';
import { differences } from '../../../src/statistics/distributions/moments.js';
import { hodgesLehmann, walshAverages } from '../../../src/statistics/distributions/wilcoxon.js';
import { AFTER_MS, BEFORE_MS, CONTROL_MS, logs } from './recording.js';

const of = (...values: number[]): ReturnType<typeof hodgesLehmann> => hodgesLehmann(Float64Array.from(values));

describe('wilcoxon', () => {
  it('lists the Walsh averages in ascending order', () => {
    expect([...walshAverages(Float64Array.of(4, 0, 2))]).toEqual([0, 1, 2, 2, 3, 4]);
  });

  it('gives an infinite interval for 1 and 2 differences', () => {
    expect(of(3)).toMatchObject({ value: 3, p: 1 });
    expect(of(1, 3)).toMatchObject({ value: 2, p: 0.5 });
    expect(of(1, 3).interval(0.95)).toEqual([-Infinity, Infinity]);
  });

  it('has no 95 % interval at five differences and the whole range at six', () => {
    expect(of(1, 2, 3, 4, 5).interval(0.95)).toEqual([-Infinity, Infinity]);
    expect(of(1, 2, 3, 4, 5).p).toBeCloseTo(0.0625, 15);
    expect(of(1, 2, 3, 4, 5, 6).interval(0.95)).toEqual([1, 6]);
    expect(of(1, 2, 3, 4, 5, 6).p).toBeCloseTo(0.03125, 15);
  });

  it('takes the ninth smallest and ninth largest average of ten differences', () => {
    const ranked = of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    expect(ranked.value).toBe(5.5);
    expect(ranked.interval(0.95)).toEqual([3, 8]);
    expect(ranked.p).toBeCloseTo(2 / 1024, 15);
  });

  it('lets ties with 0 never count as evidence', () => {
    expect(of(0, 0, 0, 0, 0, 0)).toMatchObject({ value: 0, p: 1 });
    expect(of(-1, 1)).toMatchObject({ value: 0, p: 1 });
    expect(of(0, 1, 2, 3, 4, 5, 6).p).toBeGreaterThan(of(0.5, 1, 2, 3, 4, 5, 6).p);
  });

  it('has p at most 0.05 just where the 95 % interval excludes 0', () => {
    const shifts = Array.from({ length: 25 }, (_, i) => (i - 12) / 2);
    const verdicts = shifts.map((shift) => {
      const ranked = of(...[-3.5, -2, -1, 0, 0.5, 1.5, 2.5, 4, 5].map((value) => value + shift));
      const [low, high] = ranked.interval(0.95);
      return { byInterval: low > 0 || high < 0, byP: ranked.p <= 0.05 };
    });
    expect(verdicts.map(({ byP }) => byP)).toEqual(verdicts.map(({ byInterval }) => byInterval));
    expect(new Set(verdicts.map(({ byP }) => byP)).size).toBe(2);
  });

  it('agrees with an independent implementation on a recording of 12 blocks', () => {
    const ranked = hodgesLehmann(differences(logs(AFTER_MS, 12), logs(BEFORE_MS, 12)));
    expect(ranked.value).toBeCloseTo(0.3954294935515743, 14);
    expect(ranked.interval(0.95)[0]).toBeCloseTo(0.3646030982117825, 14);
    expect(ranked.interval(0.95)[1]).toBeCloseTo(0.4355018080418358, 14);
    expect(ranked.p).toBeCloseTo(0.00048828125, 15);
  });

  it("agrees with SciPy's exact p on a recording of 25 equal pairs", () => {
    const ranked = hodgesLehmann(differences(logs(CONTROL_MS, 25), logs(BEFORE_MS, 25)));
    expect(ranked.value).toBeCloseTo(0.023351671818191866, 14);
    expect(ranked.interval(0.95)[0]).toBeCloseTo(0.0016368980076701956, 14);
    expect(ranked.interval(0.95)[1]).toBeCloseTo(0.04724463548870972, 14);
    expect(ranked.p).toBeCloseTo(0.02550506591796875, 14);
  });
});
