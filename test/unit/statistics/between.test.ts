import { describe, expect, it } from 'vitest';
import { compareRuns } from '../../../src/statistics/runs/between.js';
import { planOf, sequential, sequentialRun } from '../results/runs.js';

/** `before` and `control` at 100 ms times a wave, `after` at `ratio` times that with its own small wave. */
const run = (ratio: number, level = 1, blocks = 60) => ({
  plan: planOf(sequential(blocks)),
  samples: sequentialRun(
    blocks,
    (arm, block) =>
      100 *
      level *
      (1 + 0.1 * Math.sin(block / 9)) *
      (arm === 'after'
        ? ratio * (1 + 0.01 * Math.cos(block * 2.1))
        : 1 + 0.002 * Math.sin(block * 1.7 + (arm === 'control' ? 1 : 0))),
  ),
});
const row = (rows: ReturnType<typeof compareRuns>['rows'], kind: string, arm: string) =>
  rows.find((one) => one.kind === kind && one.arm === arm && one.metric === 'cpu')!;

describe('comparing two runs', () => {
  it('finds the same effect in runs at different levels, and calls the level possible drift', () => {
    const { rows } = compareRuns(run(0.8), run(0.8, 1.3), 0.01);
    expect(row(rows, 'effect', 'after')).toMatchObject({ verdict: 'equivalent' });
    expect(row(rows, 'effect', 'after').estimate!.logRatio).toBeCloseTo(0, 10);
    expect(row(rows, 'level', 'before').estimate!.logRatio).toBeCloseTo(Math.log(1.3), 10);
    expect(row(rows, 'level', 'before').verdict).toBe('described');
    expect(row(rows, 'level', 'before').estimate!.low).toBeGreaterThan(0);
  });

  it('finds a changed effect', () => {
    const { rows } = compareRuns(run(0.8), run(0.7), 0.01);
    expect(row(rows, 'effect', 'after').verdict).toBe('faster');
    expect(row(rows, 'effect', 'after').estimate!.logRatio).toBeCloseTo(Math.log(0.7 / 0.8), 10);
    expect(row(compareRuns(run(0.7), run(0.8), 0.01).rows, 'effect', 'after').verdict).toBe('slower');
  });

  it('has no effect row for the baseline and its control', () => {
    const { rows } = compareRuns(run(0.8), run(0.8), 0.01);
    expect([...new Set(rows.filter((one) => one.kind === 'effect').map((one) => one.arm))]).toEqual(['after']);
    expect([...new Set(rows.filter((one) => one.kind === 'level').map((one) => one.arm))]).toEqual([
      'before',
      'after',
      'control',
    ]);
  });

  it('compares no times where either run was emulated', () => {
    const emulated = { ...run(0.7), host: { emulation: { kind: 'tcg', sign: 'x' } } } as const;
    for (const { rows } of [compareRuns(emulated, run(0.8), 0.01), compareRuns(run(0.8), emulated, 0.01)]) {
      expect(new Set(rows.map(({ verdict }) => verdict))).toEqual(new Set(['functional']));
    }
  });

  it('judges nothing below 30 blocks', () => {
    const { rows } = compareRuns(run(0.8, 1, 29), run(0.8), 0.01);
    expect(rows.every((one) => one.verdict === 'described' && one.estimate === null)).toBe(true);
    expect(rows).toHaveLength(8);
  });

  it('names arms that only one run has', () => {
    const other = run(0.8);
    const renamed = {
      plan: planOf({
        ...other.plan.scenario,
        arms: [
          { name: 'before', policy: 'all' },
          { name: 'native', policy: 'native' },
        ],
      }),
      samples: [],
    };
    expect(compareRuns(other, renamed, 0.01).unmatched).toEqual([
      { arm: 'after', only: 'base' },
      { arm: 'control', only: 'base' },
      { arm: 'native', only: 'candidate' },
    ]);
  });
});
