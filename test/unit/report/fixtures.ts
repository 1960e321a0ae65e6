import type { AnalysedRun, ControlCheck, Estimate } from '../../../src/model/analysis/analysis.js';
import type { Scenario } from '../../../src/model/run/scenario.js';
import { make, ARMS, X86_EVIDENCE, armOf, estimateOf, comparisonOf } from './make-run.js';

const BASE = { arms: ARMS, dialect: 'moby', warmup: 3, pauseMs: 0 } as const;
const sequential = (count: number, more: object = {}): Scenario => ({
  kind: 'sequential',
  name: 'sequential',
  count,
  ...BASE,
  ...more,
});
const parallel = (count: number, rounds: number, more: object = {}): Scenario => ({
  kind: 'parallel',
  name: 'parallel',
  count,
  concurrency: count,
  rounds,
  ...BASE,
  ...more,
});
const controlsOf = (
  cpu: Estimate | null,
  wall: Estimate | null,
  state: ControlCheck['state'] = 'ok',
): readonly ControlCheck[] => [
  { metric: 'cpu', estimate: cpu, state },
  { metric: 'wall', estimate: wall, state },
];

/** runc, 500 blocks, x86_64: a large effect. */
export const SEQUENTIAL = make({
  name: '20261121-100000-sequential-k3v9',
  scenario: sequential(500, { published: 'x86_64-sequential' }),
  complete: 500,
  comparisons: [
    comparisonOf('cpu', 'faster', estimateOf(-42.1, -42.9, -41.3)),
    comparisonOf('wall', 'faster', estimateOf(-35.4, -36.8, -34.0)),
  ],
  controls: controlsOf(
    estimateOf(0.1, -0.31, 0.52, { p: 0.63, method: 'trimmed-one' }),
    estimateOf(-0.4, -1.9, 1.12, { p: 0.6, method: 'trimmed-one' }),
  ),
  arms: [
    armOf('before', { wallMs: 59.31, cpuMs: 48.2, total: 29.812, half: 0.31, blocks: 500, planned: 500 }),
    armOf('after', { wallMs: 38.29, cpuMs: 28.01, total: 19.144, half: 0.22, blocks: 500, planned: 500 }),
    armOf('control', { wallMs: 59.28, cpuMs: 48.21, total: 29.804, half: 0.33, blocks: 500, planned: 500 }),
  ],
});

/** Batches of 200 with an effect that wall time does not resolve. */
export const PARALLEL = make({
  name: '20261122-100000-parallel-q7x1',
  scenario: parallel(200, 20, { published: 'x86_64-parallel' }),
  complete: 20,
  comparisons: [
    comparisonOf(
      'cpu',
      'faster',
      estimateOf(-3.1, -4.4, -1.8, {
        method: 'hodges-lehmann',
        blocks: 20,
        p: 0.0004,
        standardError: null,
        degreesOfFreedom: null,
      }),
    ),
    comparisonOf(
      'wall',
      'inconclusive',
      estimateOf(-2.1, -5.2, 1.1, { method: 'hodges-lehmann', blocks: 20, p: 0.19 }),
    ),
  ],
  controls: controlsOf(estimateOf(0.3, -1.0, 1.6, { p: 0.61 }), estimateOf(0.9, -2.2, 4.1, { p: 0.55 })),
  arms: [
    armOf('before', { wallMs: 2410, cpuMs: 9800, latencyMs: 89, total: 2.41, half: 0.07, blocks: 20, planned: 4000 }),
    armOf('after', { wallMs: 2360, cpuMs: 9496, latencyMs: 87, total: 2.36, half: 0.06, blocks: 20, planned: 4000 }),
    armOf('control', {
      wallMs: 2431,
      cpuMs: 9829,
      latencyMs: 90,
      total: 2.431,
      half: 0.075,
      blocks: 20,
      planned: 4000,
    }),
  ],
});

