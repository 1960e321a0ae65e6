import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../src/model/results/sample.js';
import type { Scenario } from '../../../src/model/run/scenario.js';
import { densityOf } from '../../../src/statistics/distributions/density.js';
import { collectTurns } from '../../../src/statistics/paired/turns.js';
import { powerCurveOf } from '../../../src/statistics/planning/planning.js';
import { latencyIntervals } from '../../../src/statistics/runs/latency-interval.js';
import { addedTimes, seriesOf } from '../../../src/statistics/runs/series.js';
import { rolesOf } from '../../../src/statistics/verdict/roles.js';
import { estimateOf } from '../report/make-run.js';

const ARMS = [
  { name: 'before', policy: 'all' as const },
  { name: 'after', policy: 'host' as const },
  { name: 'control', policy: 'all' as const, copyOf: 'before' },
];

const scenarioOf = (count: number): Scenario =>
  ({
    name: 'made',
    kind: 'sequential',
    count,
    arms: ARMS,
    warmup: 1,
    pauseMs: 0,
    dialect: 'docker',
    timeoutMs: 1000,
  }) as unknown as Scenario;

interface Made {
  readonly cpuNs: number;
  readonly wallNs?: number;
  readonly warmup?: boolean;
}

const sampleOf = (arm: string, block: number, { cpuNs, wallNs = 2 * cpuNs, warmup = false }: Made): Sample => ({
  kind: 'container',
  block,
  warmup,
  position: 0,
  arm,
  index: 0,
  state: 'ok',
  startNs: 0,
  wallNs,
  userNs: cpuNs,
  systemNs: 0,
  maxRssKiB: 1,
  minorFaults: 0,
  majorFaults: 0,
  voluntarySwitches: 0,
  involuntarySwitches: 0,
});

/** `before` and `control` take 100 to 109 ns, `after` half of that; with one block to warm up. */
function goingOf(count: number, change: (arm: string, block: number, cpuNs: number) => number = (_a, _b, ns) => ns) {
  const value = (arm: string, block: number): number =>
    change(arm, block, (arm === 'after' ? 0.5 : 1) * (100 + (block % 10)));
  const samples = ARMS.flatMap(({ name }) => [
    sampleOf(name, 0, { cpuNs: 777, warmup: true }),
    ...Array.from({ length: count }, (_, block) => sampleOf(name, block, { cpuNs: value(name, block) })),
  ]);
  const scenario = scenarioOf(count);
  return { turns: collectTurns(scenario, samples, count), roles: rolesOf(scenario), samples };
}

describe('the series of a run', () => {
  it('has every block once, the warm-up apart, and the paired change in percent', () => {
    const series = seriesOf(goingOf(40));
    expect([series?.metric, series?.bucket, series?.warmupBlocks]).toEqual(['cpu', 1, 1]);
    expect(series?.arms.map(({ arm, count, points, warmup }) => [arm, count, points.length, warmup])).toEqual([
      ['before', 40, 40, [777]],
      ['after', 40, 40, [777]],
      ['control', 40, 40, [777]],
    ]);
    expect(new Set(series?.paired[0]?.points.map(({ median }) => median.toFixed(6)))).toEqual(new Set(['-50.000000']));
  });

  it('marks what is beyond the outer fence, and keeps it', () => {
    const series = seriesOf(goingOf(40, (arm, block, ns) => (arm === 'before' && block === 7 ? 10 * ns : ns)));
    const [before] = series?.arms ?? [];
    expect([before?.outliers, before?.outlierCount, before?.points[7]?.outliers, before?.high]).toEqual([
      [1070],
      1,
      1,
      109,
    ]);
  });

  it('thins a long run to buckets that keep the smallest and the largest value', () => {
    const series = seriesOf(goingOf(1300, (arm, block, ns) => (arm === 'before' && block === 1000 ? 5000 : ns)));
    const [before] = series?.arms ?? [];
    expect([series?.bucket, before?.points.length, before?.count]).toEqual([5, 260, 1300]);
    expect(before?.points[200]).toEqual({ block: 1000, median: 103, low: 101, high: 5000, outliers: 1 });
  });

  it('is of wall time where no CPU time was recorded', () => {
    const { turns, roles } = goingOf(10);
    const samples = ARMS.flatMap(({ name }) =>
      Array.from({ length: 10 }, (_, block) => sampleOf(name, block, { cpuNs: 0, wallNs: 50 })),
    );
    expect(seriesOf({ turns: collectTurns(scenarioOf(10), samples, 10), roles, samples })?.metric).toBe('wall');
    expect(turns.complete.length).toBe(10);
  });

  it('is nothing where no turn is complete', () => {
    const { roles } = goingOf(1);
    expect(seriesOf({ turns: collectTurns(scenarioOf(5), [], 5), roles, samples: [] })).toBeNull();
  });
});

