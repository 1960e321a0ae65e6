import { describe, expect, it } from 'vitest';
import { analysePercall } from '../../../src/statistics/index.js';
import { nsPerCall } from '../../../src/statistics/calls/ns-per-call.js';
import { located } from '../../../src/statistics/calls/locate.js';
import { leastSquares } from '../../../src/statistics/calls/percall.js';
import { percallRun } from './percall.fixtures.js';

const priceOf = (analysis: ReturnType<typeof analysePercall>, arm: string, call: string) =>
  analysis.prices.find((price) => price.arm === arm && price.call === call)!;

describe('the price of a call in one container', () => {
  it('is the median over its rounds, each less the empty loop of the same round', () => {
    const report = {
      emptyNs: [10, 20, 30],
      calls: [
        { ns: [1010, 3020, 2030], result: 0 },
        { ns: [10, 20, 30], result: 0 },
      ],
    };
    expect([nsPerCall(report, 0, 100), nsPerCall(report, 1, 100)]).toEqual([20, 0]);
    expect(nsPerCall({ emptyNs: [0, 0], calls: [{ ns: [100, 300], result: 0 }] }, 0, 10)).toBe(20);
  });
});

describe('a straight line', () => {
  it('goes through points that lie on one, and between points that do not', () => {
    expect(leastSquares(Float64Array.of(0, 1, 2), Float64Array.of(5, 7, 9))).toEqual({ slope: 2, intercept: 5 });
    expect(leastSquares(Float64Array.of(1, 1, 3, 3), Float64Array.of(0, 2, 4, 6))).toEqual({ slope: 2, intercept: -1 });
  });
});

describe('the location of prices', () => {
  it('has no interval for one, two or five values, an exact one for six, a t interval from 30 on', () => {
    expect(located(Float64Array.of())).toEqual({ value: NaN, low: -Infinity, high: Infinity });
    expect(located(Float64Array.of(3))).toEqual({ value: 3, low: -Infinity, high: Infinity });
    expect(located(Float64Array.of(3, 5))).toEqual({ value: 4, low: -Infinity, high: Infinity });
    expect(located(Float64Array.of(1, 2, 3, 4, 5, 6))).toEqual({ value: 3.5, low: 1, high: 6 });
    expect(located(new Float64Array(30).fill(7))).toEqual({ value: 7, low: 7, high: 7 });
  });
});

