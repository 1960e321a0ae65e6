import { describe, expect, it } from 'vitest';
import type { Analysis, Comparison, Metric } from '../../../src/model/analysis/analysis.js';
import type { ArmEvidence } from '../../../src/model/run/evidence.js';
import { isTimed } from '../../../src/model/analysis/judgement.js';
import type { Sample } from '../../../src/model/results/sample.js';
import type { Scenario } from '../../../src/model/run/scenario.js';
import { analyse } from '../../../src/statistics/analyse.js';
import {
  batchSample,
  failedSample,
  okSample,
  parallel,
  planOf,
  sequential,
  sequentialRun,
  THREE_ARMS,
} from '../results/runs.js';
import { AFTER_MS, BEFORE_MS, CONTROL_MS } from './recording.js';

const analysed = (
  scenario: Scenario,
  samples: readonly Sample[],
  evidence: readonly ArmEvidence[] = [],
  margin = 0.01,
): Analysis => analyse({ plan: planOf(scenario), samples, evidence }, { margin });

const comparison = ({ comparisons }: Analysis, metric: Metric, arm = 'after'): Comparison | undefined =>
  comparisons.find((one) => one.metric === metric && one.arm === arm);

const timed = ({ comparisons }: Analysis): readonly Comparison[] => comparisons.filter(({ metric }) => isTimed(metric));

const recordedMs = (arm: string, block: number): number =>
  ({ before: BEFORE_MS, control: CONTROL_MS, after: AFTER_MS })[arm]![block]!;

