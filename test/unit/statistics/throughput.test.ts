import { describe, expect, it } from 'vitest';
import type { AnalysedRun } from '../../../src/model/analysis/analysis.js';
import { analyse } from '../../../src/statistics/index.js';
import { sweepsOf } from '../../../src/statistics/runs/throughput.js';
import { batchSample, HOST, okSample, parallel, planOf, sequential, THREE_ARMS } from '../results/runs.js';

/** Batches of 4, one makespan per round, the same for every arm; levels of one sweep share its id. */
function level(concurrency: number, makespansMs: readonly number[], id = 's'): AnalysedRun {
  const scenario = { ...parallel(4, makespansMs.length), concurrency };
  const plan = { ...planOf(scenario), sweep: { id, levels: [1, 2] } };
  const samples = makespansMs.flatMap((ms, block) =>
    THREE_ARMS.flatMap(({ name }) => [
      ...[0, 1, 2, 3].map((index) => okSample(name, block, { index, wallNs: (index + 1) * 10e6 })),
      batchSample(name, block, 4, 4, ms * 1e6),
    ]),
  );
  const run = { name: `c${concurrency}`, host: HOST, plan, evidence: [], samples, warnings: [] };
  return { run, analysis: analyse(run, { margin: 0.01 }) };
}

describe('throughput', () => {
  it('is the containers of a batch by its mean makespan, with the interval of that mean turned round', () => {
    const [before] = level(1, [1000, 2000, 3000]).analysis.throughput;
    // t(0.975; 2) = 4.302653, times 1 s / sqrt(3).
    const half = 4.302653 / Math.sqrt(3);
    expect(before).toMatchObject({
      arm: 'before',
      batches: 3,
      makespanSeconds: 2,
      perSecond: 2,
      perSecondLow: expect.closeTo(4 / (2 + half), 5) as number,
    });
    // The interval of the makespan reaches down to 0: no rate is too high.
    expect(before?.perSecondHigh).toBeNull();
    expect(before?.latency).toMatchObject({ count: 12, median: 25e6, max: 40e6 });
  });

  it('has no interval for a single batch, and none of it in a sequential scenario', () => {
    expect(level(1, [500]).analysis.throughput[0]).toMatchObject({
      perSecond: 8,
      perSecondLow: null,
      perSecondHigh: null,
    });
    expect(
      analyse(
        { plan: planOf(sequential(1)), samples: THREE_ARMS.map(({ name }) => okSample(name, 0)), evidence: [] },
        { margin: 0.01 },
      ).throughput,
    ).toEqual([]);
  });
});

describe('a sweep', () => {
  it('measures efficiency against the same arm alone: twice in flight and 1.6 times as fast is 80 %', () => {
    const [sweep] = sweepsOf([level(2, [500, 500]), level(1, [800, 800])]);
    expect([sweep?.levels, sweep?.count]).toEqual([[1, 2], 4]);
    expect(sweep?.points.map(({ arm, concurrency, efficiency }) => [arm, concurrency, efficiency])).toEqual([
      ['before', 1, 1],
      ['after', 1, 1],
      ['control', 1, 1],
      ['before', 2, expect.closeTo(0.8, 9)],
      ['after', 2, expect.closeTo(0.8, 9)],
      ['control', 2, expect.closeTo(0.8, 9)],
    ]);
  });

  it('is of runs that share its id, and of more than one', () => {
    expect(sweepsOf([level(1, [800]), level(2, [500], 'other')])).toEqual([]);
    expect(
      sweepsOf([level(1, [800]), level(2, [500]), level(2, [500], 'other')]).map(({ id, levels }) => [id, levels]),
    ).toEqual([['s', [1, 2]]]);
  });
});
