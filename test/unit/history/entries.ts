import type { HistoryEntry } from '../../../src/model/results/history.js';

/** A day of January 2026, at noon. */
const dateOf = (day: number): string => new Date(Date.UTC(2026, 0, day, 12)).toISOString();

/** 40 digits that begin with the number. */
export const hashOf = (number: number): string => number.toString(16).padStart(4, '0').padEnd(40, 'a');

/** The entry of a day: `ratio` with an interval of 1 % around it. */
export const entry = (day: number, ratio: number, change: Partial<HistoryEntry> = {}): HistoryEntry => ({
  formatVersion: 1,
  run: `run-${day}`,
  name: `folder-${day}`,
  startedAt: dateOf(day),
  commit: { id: hashOf(day), label: null, committedAt: dateOf(day), dirty: false },
  scenario: 'quick',
  shape: 'one at a time',
  scenarioSha256: 'f'.repeat(64),
  engine: 'runc',
  fingerprint: '0123456789ab',
  host: {
    machine: 'x86_64',
    cpuModel: 'Example CPU',
    cpuCount: 4,
    kernel: '6.1.0-1',
    governor: null,
    cgroup: 'v2',
    virtualization: null,
    emulation: null,
    mitigations: {},
  },
  tools: { engine: 'runc 1.1.5', libseccomp: '2.5.4', node: 'v20.0.0', bench: '1.0.0' },
  effects: [
    {
      arm: 'after',
      baseline: 'before',
      metric: 'cpu',
      verdict: 'faster',
      blocks: 100,
      ratio,
      low: 0.99 * ratio,
      high: 1.01 * ratio,
    },
  ],
  report: null,
  ...change,
});

/** Scatter of half a percent that repeats. */
const SCATTER = [0.003, -0.004, 0.001, -0.002, 0.005, -0.003, 0.002, -0.001, 0.004, -0.005];

/** Entries of days 1 to `days`, whose ratio is multiplied by each `step` from its day on. */
export const entries = (
  days: number,
  steps: readonly { readonly from: number; readonly by: number }[] = [],
): HistoryEntry[] =>
  Array.from({ length: days }, (_, index) => {
    const day = index + 1;
    const level = steps.reduce((product, { from, by }) => (day >= from ? product * by : product), 0.8);
    return entry(day, level * (1 + (SCATTER[index % SCATTER.length] ?? 0)));
  });