describe('analysePercall', () => {
  it('gives ns, ns more and ratios, denied calls against the call that does not exist', () => {
    const analysis = analysePercall(percallRun());
    expect([analysis.blocks, analysis.failed, analysis.warnings]).toEqual([30, 0, []]);
    const seen = (
      [
        ['unconfined', 'personality'],
        ['small', 'getppid'],
        ['large', 'personality'],
        ['small', 'kexec_load'],
      ] as const
    ).map(([arm, call]) => {
      const { ns, added, reference, ratio } = priceOf(analysis, arm, call);
      return [ns.value, added.value, reference, ratio === null ? null : Math.exp(ratio.logRatio)];
    });
    expect(seen).toEqual([
      [200, 0, 'personality', null],
      [125, 25, 'getppid', expect.closeTo(1.25, 10)],
      [400, 200, 'personality', expect.closeTo(2, 10)],
      [150, 70, 'unknown', expect.closeTo(150 / 80, 10)],
    ]);
    expect(analysis.prices).toHaveLength(12);
    expect(analysis.prices.some(({ arm }) => arm === 'control')).toBe(false);
  });

  it('fits a line in every block through what runs a filter, cached calls left out', () => {
    // 100, 70, 70 ns at 400 instructions and 200, 170, 170 at 900.
    const { fit } = analysePercall(percallRun({ drift: (block) => block % 7 }));
    expect([fit?.points, fit?.nsPerInstruction.value, fit?.entryNs.value]).toEqual([
      6,
      expect.closeTo(0.2, 10),
      expect.closeTo(0, 8),
    ]);
  });

  it('takes drift that all arms share out of differences', () => {
    const { added, ns } = priceOf(analysePercall(percallRun({ drift: (block) => 10 * block })), 'large', 'personality');
    expect([added.low, added.value, added.high]).toEqual(
      [200, 200, 200].map((value) => expect.closeTo(value, 9) as number),
    );
    expect(ns.high - ns.low).toBeGreaterThan(50);
  });

  it('fits no line through counts of instructions that are close together, and gives the reason', () => {
    const fitted = (instructions: readonly [number, number]) => {
      const { fit, noFit } = analysePercall(percallRun({ instructions }));
      return [fit?.nsPerInstruction.value ?? null, noFit];
    };
    expect(fitted([6, 11])).toEqual([null, { code: 'tooClose', least: 6, most: 11, needed: 50 }]);
    expect(fitted([400, 449])).toEqual([null, { code: 'tooClose', least: 400, most: 449, needed: 50 }]);
    expect(fitted([7, 7])).toEqual([null, { code: 'tooClose', least: 7, most: 7, needed: 50 }]);
    // 100 ns more at 50 instructions more.
    expect(fitted([400, 450])).toEqual([expect.closeTo(2, 10), null]);
    expect(analysePercall(percallRun({ samples: () => [] })).noFit).toEqual({ code: 'noBlock' });
  });

  it('leaves an arm out of line and findings where the simulated filter is not the one that ran', () => {
    const wrong = (all: ReturnType<typeof percallRun>['samples']) =>
      all.map((sample) =>
        sample.arm === 'large' && sample.state === 'ok'
          ? { ...sample, calls: sample.calls.map((call, index) => (index === 3 ? { ...call, result: -38 } : call)) }
          : sample,
      );
    const analysis = analysePercall(percallRun({ samples: wrong }));
    expect([analysis.doubted, analysis.fit, analysis.noFit]).toEqual([
      ['large'],
      null,
      { code: 'tooClose', least: 400, most: 400, needed: 50 },
    ]);
    expect(analysis.warnings).toEqual([
      { code: 'contradiction', arm: 'large', call: 'unknown', errno: 1, result: -38 },
      { code: 'leftOut', arms: ['large'] },
    ]);
    expect(JSON.stringify(analysis.findings)).not.toContain('large');
    const run = percallRun();
    const evidence = [
      {
        arm: 'small',
        policy: 'native',
        architectures: [],
        specBytes: 1,
        specSha256: 'a',
        leftOut: [],
        seccompMode: 2,
        probe32: { outcome: 'ran', detail: '' },
        loaded: { state: 'seen', via: 'strace', programs: [{ instructions: 11, sha256: 'loaded' }] },
        predicted: { state: 'built', instructions: 9, sha256: 'built' },
      },
    ] satisfies typeof run.evidence;
    expect(analysePercall({ ...run, evidence }).doubted).toEqual([]);
    expect(
      analysePercall({
        ...run,
        evidence,
        simulated: run.simulated.map((one) => (one.arm === 'small' ? { ...one, from: 'predicted' } : one)),
      }).doubted,
    ).toEqual(['small']);
  });

  it('decides for every claim about prices whether it holds, from 20 blocks on', () => {
    const states = (run: Parameters<typeof percallRun>[0]): readonly string[] =>
      analysePercall(percallRun(run)).findings.map(({ state }) => state);
    expect(states({})).toEqual(['fails', 'holds', 'holds', 'holds', 'holds']);
    const [cached, same] = analysePercall(percallRun()).findings;
    expect(cached).toMatchObject({
      code: 'cachedIsCheap',
      call: 'getppid',
      arm: 'small',
      limit: 0.1,
      low: expect.closeTo(Math.log(1.25), 10) as number,
      high: expect.closeTo(Math.log(1.25), 10) as number,
      addedNs: 25,
      ns: 125,
    });
    expect(same).toMatchObject({ code: 'cachedAlike', call: 'getppid', spread: expect.closeTo(0, 10) as number });
    // So few blocks are described, not judged.
    expect(states({ blocks: 20 })).toHaveLength(5);
    for (const blocks of [5, 19]) expect(states({ blocks })).toEqual([]);
  });

  it('drops the block of a container that failed, and counts it by arm and cause', () => {
    const analysis = analysePercall(
      percallRun({
        samples: (all) =>
          all.map((sample, index) =>
            index === 5
              ? {
                  block: sample.block,
                  warmup: false,
                  position: sample.position,
                  arm: sample.arm,
                  startNs: 0,
                  state: 'failed',
                  cause: 'exit code 1',
                  stderr: 'no',
                }
              : sample,
          ),
      }),
    );
    expect([analysis.blocks, analysis.failed, analysis.failures]).toEqual([
      29,
      1,
      [{ arm: 'small', cause: 'exit code 1', count: 1 }],
    ]);
    expect(analysis.warnings).toEqual([{ code: 'containersFailed', containers: 1 }]);
  });

  it('finds equal arms that differ', () => {
    const analysis = analysePercall(
      percallRun({
        samples: (all) =>
          all.map((sample) =>
            sample.arm === 'control' && sample.state === 'ok'
              ? {
                  ...sample,
                  calls: sample.calls.map(({ ns, result }) => ({ ns: ns.map((value) => value * 1.1), result })),
                }
              : sample,
          ),
      }),
    );
    expect(analysis.controls.map(({ state }) => state)).toEqual(['differs', 'differs', 'differs', 'differs']);
    expect(analysis.warnings[0]).toEqual({
      code: 'controlDiffers',
      state: 'invalid',
      calls: analysis.controls.map(({ call }) => call),
    });
  });

  it('warns where a call did not answer as its filter should, or mitigations came with the filter', () => {
    const changed = (change: object, arm: string) =>
      analysePercall(
        percallRun({ samples: (all) => all.map((sample) => (sample.arm === arm ? { ...sample, ...change } : sample)) }),
      ).warnings;
    expect(changed({ speculation: [5, 5] }, 'small')[0]).toEqual({ code: 'speculation' });
    const wrong = percallRun().samples.flatMap((sample) =>
      sample.state === 'ok' ? [sample.calls.map((call) => ({ ...call, result: 0 }))] : [],
    )[0];
    expect(changed({ calls: wrong }, 'large')).toEqual([
      { code: 'contradiction', arm: 'large', call: 'kexec_load', errno: 1, result: 0 },
      { code: 'contradiction', arm: 'large', call: 'unknown', errno: 1, result: 0 },
      { code: 'leftOut', arms: ['large'] },
    ]);
  });

  it('warns of few blocks and of blocks that were not run', () => {
    const analysis = analysePercall(percallRun({ blocks: 10, samples: (all) => all.slice(0, 8) }));
    expect(analysis.warnings).toEqual([
      { code: 'fewBlocks', blocks: 2, needed: 20 },
      { code: 'blocksNotRun', blocks: 8, planned: 10 },
    ]);
    expect(analysePercall(percallRun({ samples: () => [] })).blocks).toBe(0);
  });
});
