import { resolve } from 'node:path';
import type { Command } from 'commander';
import { BenchError } from '../../errors.js';
import type { BetweenRow, BetweenRuns } from '../../model/analysis/between.js';
import type { Io } from '../../model/io.js';
import type { HostFingerprint } from '../../model/results/result.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { countedThing } from '../../model/run/scenario.js';
import type { Scenario } from '../../model/run/scenario.js';
import type { Act } from '../act.js';
import { unfinishedLines } from '../output/announce/unfinished.js';
import { declareMargin, parseMargin } from '../options/gate.js';
import type { RawMargin } from '../options/gate.js';
import { finish, option } from '../options/option.js';
import { declareJson, parseJson } from '../options/output.js';
import type { RawJson } from '../options/output.js';

type RawCompare = RawMargin & RawJson & { readonly allowDifferentHost?: boolean };

/** `bench compare`: two results folders, arm by arm, with a warning that they were not interleaved. */
export function declareCompare(cli: Command, act: Act): void {
  const command = cli
    .command('compare')
    .summary('compare two results folders')
    .description('compare two results folders; the runs are not interleaved, so drift between them counts')
    .argument('<base>', 'results folder')
    .argument('<candidate>', 'results folder')
    .addOption(option('--allow-different-host', 'compare even if the hosts differ', 'common'));
  declareJson(declareMargin(command));
  finish(command, [
    'bench compare results/monday results/tuesday',
    'bench compare results/old results/new --allow-different-host --margin 2%',
  ]).action((base: string, candidate: string, raw: RawCompare) => act((io) => compare(base, candidate, raw, io)));
}

async function compare(base: string, candidate: string, raw: RawCompare, io: Io): Promise<number> {
  const margin = parseMargin(raw);
  const [{ readResultFolder }, { compareRuns }, { betweenSentence, engineWords, VERDICT_LABELS }] = await Promise.all([
    import('../../results/index.js'),
    import('../../statistics/index.js'),
    import('../../report/index.js'),
  ]);
  const runs = [readResultFolder(resolve(io.cwd, base)), readResultFolder(resolve(io.cwd, candidate))] as const;
  for (const line of unfinishedLines([
    { folder: base, run: runs[0], isOfStarts: true },
    { folder: candidate, run: runs[1], isOfStarts: true },
  ]))
    io.err(`${line}\n`);
  refuseOtherScenario(runs[0].plan.scenario, runs[1].plan.scenario);
  const hosts = hostDifferences(runs[0].host, runs[1].host);
  if (hosts.length > 0 && raw.allowDifferentHost !== true) {
    throw new BenchError('notComparable', `the hosts of the two runs differ: ${hosts.join('; ')}`, {
      hint: 'A difference may come from the hosts. --allow-different-host compares anyway.',
    });
  }
  const between = compareRuns(runs[0], runs[1], margin);
  const rows = between.rows.map((row) => ({ ...row, because: betweenSentence(row, margin) }));
  if (parseJson(raw)) {
    const { printJson } = await import('../output/json.js');
    printJson(io, 'compare', { base: runs[0].name, candidate: runs[1].name, hosts, ...between, rows });
  } else {
    const names = runs.map(({ name, plan }) => `${name} (${engineWords(plan.engine)})`);
    const sentences = rows.map(({ kind, verdict, because }) => ({
      kind,
      text: verdict === 'described' ? because : `${VERDICT_LABELS[verdict]}: ${because}`,
    }));
    io.out(render(names, hosts, { unmatched: between.unmatched, rows: sentences }));
  }
  return 0;
}

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
      ? `one ${countedThing(scenario)} at a time`
      : `batches of ${scenario.count}, ${scenario.concurrency} in flight`;
  if (shape(a) === shape(b)) return;
  throw new BenchError('notComparable', `the runs measured different things: ${shape(a)}, and ${shape(b)}`, {
    hint: 'Compare runs of the same scenario.',
  });
}

/** A row in words. */
interface RowText extends Pick<BetweenRow, 'kind'> {
  readonly text: string;
}

function render(
  names: readonly string[],
  hosts: readonly string[],
  { rows, unmatched }: Pick<BetweenRuns, 'unmatched'> & { readonly rows: readonly RowText[] },
): string {
  const [base, candidate] = names;
  const lines = [
    `base       ${base ?? ''}`,
    `candidate  ${candidate ?? ''}`,
    '',
    ...hosts.map((difference) => `Warning: the hosts differ: ${difference}.`),
    ...unmatched.map(({ arm, only }) => `Not compared: arm ${arm}, which only the ${only} has.`),
    'What the arms change, relative to the baseline of their own run:',
    ...section(rows, 'effect'),
    '',
    'Their own times (the runs were not interleaved, so this includes drift between them):',
    ...section(rows, 'level'),
  ];
  return `${lines.join('\n')}\n`;
}

function section(rows: readonly RowText[], kind: BetweenRow['kind']): readonly string[] {
  const own = rows.filter((row) => row.kind === kind);
  return own.length === 0 ? ['  none'] : own.map(({ text }) => `  ${text}`);
}
