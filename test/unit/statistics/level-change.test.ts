import { describe, expect, it } from 'vitest';
import type { RunBreak } from '../../../src/model/results/break.js';
import { analyse } from '../../../src/statistics/index.js';
import { planOf, sequential, sequentialRun } from '../results/runs.js';

const resumed = (block: number): RunBreak => ({
  kind: 'resumed',
  block,
  warmup: false,
  at: `2026-11-21T01:0${block % 10}:00.000Z`,
  after: null,
});

/** After block 60 all times are `level` as long, and those of `after` `ratio` times their part. */
const run = ({ ratio = 1, level = 1, blocks = 120, breaks = [resumed(60)] } = {}) => ({
  plan: { ...planOf(sequential(blocks)), formatVersion: 2 as const },
  evidence: [],
  samples: sequentialRun(
    blocks,
    (arm, block) =>
      100 *
      (block >= 60 ? level : 1) *
      (1 + 0.03 * Math.sin(block * 2.3 + (arm === 'control' ? 1 : 0))) *
      (arm === 'after' ? 0.8 * (block >= 60 ? ratio : 1) * (1 + 0.03 * Math.cos(block * 2.1)) : 1),
  ),
  breaks,
});
const breaksOf = (made: ReturnType<typeof run>) => analyse(made, { margin: 0.01 }).breaks ?? [];
const rowOf = (made: ReturnType<typeof run>, kind: string, metric = 'cpu') =>
  breaksOf(made)[0]?.rows.find((one) => one.kind === kind && one.metric === metric);
const codesOf = (made: ReturnType<typeof run>) => analyse(made, { margin: 0.01 }).warnings.map(({ code }) => code);

describe('a run that was resumed', () => {
  it('is compared before and after the break: the effect of every arm, and the level of the baseline', () => {
    const [only] = breaksOf(run());
    expect([only?.block, only?.blocks]).toEqual([60, [60, 60]]);
    expect(only?.rows.map(({ kind, arm, metric }) => `${kind} ${arm} ${metric}`)).toEqual([
      'effect after cpu',
      'level before cpu',
      'effect after wall',
      'level before wall',
    ]);
    expect(only?.rows.every(({ changed }) => !changed)).toBe(true);
    expect(codesOf(run())).not.toContain('effectAtBreak');
  });

  it('is warned of where an effect changed, with the change and the adjusted p', () => {
    const made = run({ ratio: 1.1 });
    const row = rowOf(made, 'effect');
    expect(row?.estimate?.logRatio).toBeCloseTo(Math.log(1.1), 2);
    expect(row?.adjusted).toBeGreaterThan(row?.estimate?.p ?? 1);
    expect(analyse(made, { margin: 0.01 }).warnings).toContainEqual({
      code: 'effectAtBreak',
      block: 60,
      arm: 'after',
      metric: 'cpu',
      logRatio: row?.estimate?.logRatio,
      p: row?.adjusted,
    });
  });

  it('is not warned of where only the level changed: the pairs are within blocks', () => {
    const made = run({ level: 1.5 });
    expect(rowOf(made, 'level')).toMatchObject({ arm: 'before', changed: true });
    expect(rowOf(made, 'level')?.estimate?.logRatio).toBeCloseTo(Math.log(1.5), 2);
    expect(rowOf(made, 'effect')?.changed).toBe(false);
    expect(codesOf(made)).not.toContain('effectAtBreak');
  });

  it('is compared with the 30 nearest blocks where the next break is nearer', () => {
    const breaks = [resumed(55), resumed(60), resumed(62)];
    const looked = breaksOf(run({ breaks }));
    expect(looked.map(({ block, blocks }) => [block, ...blocks])).toEqual([
      [55, 55, 30],
      [60, 30, 30],
      [62, 30, 58],
    ]);
  });

  it('is not judged with fewer than 30 blocks on one side', () => {
    const [only] = breaksOf(run({ blocks: 80 }));
    expect(
      only?.rows.every(({ estimate, adjusted, changed }) => estimate === null && adjusted === null && !changed),
    ).toBe(true);
  });

  it('has nothing to compare where it was resumed before its first block, or after its last', () => {
    expect(breaksOf(run({ breaks: [resumed(0), resumed(120)] }))).toEqual([]);
  });
});

describe('a run without an end', () => {
  const without = { ...run({ breaks: [] }), plan: { ...planOf(sequential(130)), formatVersion: 2 as const } };

  it('is told to go on, to be killed or to have no end on record', () => {
    for (const state of ['running', 'killed', 'unknown'] as const)
      expect(analyse({ ...without, unended: state }, { margin: 0.01 }).warnings).toContainEqual({
        code: 'unended',
        state,
        blocks: 120,
        planned: 130,
      });
  });

  it('is whole where an early version recorded no end, and every block is there', () => {
    const early = { ...without, plan: planOf(sequential(120)), unended: 'unknown' as const };
    expect(analyse(early, { margin: 0.01 }).warnings.map(({ code }) => code)).not.toContain('unended');
  });
});
