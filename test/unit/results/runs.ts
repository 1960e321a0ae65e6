import type { HostFingerprint, RunPlan } from '../../../src/model/results/result.js';
import type { BatchSample, FailedSample, OkSample } from '../../../src/model/results/sample.js';
import type { ArmDefinition, ParallelScenario, Scenario, SequentialScenario } from '../../../src/model/run/scenario.js';

/** Made-up runs: every value is exact, nothing was measured. */
export const THREE_ARMS: readonly ArmDefinition[] = [
  { name: 'before', policy: 'all' },
  { name: 'after', policy: 'host' },
  { name: 'control', policy: 'all', copyOf: 'before' },
];

export const sequential = (count: number, change: Partial<SequentialScenario> = {}): SequentialScenario => ({
  kind: 'sequential',
  name: 'made-up',
  arms: THREE_ARMS,
  dialect: 'moby',
  warmup: 1,
  pauseMs: 5,
  count,
  ...change,
});

export const parallel = (count: number, rounds: number): ParallelScenario => ({
  kind: 'parallel',
  name: 'made-up',
  arms: THREE_ARMS,
  dialect: 'moby',
  warmup: 0,
  pauseMs: 0,
  count,
  concurrency: count,
  rounds,
});

export const planOf = (scenario: Scenario): RunPlan => ({
  formatVersion: 1,
  id: '1a2b',
  startedAt: '2026-11-21T01:02:03.456Z',
  command: ['sequential'],
  scenario,
  scenarioSha256: '00',
  seed: 1,
  engine: { name: 'fake', version: '1', path: null, rootless: false, notes: [] },
  pinnedCpu: null,
  capabilities: 'docker',
  kernelForProfile: '6.1',
});

export const HOST: HostFingerprint = {
  formatVersion: 1,
  takenAt: '2026-11-21T01:02:03Z',
  hostname: 'made-up',
  machine: 'x86_64',
  kernel: '6.1',
  os: 'Debian 12',
  cpuModel: 'none',
  cpuCount: 2,
  memoryMiB: 1024,
  governor: null,
  cgroup: 'v2',
  libseccomp: '2.5.4',
  node: 'v20',
  bench: '0.1.0',
  loadAverage: [0, 0, 0],
  stealShare: 0,
  virtualization: null,
  mitigations: {},
};

/** A container of 100 ms wall, 30 ms user and 20 ms system time. */
export const okSample = (arm: string, block: number, change: Partial<OkSample> = {}): OkSample => ({
  kind: 'container',
  block,
  warmup: false,
  position: THREE_ARMS.findIndex(({ name }) => name === arm),
  arm,
  index: 0,
  state: 'ok',
  startNs: 1e9 * block,
  wallNs: 100e6,
  userNs: 30e6,
  systemNs: 20e6,
  maxRssKiB: 1000,
  minorFaults: 10,
  majorFaults: 0,
  voluntarySwitches: 5,
  involuntarySwitches: 1,
  ...change,
});

export const failedSample = (arm: string, block: number, change: Partial<FailedSample> = {}): FailedSample => ({
  kind: 'container',
  block,
  warmup: false,
  position: 0,
  arm,
  index: 0,
  state: 'failed',
  startNs: 1e9 * block,
  cause: 'exit code 1',
  stderr: 'no such file',
  ...change,
});

export const batchSample = (
  arm: string,
  block: number,
  ok: number,
  planned: number,
  makespanNs = 200e6,
): BatchSample => ({
  kind: 'batch',
  block,
  warmup: false,
  position: 0,
  arm,
  startNs: 1e9 * block,
  planned,
  ok,
  failed: planned - ok,
  ...(ok === planned ? { makespanNs } : {}),
});

/** Every arm once per block; times in milliseconds by arm and block. */
export const sequentialRun = (blocks: number, cpuMs: (arm: string, block: number) => number): OkSample[] =>
  Array.from({ length: blocks }, (_, block) =>
    THREE_ARMS.map(({ name }) =>
      okSample(name, block, { userNs: cpuMs(name, block) * 1e6, systemNs: 0, wallNs: cpuMs(name, block) * 2e6 }),
    ),
  ).flat();