/** arm64, predicted filters only, a small effect. */
export const ARM64 = make({
  name: '20261123-100000-arm64-sequential-b2m4',
  scenario: sequential(500, { name: 'arm64-sequential', architecture: 'aarch64', published: 'arm64-sequential' }),
  machine: 'aarch64',
  complete: 500,
  comparisons: [
    comparisonOf('cpu', 'equivalent', estimateOf(-0.34, -0.61, -0.07, { equivalent: true, p: 0.014 })),
    comparisonOf('wall', 'inconclusive', estimateOf(-1.1, -2.6, 0.4, { p: 0.15 })),
  ],
  controls: controlsOf(estimateOf(0.02, -0.25, 0.29, { p: 0.88 }), estimateOf(-0.6, -2.2, 1.0, { p: 0.46 })),
  arms: [
    armOf('before', { wallMs: 150.5, cpuMs: 120.1, total: 75.27, half: 0.8, blocks: 500, planned: 500 }),
    armOf('after', { wallMs: 148.5, cpuMs: 119.7, total: 74.45, half: 0.81, blocks: 500, planned: 500 }),
    armOf('control', { wallMs: 149.9, cpuMs: 120.1, total: 74.9, half: 0.8, blocks: 500, planned: 500 }),
  ],
  evidence: X86_EVIDENCE.map((evidence) => ({
    ...evidence,
    loaded: { state: 'notSeen', reason: 'EACCES: no CAP_SYS_ADMIN' },
  })),
});

/** arm64 batches, failures, an A/A check that warns. */
export const FAILURES = make({
  name: '20261124-100000-arm64-parallel-z8c5',
  scenario: parallel(150, 20, { name: 'arm64-parallel', published: 'arm64-parallel' }),
  machine: 'aarch64',
  complete: 18,
  comparisons: [
    comparisonOf('cpu', 'described', estimateOf(-1.4, -2.9, 0.1, { blocks: 18, method: 'hodges-lehmann', p: 0.07 })),
    comparisonOf('wall', 'described', estimateOf(-0.9, -3.9, 2.2, { blocks: 18, method: 'hodges-lehmann', p: 0.55 })),
  ],
  controls: controlsOf(estimateOf(2.1, 0.7, 3.6, { p: 0.006 }), estimateOf(1.2, -1.9, 4.4, { p: 0.45 }), 'warning'),
  arms: [
    armOf('before', {
      wallMs: 10_255,
      cpuMs: 19_000,
      latencyMs: 140,
      total: 10.255,
      half: 0.21,
      blocks: 18,
      planned: 3000,
      failed: 2,
    }),
    armOf('after', {
      wallMs: 10_131,
      cpuMs: 18_734,
      latencyMs: 138,
      total: 10.131,
      half: 0.2,
      blocks: 18,
      planned: 3000,
    }),
    armOf('control', {
      wallMs: 10_378,
      cpuMs: 19_399,
      latencyMs: 142,
      total: 10.378,
      half: 0.22,
      blocks: 18,
      planned: 3000,
      notRun: 150,
    }),
  ],
  failures: [
    {
      arm: 'before',
      stage: 'run',
      errno: 'EACCES',
      cause: 'exit status 1',
      count: 2,
      stderr: 'container_linux.go: <script>alert(1)</script> permission denied',
    },
  ],
  warnings: [{ code: 'controlDiffers', state: 'warning', metric: 'cpu', logRatio: 0.004, p: 0.006 }],
});

/** Stopped before the first block was complete. */
export const NOTHING = make({
  name: '20261125-100000-sequential-empty',
  scenario: sequential(500),
  complete: 0,
  comparisons: [comparisonOf('cpu', 'described', null), comparisonOf('wall', 'described', null)],
  controls: controlsOf(null, null, 'unknown'),
  arms: ['before', 'after', 'control'].map((arm) => ({
    arm,
    planned: 500,
    ok: 0,
    failed: 1,
    notRun: 499,
    wall: null,
    cpu: null,
    latency: null,
    totalSeconds: null,
    totalSecondsLow: null,
    totalSecondsHigh: null,
  })),
  failures: [{ arm: 'before', stage: 'run', errno: null, cause: 'timed out', count: 1, stderr: '' }],
  evidence: [],
});

