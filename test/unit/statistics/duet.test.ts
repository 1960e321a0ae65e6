import { describe, expect, it } from 'vitest';
import type { Analysis, Comparison, Metric } from '../../../src/model/analysis/analysis.js';
import { isSoloBlock, pairsOf } from '../../../src/model/run/duet.js';
import type { Sample } from '../../../src/model/results/sample.js';
import type { Scenario } from '../../../src/model/run/scenario.js';
import { analyse } from '../../../src/statistics/analyse.js';
import { gate } from '../../../src/statistics/verdict/gate.js';
import { failedSample, okSample, planOf, sequential, THREE_ARMS } from '../results/runs.js';

const duet = (blocks: number): Scenario => ({ ...sequential(blocks), duet: 'always' });

/** Milliseconds of an arm in a pair with another, or alone, in a block. */
type Times = (arm: string, partner: string | null, block: number) => number;

/** A whole run; CPU time is that of `cpu`, in a pair and alone. */
function samplesOf(blocks: number, wall: Times, cpu: Times = wall): Sample[] {
  return Array.from({ length: blocks }, (_, block) => {
    if (isSoloBlock(block))
      return THREE_ARMS.map(({ name }, position) => timed(name, null, block, position, wall, cpu));
    return pairsOf(THREE_ARMS).flatMap(([a, b], position) => [
      timed(a, b, block, position, wall, cpu),
      timed(b, a, block, position, wall, cpu),
    ]);
  }).flat();
}

function timed(arm: string, partner: string | null, block: number, position: number, wall: Times, cpu: Times): Sample {
  return {
    ...okSample(arm, block, { position }),
    wallNs: 1e6 * wall(arm, partner, block),
    userNs: 1e6 * cpu(arm, partner, block),
    systemNs: 0,
    ...(partner === null ? {} : { partner, core: 0 }),
  };
}

const analysed = (blocks: number, samples: readonly Sample[]): Analysis =>
  analyse({ plan: planOf(duet(blocks)), samples, evidence: [] }, { margin: 0.01 });
const of = ({ comparisons }: Analysis, metric: Metric): Comparison =>
  comparisons.find((one) => one.metric === metric && one.arm === 'after')!;

/** Small and different from block to block, and never the same for two arms. */
const wobble = (arm: string, block: number): number =>
  0.01 * (((block * block * 7 + block * arm.length * 3 + 5 * arm.charCodeAt(0)) % 101) / 101 - 0.5);

