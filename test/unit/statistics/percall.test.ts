import { describe, expect, it } from 'vitest';
import { analysePercall } from '../../../src/statistics/index.js';
import { nsPerCall } from '../../../src/statistics/calls/ns-per-call.js';
import { leastSquares, located } from '../../../src/statistics/calls/percall.js';
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

  it('fits no line through counts of instructions that lie close together, and says why', () => {
    const fitted = (instructions: readonly [number, number]) => {
      const { fit, noFit } = analysePercall(percallRun({ instructions }));
      return [fit?.nsPerInstruction.value ?? null, noFit];
    };
    expect(fitted([6, 11])).toEqual([
      null,
      'the calls that run a filter execute 6 to 11 instructions; a line needs counts at least 50 apart',
    ]);
    expect(fitted([400, 449])).toEqual([
      null,
      'the calls that run a filter execute 400 to 449 instructions; a line needs counts at least 50 apart',
    ]);
    expect(fitted([7, 7])).toEqual([
      null,
      'the calls that run a filter execute 7 instructions; a line needs counts at least 50 apart',
    ]);
    // 100 ns more at 50 instructions more.
    expect(fitted([400, 450])).toEqual([expect.closeTo(2, 10), null]);
    expect(analysePercall(percallRun({ samples: () => [] })).noFit).toBe('no block is complete');
  });

  it('leaves an arm out of line and sentences whose filter is not the one that was simulated', () => {
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
      'the calls that run a filter execute 400 instructions; a line needs counts at least 50 apart',
    ]);
    expect(analysis.warnings).toEqual([
      'unknown under large was to give errno 1 and gave -38: the filter that was simulated is not the one that ran.',
      'Left out of the line, the chart and the sentences on what holds: large.',
    ]);
    expect(analysis.findings.filter(({ sentence }) => sentence.includes('large'))).toEqual([]);
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

  it('says of each thing a price must show whether it holds', () => {
    const states = (run: Parameters<typeof percallRun>[0]): readonly string[] =>
      analysePercall(percallRun(run)).findings.map(({ state }) => state);
    expect(states({})).toEqual(['fails', 'holds', 'holds', 'holds', 'holds']);
    const [cached, same] = analysePercall(percallRun()).findings.map(({ sentence }) => sentence);
    expect(cached).toBe(
      'A call that the kernel has cached as allowed, here getppid, costs at most 10 % more than without a filter: between 25.0 % and 25.0 % under small, 25 ns of 125 ns',
    );
    expect(same).toBe(
      'Cached calls cost the same under every filter, to 10 %: of getppid all intervals lie within 0.0 %',
    );
    // Of five blocks there is no 95 % interval: nothing can be said.
    expect(states({ blocks: 5 })).toEqual([]);
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
    expect(analysis.warnings).toEqual(['1 container failed: the block of each is left out.']);
  });

  it('finds arms alike that differ, and says that the run proves nothing', () => {
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
    expect(analysis.warnings[0]).toMatch(
      /^The run proves nothing: baseline and control, which are alike, differ beyond chance \(p < 0\.001\) for getppid, /,
    );
  });

  it('warns where a call did not answer as its filter should, or mitigations came with the filter', () => {
    const changed = (change: object, arm: string) =>
      analysePercall(
        percallRun({ samples: (all) => all.map((sample) => (sample.arm === arm ? { ...sample, ...change } : sample)) }),
      ).warnings;
    expect(changed({ speculation: [5, 5] }, 'small')[0]).toMatch(
      /^Speculation mitigations \(PR_GET_SPECULATION_CTRL\) are not the same under all arms/,
    );
    const wrong = percallRun().samples.flatMap((sample) =>
      sample.state === 'ok' ? [sample.calls.map((call) => ({ ...call, result: 0 }))] : [],
    )[0];
    expect(changed({ calls: wrong }, 'large')).toEqual([
      'kexec_load under large was to give errno 1 and gave 0: the filter that was simulated is not the one that ran.',
      'unknown under large was to give errno 1 and gave 0: the filter that was simulated is not the one that ran.',
      'Left out of the line, the chart and the sentences on what holds: large.',
    ]);
  });

  it('describes few blocks and says what was not run', () => {
    const analysis = analysePercall(percallRun({ blocks: 10, samples: (all) => all.slice(0, 8) }));
    expect(analysis.warnings).toEqual([
      'Only 2 complete blocks: fewer than 20 are described, not judged.',
      '8 of 10 blocks were not run.',
    ]);
    expect(analysePercall(percallRun({ samples: () => [] })).blocks).toBe(0);
  });
});
