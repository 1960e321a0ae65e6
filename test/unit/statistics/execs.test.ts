import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../src/model/results/sample.js';
import type { ArmDefinition, Scenario, SequentialScenario } from '../../../src/model/run/scenario.js';
import { analyse } from '../../../src/statistics/analyse.js';
import { failedSample, okSample, planOf, sequential } from '../results/runs.js';

const ARMS: readonly ArmDefinition[] = [
  { name: 'after', policy: 'host' },
  { name: 'unconfined', policy: 'unconfined' },
  { name: 'other', policy: 'host', runtime: 'crun' },
];
const scenarioOf = (count: number, more: Partial<SequentialScenario> = {}): Scenario => ({
  ...sequential(count),
  kind: 'sequential',
  count,
  unit: 'exec',
  arms: ARMS,
  probes: { containers: 100, everyMs: 10_000 },
  ...more,
});
/** CPU ms of each arm, by block. */
const TIMES = {
  after: [29, 31, 30, 28, 32, 30, 30, 30],
  unconfined: [12, 12, 12, 11, 13, 12, 12, 12],
  other: [5, 5, 6, 4, 5, 5, 5, 5],
} as const;
const samplesOf = (blocks: number): readonly Sample[] =>
  Array.from({ length: blocks }, (_, block) =>
    Object.entries(TIMES).map(([arm, times], position) =>
      okSample(arm, block, { position, userNs: 1e6 * (times[block % times.length] ?? 0), systemNs: 0 }),
    ),
  ).flat();
const execsOf = (scenario: Scenario, samples: readonly Sample[]) =>
  analyse({ plan: planOf(scenario), samples, evidence: [] }, { margin: 0.01 }).execs;

describe('what execs cost', () => {
  it('is the mean with its t interval, and the share that an arm without a filter does not have', () => {
    const execs = execsOf(scenarioOf(8), samplesOf(8));
    const [after, unconfined, other] = execs?.costs ?? [];
    expect(after?.cpu?.ns).toBeCloseTo(30e6, 0);
    // s = 1.1952 ms, t(7) = 2.3646: 2.3646 * 1.1952 / sqrt(8) = 0.9992.
    expect([(after?.cpu?.low ?? 0) / 1e6, (after?.cpu?.high ?? 0) / 1e6]).toEqual([
      expect.closeTo(30 - 0.9992, 3),
      expect.closeTo(30 + 0.9992, 3),
    ]);
    expect(after?.filter?.share).toBeCloseTo(0.6, 9);
    expect([unconfined?.filter, other?.filter]).toEqual([null, null]);
    expect(execs?.unfiltered).toBe('unconfined');
  });

  it('has a share whose interval is the delta method of paired blocks', () => {
    const share = execsOf(scenarioOf(8), samplesOf(8))?.costs[0]?.filter;
    // Residuals 12 - 0.4 * 29 = 0.4, -0.4, 0, -0.2, 0.2, 0, 0, 0: s = 0.23905; 2.3646 * 0.23905 / sqrt(8) / 30.
    expect([share?.low, share?.high]).toEqual([expect.closeTo(0.6 - 0.006662, 5), expect.closeTo(0.6 + 0.006662, 5)]);
  });

  it('is told for probes as a share of one CPU', () => {
    const probes = execsOf(scenarioOf(8), samplesOf(8))?.probes;
    expect(probes).toMatchObject({ containers: 100, everyMs: 10_000 });
    expect(probes?.costs.map(({ arm, share }) => [arm, Number(share.toFixed(6))])).toEqual([
      ['after', 0.3],
      ['unconfined', 0.12],
      ['other', 0.05],
    ]);
  });

  it('has no interval below 6 blocks, and nothing of a block with a failure', () => {
    const few = execsOf(scenarioOf(3), [
      ...samplesOf(3).filter(({ block, arm }) => block !== 2 || arm !== 'other'),
      failedSample('other', 2, { position: 2 }),
    ]);
    expect(few?.costs[0]).toMatchObject({ cpu: { low: null, high: null }, filter: { low: null, high: null } });
    expect(few?.costs[0]?.cpu?.ns).toBeCloseTo(30e6, 0);
  });

  it('is unknown where no CPU time is, and absent of starts, of no block, and where no probes were asked about', () => {
    const noCpu = samplesOf(8).map((sample) => ('userNs' in sample ? { ...sample, userNs: 0, systemNs: 0 } : sample));
    const execs = execsOf(scenarioOf(8), noCpu);
    expect([execs?.costs[0]?.cpu, execs?.costs[0]?.filter, execs?.probes?.costs]).toEqual([null, null, []]);
    expect(execs?.costs[0]?.wall.ns).toBeGreaterThan(0);
    expect(execsOf(scenarioOf(8, { unit: 'start' }), samplesOf(8))).toBeUndefined();
    expect(execsOf(scenarioOf(8), [])).toBeUndefined();
    const { probes: _, ...without } = scenarioOf(8) as SequentialScenario;
    expect(execsOf(without, samplesOf(8))?.probes).toBeNull();
  });
});