describe('the estimate of duet blocks', () => {
  it('takes ratios from within pairs only: what disturbs a pair disturbs both', () => {
    const shared: Times = (arm, partner, block) => {
      const pair = [arm, partner ?? ''].sort().join();
      const disturbance = 1 + ((block * 13 + pair.length * 5) % 7);
      return disturbance * (arm === 'after' ? 11 : 10) * Math.exp(wobble(arm, block));
    };
    const { estimate } = of(analysed(160, samplesOf(160, shared)), 'cpu');
    expect(estimate).toMatchObject({ method: 'trimmed-both', blocks: 125 });
    expect(estimate?.logRatio).toBeCloseTo(Math.log(1.1), 2);
    expect(estimate!.high - estimate!.low).toBeLessThan(0.005);
  });

  it('is the mean of arm to baseline and arm to control, computed by hand', () => {
    const times: Times = (arm, partner) =>
      arm === 'after' ? 10 * (partner === 'before' ? Math.exp(0.02) : Math.exp(0.04)) : 10;
    const analysis = analysed(160, samplesOf(160, times));
    expect(of(analysis, 'cpu').estimate?.logRatio).toBeCloseTo(0.03, 12);
    expect(of(analysis, 'duetWall').estimate?.logRatio).toBeCloseTo(0.03, 12);
    expect(analysis.controls.find(({ metric }) => metric === 'cpu')?.estimate?.logRatio).toBe(0);
  });

  it('checks control against baseline in their own pair', () => {
    const times: Times = (arm, partner, block) =>
      10 * Math.exp(wobble(arm, block)) * (arm === 'control' && partner === 'before' ? 1.05 : 1);
    const analysis = analysed(160, samplesOf(160, times));
    expect(analysis.controls.map(({ metric, state }) => [metric, state]).slice(0, 3)).toEqual([
      ['cpu', 'invalid'],
      ['duetWall', 'invalid'],
      ['wall', 'ok'],
    ]);
    expect(of(analysis, 'cpu').verdict).toBe('invalid');
  });

  it('takes wall time, medians and totals from the solo blocks', () => {
    const times: Times = (arm, partner, block) =>
      (partner === null ? 10 : 15) *
      Math.exp(wobble(arm, block)) *
      (arm === 'after' ? (partner === null ? 1.2 : 1.1) : 1);
    const analysis = analysed(160, samplesOf(160, times));
    expect(analysis).toMatchObject({ blocksPlanned: 160, blocksComplete: 160, soloBlocks: 35 });
    expect(of(analysis, 'wall').estimate).toMatchObject({ blocks: 35 });
    expect(of(analysis, 'wall').estimate?.logRatio).toBeCloseTo(Math.log(1.2), 2);
    expect(of(analysis, 'duetWall').estimate?.logRatio).toBeCloseTo(Math.log(1.1), 2);
    expect(analysis.arms[0]).toMatchObject({ planned: 35 + 125 * 2, ok: 285, notRun: 0 });
    expect(analysis.arms[0]?.wall?.median).toBeLessThan(11e6);
    expect(analysis.warnings).toContainEqual({ code: 'underLoad', arms: ['after'] });
  });

  it('takes instructions from the solo blocks, where counters tell of one start, and misses none', () => {
    const counted = samplesOf(160, (arm, _, block) => 10 * Math.exp(wobble(arm, block))).map((sample) => {
      if (sample.kind !== 'container' || sample.state !== 'ok' || sample.partner !== undefined) return sample;
      const userInstructions = (sample.arm === 'after' ? 9000 : 10_000) + (sample.block % 5);
      return { ...sample, userInstructions, kernelInstructions: 2 * userInstructions };
    });
    const analysis = analysed(160, counted);
    expect(of(analysis, 'userInstructions').estimate).toMatchObject({ blocks: 35 });
    expect(of(analysis, 'userInstructions').estimate?.logRatio).toBeCloseTo(Math.log(0.9), 3);
    expect(analysis.warnings.filter(({ code }) => code === 'countersShared')).toEqual([]);
  });

  it.each([
    [1.3, []],
    [0.6, [{ code: 'aloneAtEnd', arm: 'after', share: expect.closeTo(0.4, 1) as number }]],
    [2, [{ code: 'aloneAtEnd', arm: 'after', share: expect.closeTo(0.5, 1) as number }]],
  ])('says that it does not fit arms of which one runs alone for long (%d times)', (factor, wanted) => {
    const times: Times = (arm, _, block) => 10 * Math.exp(wobble(arm, block)) * (arm === 'after' ? factor : 1);
    const { warnings } = analysed(160, samplesOf(160, times));
    expect(warnings.filter(({ code }) => code === 'aloneAtEnd')).toEqual(wanted);
  });

  it('never calls arms equivalent by wall time under load', () => {
    const analysis = analysed(
      160,
      samplesOf(160, (arm, _, block) => 10 * Math.exp(wobble(arm, block))),
    );
    expect([of(analysis, 'cpu').verdict, of(analysis, 'duetWall').verdict, of(analysis, 'wall').verdict]).toEqual([
      'equivalent',
      'inconclusive',
      'equivalent',
    ]);
  });

  it('leaves out a whole block where a container of it failed, and counts the failure', () => {
    const samples = samplesOf(160, (arm, _, block) => 10 * Math.exp(wobble(arm, block)));
    const at = samples.findIndex(({ block, arm }) => block === 5 && arm === 'after');
    const { partner, core } = samples[at] as { partner: string; core: number };
    samples[at] = { ...failedSample('after', 5, { position: samples[at]!.position }), partner, core };
    const analysis = analysed(160, samples);
    expect(of(analysis, 'cpu').estimate?.blocks).toBe(124);
    expect(of(analysis, 'wall').estimate?.blocks).toBe(35);
    expect(analysis.blocksComplete).toBe(159);
    expect(analysis.arms.map(({ failed }) => failed)).toEqual([0, 1, 0]);
  });
});

describe('a gate on a run with duet blocks', () => {
  const slower: Times = (arm, partner, block) =>
    10 * Math.exp(wobble(arm, block) * (partner === null ? 40 : 1)) * (arm === 'after' ? 1.05 : 1);

  it('fails where wall time under load is slower than the limit, which wall time alone is then too', () => {
    const analysis = analysed(
      160,
      samplesOf(160, slower, (arm, _, block) => 10 * Math.exp(wobble(arm, block))),
    );
    expect(gate([analysis], { failIfSlower: 0.02, strict: false, metric: 'wall' })).toMatchObject({ state: 'slower' });
  });

  it('is evaluated by wall time where one of its two rows is decided', () => {
    const equal: Times = (arm, _, block) => 10 * Math.exp(wobble(arm, block));
    const analysis = analysed(160, samplesOf(160, equal));
    expect(gate([analysis], { failIfSlower: 0.02, strict: false, metric: 'wall' }).state).toBe('passed');
  });
});
