import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { invalidValue } from '../../../errors.js';
import type { AnalysedRun } from '../../../model/analysis/analysis.js';
import type { HistoryCommit, HistoryEntry } from '../../../model/results/history.js';
import type { Io } from '../../../model/io.js';
import type { Act } from '../../act.js';
import { latestResults } from '../../latest.js';
import { declareHistoryFile, parseHistoryFile } from '../../options/history.js';
import type { RawHistoryFile } from '../../options/history.js';
import { finish, option } from '../../options/option.js';
import {
  declareJson,
  declareReportFolder,
  declareResults,
  parseJson,
  parseReportFolder,
} from '../../options/output.js';
import type { RawJson, RawReport, RawResults } from '../../options/output.js';
import { commitOf } from './commit.js';

type RawAdd = RawHistoryFile &
  RawJson &
  RawResults &
  RawReport & {
    readonly commit?: string;
    readonly label?: string;
    readonly scenario?: string;
    readonly reportUrl?: string;
  };

/** `bench history add`: the ratios of results as lines of a history. */
export function declareHistoryAdd(history: Command, act: Act): void {
  const command = history
    .command('add')
    .summary('add results to a history')
    .description('add the ratios of results to a history, with their commit; a run that is there already is left alone')
    .argument('[results...]', 'results folders (default: the newest)');
  declareHistoryFile(command)
    .addOption(option('--commit <revision>', 'what was measured (default: HEAD of the current folder)', 'common'))
    .addOption(option('--label <name>', 'its version (default: the tag of the commit)', 'common'))
    .addOption(option('--scenario <name>', "name of the scenario in the history (default: the run's own)", 'common'))
    .addOption(option('--report-url <url>', 'where its report is (default: the one in --report, if any)', 'output'));
  declareJson(command);
  declareResults(declareReportFolder(command, { optional: false }), 'where to find the newest results folder');
  finish(command, [
    'bench history add',
    'bench history add results/monday --commit v1.3.0 --file perf/history.jsonl',
  ]).action((results: readonly string[], raw: RawAdd) => act((io) => add(results, raw, io)));
}

async function add(results: readonly string[], raw: RawAdd, io: Io): Promise<number> {
  const file = parseHistoryFile(raw);
  checkName('--label', raw.label);
  checkName('--scenario', raw.scenario);
  checkUrl(raw.reportUrl);
  const { appendToHistory } = await import('../../../results/index.js');
  const { analyseFolder, entryOf } = await import('../../../reporting/index.js');
  const folders = results.length === 0 ? [await latestResults(raw.results, 'bench history add', io)] : results;
  const path = resolve(io.cwd, file);
  const given = raw.commit === undefined ? null : await commitOf(raw.commit, io);
  const entries: HistoryEntry[] = [];
  for (const folder of folders) {
    const analysed = analyseFolder(resolve(io.cwd, folder));
    entries.push(
      entryOf(analysed, {
        commit: labelled(given ?? (await commitOfRun(analysed, io)), raw.label),
        report: raw.reportUrl ?? reportOf(analysed, { path, folder: parseReportFolder(raw), cwd: io.cwd }),
        ...(raw.scenario === undefined ? {} : { scenario: raw.scenario }),
      }),
    );
  }
  const { added, known, history } = await appendToHistory(path, entries, { signal: io.signal });
  if (parseJson(raw)) {
    const { printJson } = await import('../../output/json.js');
    printJson(io, 'historyAdded', { file, added, known: known.map(({ name }) => name), runs: history.entries.length });
  } else await tell({ file, added, known, runs: history.entries.length }, io);
  const { damagedLines } = await import('../../../report/index.js');
  for (const line of damagedLines(history.damaged, history.repeated)) io.err(`${file}: ${line}\n`);
  return 0;
}

interface Told {
  readonly file: string;
  readonly added: readonly HistoryEntry[];
  readonly known: readonly HistoryEntry[];
  readonly runs: number;
}

async function tell({ file, added, known, runs }: Told, io: Io): Promise<void> {
  const { counted, pointWords } = await import('../../../report/index.js');
  for (const entry of added) {
    io.out(`added ${entry.name}: ${pointWords(entry)}, scenario ${entry.scenario}\n`);
    if (entry.commit === null)
      io.err(`${entry.name}: no commit is known, because ${io.cwd} is in no git repository; --commit gives one\n`);
    else if (entry.commit.dirty)
      io.err(
        `${entry.name}: files differ from commit ${entry.commit.id.slice(0, 10)}, so the entry is marked with +\n`,
      );
  }
  for (const { name } of known) io.out(`${name} is in the history already\n`);
  io.out(`${file}: ${counted(runs, 'run')}\n`);
}

const NAME = /^[^\p{C}]{1,200}$/u;

function checkName(flag: string, name: string | undefined): void {
  if (name === undefined || NAME.test(name)) return;
  throw invalidValue(flag, 'a name of at most 200 characters', `"${name}"`);
}

function checkUrl(url: string | undefined): void {
  if (url === undefined || (/^https?:\/\//.test(url) && URL.canParse(url))) return;
  throw invalidValue('--report-url', 'an address that begins with https:// or http://', `"${url}"`);
}

const labelled = (commit: HistoryCommit | null, label: string | undefined): HistoryCommit | null =>
  commit === null || label === undefined ? commit : { ...commit, label };

/** The revision that was built for the compared arm, or else what is checked out here. */
async function commitOfRun({ run }: AnalysedRun, { cwd, signal }: Io): Promise<HistoryCommit | null> {
  const { findCommit } = await import('../../../experiment/index.js');
  const built = run.plan.scenario.arms.findLast(
    ({ copyOf, revision }) => copyOf === undefined && revision !== undefined,
  );
  if (built?.revision === undefined) return findCommit('HEAD', { folder: cwd, signal });
  const { commit: id, committedAt, label } = built.revision;
  return { id, label, committedAt, dirty: false };
}

/** Path of the run's report from the history's folder; `null`: there is none. */
function reportOf(
  { run }: AnalysedRun,
  { path, folder, cwd }: { readonly path: string; readonly folder: string | null; readonly cwd: string },
): string | null {
  if (folder === null) return null;
  const page = join(resolve(cwd, folder), basename(run.name), 'index.html');
  return existsSync(page) ? relative(dirname(path), page) : null;
}