describe('analyse, sequential', () => {
  it('finds the slower spec of a recording, CPU first', () => {
    const analysis = analysed(sequential(40), sequentialRun(40, recordedMs));
    expect(analysis).toMatchObject({ blocksPlanned: 40, blocksComplete: 40, margin: 0.01, failures: [] });
    expect(
      timed(analysis).map(({ arm, baseline, control, metric, verdict }) => [arm, baseline, control, metric, verdict]),
    ).toEqual([
      ['after', 'before', 'control', 'cpu', 'slower'],
      ['after', 'before', 'control', 'wall', 'slower'],
    ]);
    expect(comparison(analysis, 'cpu')?.estimate?.logRatio).toBeCloseTo(0.3892746852187577, 12);
    expect(comparison(analysis, 'cpu')).toMatchObject({
      reason: { code: 'difference', small: false },
      estimate: {
        low: expect.closeTo(Math.log(1.453), 3) as number,
        high: expect.closeTo(Math.log(1.499), 3) as number,
        blocks: 40,
      },
    });
    expect(analysis.controls.map(({ metric, state }) => [metric, state])).toEqual([
      ['cpu', 'ok'],
      ['wall', 'ok'],
      ['maxRss', 'unknown'],
      ['contextSwitches', 'ok'],
      ['pageFaults', 'ok'],
    ]);
    expect(analysis.controls[0]?.estimate?.p).toBeCloseTo(0.08927476224347133, 9);
  });

  it('calls arms of equal times equivalent', () => {
    const analysis = analysed(
      sequential(40),
      sequentialRun(40, (_, block) => 10 + block),
    );
    expect(timed(analysis).map(({ verdict }) => verdict)).toEqual(['equivalent', 'equivalent']);
  });

  it('is invalid in a metric where the control differs, and only there', () => {
    const samples = sequentialRun(40, recordedMs).map((sample) =>
      sample.arm === 'control' ? { ...sample, wallNs: sample.wallNs * 1.2 } : sample,
    );
    const analysis = analysed(sequential(40), samples);
    expect(timed(analysis).map(({ metric, verdict, invalid }) => [metric, verdict, invalid])).toEqual([
      ['cpu', 'slower', null],
      ['wall', 'invalid', 'control'],
    ]);
    expect(analysis.warnings).toContainEqual({
      code: 'controlDiffers',
      state: 'invalid',
      metric: 'wall',
      logRatio: expect.closeTo(Math.log(1.217), 3) as number,
      p: expect.closeTo(0, 4) as number,
    });
  });

  it('compares every further arm with the baseline and its control, in the order of the plan', () => {
    const arms = [{ name: 'unconfined', policy: 'unconfined' as const }, ...THREE_ARMS];
    const samples = sequentialRun(30, (_, block) => 10 + block);
    const unconfined = samples
      .filter(({ arm }) => arm === 'after')
      .map((sample) => ({ ...sample, arm: 'unconfined', position: 3, userNs: sample.userNs / 2 }));
    const analysis = analysed(sequential(30, { arms }), [...samples, ...unconfined]);
    expect(analysis.comparisons.map(({ arm, metric, verdict }) => [arm, metric, verdict])).toEqual([
      ['unconfined', 'cpu', 'faster'],
      ['unconfined', 'wall', 'equivalent'],
      ['unconfined', 'maxRss', 'described'],
      ['unconfined', 'contextSwitches', 'equivalent'],
      ['unconfined', 'pageFaults', 'equivalent'],
      ['after', 'cpu', 'equivalent'],
      ['after', 'wall', 'equivalent'],
      ['after', 'maxRss', 'described'],
      ['after', 'contextSwitches', 'equivalent'],
      ['after', 'pageFaults', 'equivalent'],
    ]);
    expect(comparison(analysis, 'cpu', 'unconfined')?.estimate?.logRatio).toBeCloseTo(Math.log(0.5), 14);
  });

  it('uses one control where the plan has no second', () => {
    const arms = THREE_ARMS.slice(0, 2);
    const analysis = analysed(
      sequential(40, { arms }),
      sequentialRun(40, recordedMs).filter(({ arm }) => arm !== 'control'),
    );
    expect(analysis.controls).toEqual([]);
    expect(comparison(analysis, 'cpu')).toMatchObject({
      control: null,
      estimate: { method: 'trimmed-one' },
      verdict: 'slower',
    });
  });

  it('drops a block with a failed container, and counts every container once', () => {
    const samples = [
      ...sequentialRun(25, (_, block) => 10 + block).filter(({ arm, block }) => !(arm === 'after' && block < 2)),
      failedSample('after', 0),
      failedSample('after', 1, { cause: 'timed out', state: 'timedOut', stderr: '' }),
      failedSample('before', 25, { state: 'interrupted', cause: 'interrupted' }),
    ];
    const analysis = analysed(sequential(30), samples);
    expect(analysis.blocksComplete).toBe(23);
    expect(analysis.arms.map(({ arm, planned, ok, failed, notRun }) => [arm, planned, ok, failed, notRun])).toEqual([
      ['before', 30, 25, 0, 5],
      ['after', 30, 23, 2, 5],
      ['control', 30, 25, 0, 5],
    ]);
    expect(analysis.failures).toEqual([
      { arm: 'after', stage: 'run', errno: null, cause: 'exit code 1', count: 1, stderr: 'no such file' },
      { arm: 'after', stage: 'run', errno: null, cause: 'timed out', count: 1, stderr: '' },
    ]);
    expect(comparison(analysis, 'cpu')?.estimate?.blocks).toBe(23);
    expect(analysis.warnings).toEqual(
      expect.arrayContaining([
        { code: 'blocksFailed', blocks: 2, planned: 30, failures: [{ arm: 'after', count: 2 }] },
        { code: 'blocksNotRun', blocks: 5, planned: 30, interrupted: 1 },
        { code: 'fewBlocks', state: 'simple', blocks: 23, needed: 30 },
      ]),
    );
  });

  it("groups failures of one cause and keeps the first one's stderr", () => {
    const samples = [0, 1, 2].map((block) => failedSample('before', block, { stderr: `attempt ${block}` }));
    expect(analysed(sequential(3), samples).failures).toEqual([
      { arm: 'before', stage: 'run', errno: null, cause: 'exit code 1', count: 3, stderr: 'attempt 0' },
    ]);
  });

  it('leaves warm-up out of every number, but reports its failures', () => {
    const warm = [okSample('before', 0, { warmup: true, wallNs: 1 }), failedSample('after', 0, { warmup: true })];
    const analysis = analysed(sequential(2), [...warm, ...sequentialRun(2, () => 10)]);
    expect(analysis.arms.map(({ ok, failed, wall }) => [ok, failed, wall?.min])).toEqual([
      [2, 0, 20e6],
      [2, 0, 20e6],
      [2, 0, 20e6],
    ]);
    expect(analysis.failures).toEqual([]);
    expect(analysis.warnings).toContainEqual({
      code: 'warmupFailed',
      failures: [{ arm: 'after', count: 1 }],
      cause: 'exit code 1',
    });
  });

  it('describes nothing and decides nothing where nothing ran', () => {
    const analysis = analysed(sequential(3), []);
    expect(analysis.arms[0]).toEqual({
      arm: 'before',
      planned: 3,
      ok: 0,
      failed: 0,
      notRun: 3,
      wall: null,
      cpu: null,
      latency: null,
      totalSeconds: null,
      totalSecondsLow: null,
      totalSecondsHigh: null,
    });
    expect(comparison(analysis, 'cpu')).toMatchObject({ estimate: null, verdict: 'described' });
    expect(new Set(analysis.controls.map(({ state }) => state))).toEqual(new Set(['unknown']));
  });

  it('describes one and two blocks without a verdict', () => {
    for (const blocks of [1, 2]) {
      const analysis = analysed(
        sequential(blocks),
        sequentialRun(blocks, () => 10),
      );
      expect(comparison(analysis, 'wall')).toMatchObject({
        estimate: { blocks, low: -Infinity, high: Infinity, p: 1 },
        verdict: 'described',
      });
    }
  });

  it('adds up the total of an arm with its t interval', () => {
    const analysis = analysed(
      sequential(3),
      sequentialRun(3, (_, block) => 5000 + 500 * block),
    );
    expect(analysis.arms[0]?.totalSeconds).toBeCloseTo(33, 9);
    expect(analysis.arms[0]?.totalSecondsLow).toBeCloseTo(33 - 7.452413135, 6);
    expect(analysis.arms[0]?.totalSecondsHigh).toBeCloseTo(33 + 7.452413135, 6);
    expect(
      analysed(
        sequential(1),
        sequentialRun(1, () => 5000),
      ).arms[0],
    ).toMatchObject({ totalSeconds: 10, totalSecondsLow: null, totalSecondsHigh: null });
  });

  it('says that CPU time is missing where an engine reports none', () => {
    const samples = sequentialRun(20, () => 10).map((sample) => ({ ...sample, userNs: 0 }));
    const analysis = analysed(sequential(20), samples);
    expect(comparison(analysis, 'cpu')).toMatchObject({ estimate: null, verdict: 'described' });
    expect(comparison(analysis, 'wall')?.verdict).toBe('equivalent');
    expect(analysis.arms[0]?.cpu).toBeNull();
    expect(analysis.warnings).toContainEqual({ code: 'zeroValues', metric: 'cpu', blocks: 20 });
  });

  it('compares instructions where they were counted, and leaves out blocks in which they are not known', () => {
    const counts = { before: 2_000_000, control: 2_000_000, after: 1_500_000 } as Readonly<Record<string, number>>;
    const samples = sequentialRun(24, () => 10).map((sample) => {
      const userInstructions = counts[sample.arm]! + (sample.block % 5);
      return sample.block < 3 && sample.arm === 'after'
        ? sample
        : { ...sample, userInstructions, kernelInstructions: 2 * userInstructions };
    });
    const analysis = analysed(sequential(24), samples);
    for (const metric of ['userInstructions', 'kernelInstructions'] as const) {
      expect(comparison(analysis, metric)).toMatchObject({ verdict: 'faster', family: null, estimate: { blocks: 21 } });
      expect(comparison(analysis, metric)?.estimate?.logRatio).toBeCloseTo(Math.log(0.75), 4);
    }
    // What is not known is nowhere taken for a count, and decides no time.
    expect(comparison(analysis, 'cpu')?.verdict).toBe('equivalent');
    expect(analysis.warnings).toContainEqual({ code: 'countersShared', blocks: 3, of: 24 });
    expect(analysis.warnings.map(({ code }) => code)).not.toContain('zeroValues');
  });

  it('says that no count is known where the PMU was never there for a whole start', () => {
    const plan = { ...planOf(sequential(20)), counters: { state: 'counted' } as const };
    const samples = sequentialRun(20, () => 10);
    const analysis = analyse({ plan, samples, evidence: [] }, { margin: 0.01 });
    expect(comparison(analysis, 'userInstructions')).toMatchObject({ estimate: null, verdict: 'described' });
    expect(analysis.warnings).toContainEqual({ code: 'countersShared', blocks: 20, of: 20 });
    expect(comparison(analysed(sequential(20), samples), 'userInstructions')).toBeUndefined();
  });

  it('refuses samples of another plan and a margin of 0', () => {
    expect(() => analysed(sequential(2), [okSample('before', 2)])).toThrow(
      'samples: expected one of before, after, control in block 0 to 1, got before in block 2',
    );
    expect(() => analysed(sequential(2), [okSample('other', 0)])).toThrow('got other in block 0');
    expect(() => analysed(sequential(2), [], [], 0)).toThrow('margin: expected a number > 0, got 0');
  });
});

