import { resolve } from 'node:path';
import { BenchError } from '../../errors.js';
import type { BetweenRow, BetweenRuns } from '../../model/analysis/between.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import type { Io } from '../../model/io.js';
import type { HostFingerprint, RunResult } from '../../model/results/result.js';
import type { Scenario } from '../../model/run/scenario.js';
import { readResultFolder } from '../../results/index.js';
import { betweenSentence, engineWords } from '../../report/index.js';
import { compareRuns } from '../../statistics/index.js';
import { parseMargin } from '../options/margin.js';

export interface CompareOptions {
  readonly base: string;
  readonly candidate: string;
  readonly margin: string;
  readonly allowDifferentHost: boolean;
  readonly json: boolean;
}

/** `bench compare`: two results folders, arm by arm; what can be drift is said to be. */
export function run({ base, candidate, margin, allowDifferentHost, json }: CompareOptions, io: Io): Promise<number> {
  const share = parseMargin(margin);
  const runs = [readResultFolder(resolve(io.cwd, base)), readResultFolder(resolve(io.cwd, candidate))] as const;
  refuseOtherScenario(runs[0].plan.scenario, runs[1].plan.scenario);
  const hosts = hostDifferences(runs[0].host, runs[1].host);
  if (hosts.length > 0 && !allowDifferentHost) {
    throw new BenchError('notComparable', `Expected two runs of one host, got ${hosts.join('; ')}`, {
      hint: 'Nothing separates the host from what you want to compare; --allow-different-host compares all the same.',
    });
  }
  const between = compareRuns(runs[0], runs[1], share);
  io.out(
    json
      ? `${JSON.stringify({ base: runs[0].name, candidate: runs[1].name, hosts, ...told(between, share) }, null, 2)}\n`
      : render(runs, hosts, between, share),
  );
  return Promise.resolve(0);
}

/** The comparison with a sentence for every row. */
const told = (between: BetweenRuns, margin: number): object => ({
  ...between,
  rows: between.rows.map((row) => ({ ...row, because: betweenSentence(row, margin) })),
});

/** What the numbers depend on and the runs do not share; load and time may differ, they are noise. */
function hostDifferences(a: HostFingerprint, b: HostFingerprint): readonly string[] {
  const facts = [
    'hostname',
    'machine',
    'cpuModel',
    'cpuCount',
    'kernel',
    'memoryMiB',
    'governor',
    'cgroup',
    'libseccomp',
    'node',
  ] as const;
  const differing = facts
    .filter((fact) => a[fact] !== b[fact])
    .map((fact) => `${fact} ${String(a[fact])} and ${String(b[fact])}`);
  const mitigations = [...new Set([...Object.keys(a.mitigations), ...Object.keys(b.mitigations)])].filter(
    (name) => a.mitigations[name] !== b.mitigations[name],
  );
  const emulations = [a, b].map((host) => emulationOfHost(host)?.kind ?? 'none');
  const emulated = emulations[0] === emulations[1] ? [] : [`emulation ${emulations.join(' and ')}`];
  return [...differing, ...emulated, ...mitigations.map((name) => `mitigation ${name}`)];
}

/** Containers in batches and containers one by one are different measurements. */
function refuseOtherScenario(a: Scenario, b: Scenario): void {
  const shape = (scenario: Scenario): string =>
    scenario.kind === 'sequential'
      ? 'one container at a time'
      : `batches of ${scenario.count}, ${scenario.concurrency} in flight`;
  if (shape(a) === shape(b)) return;
  throw new BenchError('notComparable', `Expected two runs of the same kind, got ${shape(a)} and ${shape(b)}`, {
    hint: 'Compare runs of the same scenario.',
  });
}

function render(
  runs: readonly [RunResult, RunResult],
  hosts: readonly string[],
  { rows, unmatched }: BetweenRuns,
  margin: number,
): string {
  const [base, candidate] = runs.map(({ name, plan: { engine } }) => `${name} (${engineWords(engine)})`);
  const lines = [
    `base       ${base ?? ''}`,
    `candidate  ${candidate ?? ''}`,
    '',
    ...hosts.map((difference) => `Warning: the hosts differ: ${difference}.`),
    ...unmatched.map(({ arm, only }) => `Not compared: arm ${arm}, which only the ${only} has.`),
    'What the arms change, against the baseline of their own run:',
    ...section(rows, 'effect', margin),
    '',
    'Their own times (not interleaved, so drift between the runs is in them):',
    ...section(rows, 'level', margin),
  ];
  return `${lines.join('\n')}\n`;
}

function section(rows: readonly BetweenRow[], kind: BetweenRow['kind'], margin: number): readonly string[] {
  const own = rows.filter((row) => row.kind === kind);
  return own.length === 0
    ? ['  none']
    : own.map((row) => {
        const label = row.verdict === 'described' ? '' : `${row.verdict.toUpperCase()}: `;
        return `  ${label}${betweenSentence(row, margin)}`;
      });
}