describe('what an arm adds', () => {
  it('is negative where it saves, of one container', () => {
    const [cpu, wall] = addedTimes(goingOf(40));
    expect([cpu?.metric, cpu?.perContainer, cpu?.blocks, wall?.metric]).toEqual(['cpu', true, 40, 'wall']);
    expect(cpu?.ns).toBeCloseTo(-52.25, 0);
    expect((cpu?.low ?? 0) < (cpu?.ns ?? 0) && (cpu?.ns ?? 0) < (cpu?.high ?? 0)).toBe(true);
  });
});

describe('a density', () => {
  const values = Float64Array.from({ length: 400 }, (_, i) => 100 + (i % 20) + (i % 7));
  const density = densityOf(values, { low: 100, high: 125, p25: 107, p75: 118 });

  it('has an area of 1', () => {
    const area = (density?.heights ?? []).reduce((sum, height) => sum + height, 0) * (density?.step ?? 0);
    expect(area).toBeCloseTo(1, 1);
  });

  it('is none of few or equal values', () => {
    expect(densityOf(values.slice(0, 19), { low: 100, high: 125, p25: 107, p75: 118 })).toBeNull();
    expect(densityOf(new Float64Array(50).fill(3), { low: 3, high: 3, p25: 3, p75: 3 })).toBeNull();
  });
});

describe('a power curve', () => {
  it('falls with the root of the blocks, and passes through the resolution of the run', () => {
    const [curve] = powerCurveOf({
      arm: 'after',
      baseline: 'before',
      metric: 'cpu',
      estimate: estimateOf(-2, -2.4, -1.6, { blocks: 100, standardError: 0.002 }),
    });
    const at = (blocks: number) => curve?.points.find((point) => point.blocks === blocks);
    expect(Math.log1p(at(10)?.detectable80 ?? 0) / Math.log1p(at(1000)?.detectable80 ?? 1)).toBeCloseTo(10, 8);
    expect(at(1000)?.detectable80).toBeLessThan(at(1000)?.detectable90 ?? 0);
  });

  it('is none without an interval', () => {
    expect(powerCurveOf({ arm: 'a', baseline: 'b', metric: 'cpu', estimate: null })).toEqual([]);
  });
});

describe('intervals of latency percentiles', () => {
  const batch = (block: number, factor: number): readonly Sample[] =>
    Array.from({ length: 10 }, (_, index) => ({
      ...sampleOf('before', block, { cpuNs: 1, wallNs: factor * (100 + index) }),
      index,
    }));
  const latency = { count: 80, min: 0, p25: 0, median: 104.5, p75: 0, p90: 108, p99: 109, max: 0, mean: 0 };

  it('are wide where batches differ and narrow where they do not', () => {
    const of = (factorOf: (block: number) => number) => {
      const samples = Array.from({ length: 8 }, (_, block) => batch(block, factorOf(block))).flat();
      return latencyIntervals(samples, 'before', { ...latency, standardDeviation: null, outliers: 0 });
    };
    const [alike, apart] = [of(() => 1), of((block) => (block % 2 === 0 ? 0.8 : 1.2))];
    const width = (one: typeof alike) => (one?.median.high ?? 0) - (one?.median.low ?? 0);
    expect(width(alike)).toBeLessThan(1.5);
    expect(width(apart)).toBeGreaterThan(10);
  });

  it('are none of fewer than 6 batches', () => {
    const samples = Array.from({ length: 5 }, (_, block) => batch(block, 1)).flat();
    expect(latencyIntervals(samples, 'before', { ...latency, standardDeviation: null, outliers: 0 })).toBeNull();
  });
});