describe('analyse, parallel', () => {
  const batch = (arm: string, block: number, wallsMs: readonly number[], makespanMs: number): Sample[] => [
    ...wallsMs.map((ms, index) => okSample(arm, block, { index, wallNs: ms * 1e6 })),
    batchSample(arm, block, wallsMs.length, wallsMs.length, makespanMs * 1e6),
  ];
  const run = (blocks: number): Sample[] =>
    Array.from({ length: blocks }, (_, block) =>
      THREE_ARMS.flatMap(({ name }) =>
        name === 'after'
          ? batch(name, block, [100, 400], 400 + block)
          : batch(name, block, [100, 900], 800 + 2 * block),
      ),
    ).flat();

  it('takes the batch as the unit: makespan, sum of CPU times, mean log of latencies', () => {
    const analysis = analysed(parallel(2, 30), run(30));
    expect(timed(analysis).map(({ metric, verdict }) => [metric, verdict])).toEqual([
      ['cpu', 'equivalent'],
      ['wall', 'faster'],
      ['latency', 'faster'],
    ]);
    expect(comparison(analysis, 'wall')?.estimate?.logRatio).toBeCloseTo(Math.log(0.5), 14);
    expect(comparison(analysis, 'latency')?.estimate?.logRatio).toBeCloseTo(Math.log(2 / 3), 14);
    expect(comparison(analysis, 'latency')?.estimate?.blocks).toBe(30);
    const after = analysis.arms[1];
    expect(after).toMatchObject({
      planned: 60,
      ok: 60,
      cpu: { count: 30, median: 100e6 },
      latency: { count: 60, median: 250e6 },
    });
    expect(after?.totalSeconds).toBeCloseTo(0.4145, 12);
    expect(after?.wall).toMatchObject({ count: 30, min: 400e6, max: 429e6 });
  });

  it('drops the block of a batch with a failure, and describes only whole batches', () => {
    const rest = run(3).filter((sample) => !(sample.arm === 'before' && sample.block === 1));
    const broken = [okSample('before', 1), failedSample('before', 1, { index: 1 }), batchSample('before', 1, 1, 2)];
    const analysis = analysed(parallel(2, 3), [...rest, ...broken]);
    expect(analysis.blocksComplete).toBe(2);
    expect(analysis.arms[0]).toMatchObject({
      planned: 6,
      ok: 5,
      failed: 1,
      notRun: 0,
      wall: { count: 2 },
      latency: { count: 5 },
    });
    expect(analysis.arms[1]).toMatchObject({ wall: { count: 3 }, totalSeconds: 0.401 });
  });
});