/** Four blocks: an estimate without interval. */
export const FEW = make({
  name: '20261126-100000-sequential-few4',
  scenario: sequential(4),
  complete: 4,
  comparisons: [
    comparisonOf(
      'cpu',
      'described',
      estimateOf(-30, -Infinity, Infinity, { blocks: 4, method: 'hodges-lehmann', p: 0.125 }),
    ),
    comparisonOf(
      'wall',
      'described',
      estimateOf(-25, -Infinity, Infinity, { blocks: 4, method: 'hodges-lehmann', p: 0.125 }),
    ),
  ],
  controls: controlsOf(
    estimateOf(1, -Infinity, Infinity, { blocks: 4, p: 0.6 }),
    estimateOf(2, -Infinity, Infinity, { blocks: 4, p: 0.9 }),
    'unknown',
  ),
  arms: [
    armOf('before', { wallMs: 59, cpuMs: 48, total: 0.237, half: 0.02, blocks: 4, planned: 4 }),
    armOf('after', { wallMs: 41, cpuMs: 33, total: 0.171, half: 0.03, blocks: 4, planned: 4 }),
    armOf('control', { wallMs: 60, cpuMs: 48, total: 0.241, half: 0.04, blocks: 4, planned: 4 }),
  ],
});

/** An arm that Holm's adjustment calls inconclusive, ended by two rules, with everything that the series can show. */
export const FOUND: AnalysedRun = {
  run: {
    ...SEQUENTIAL.run,
    plan: {
      ...SEQUENTIAL.run.plan,
      scenario: sequential(20_000),
      stopping: [
        { kind: 'halfWidth', width: 0.005 },
        { kind: 'budget', milliseconds: 600_000 },
      ],
    },
  },
  analysis: {
    ...SEQUENTIAL.analysis,
    comparisons: [
      {
        ...comparisonOf('cpu', 'slower', estimateOf(0.9, 0.1, 1.7, { p: 0.03 })),
        family: { p: 0.09, verdict: 'inconclusive', rows: 3 },
      },
      {
        ...comparisonOf('wall', 'equivalent', estimateOf(0.2, -0.3, 0.7, { p: 0.4, equivalent: true })),
        family: { p: 0.4, verdict: 'equivalent', rows: 3 },
      },
      comparisonOf('maxRss', 'described', null, 'after', { code: 'hidden' }),
      {
        ...comparisonOf('contextSwitches', 'faster', estimateOf(-3, -4, -2, { p: 1e-5 })),
        family: { p: 3e-5, verdict: 'faster', rows: 3 },
      },
    ],
    exact: [
      {
        arm: 'after',
        baseline: 'before',
        quantity: 'specBytes',
        value: 13_060,
        baselineValue: 13_100,
        verdict: 'fewer',
      },
      {
        arm: 'after',
        baseline: 'before',
        quantity: 'filterInstructions',
        value: 1015,
        baselineValue: 1647,
        verdict: 'fewer',
      },
    ],
    diagnostics: [
      {
        kind: 'drift',
        metric: 'cpu',
        clear: false,
        logRatio: 0.01,
      },
      {
        kind: 'carryOver',
        metric: 'wall',
        arm: 'after',
        clear: true,
        logRatio: 0.03,
        low: 0.02,
        high: 0.04,
        blocks: 160,
        shrinksBy: 0.01,
      },
    ],
    resolution: [
      {
        arm: 'after',
        metric: 'cpu',
        blocks: 500,
        detectable80: 0.00618,
        detectable90: 0.0072,
      },
      {
        arm: 'after',
        metric: 'wall',
        blocks: 500,
        detectable80: 0.0112,
        detectable90: 0.013,
      },
    ],
    stopping: [
      {
        rule: { kind: 'halfWidth', width: 0.005 },
        state: 'reached',
        blocks: 500,
        most: 20_000,
      },
      {
        rule: { kind: 'budget', milliseconds: 600_000 },
        state: 'notReached',
        blocks: 500,
        most: 20_000,
      },
    ],
  },
};
