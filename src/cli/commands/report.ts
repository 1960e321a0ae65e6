import { join, relative, resolve } from 'node:path';
import { BenchError } from '../../errors.js';
import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type { NodeReport } from '../../model/host/fleet.js';
import type { Io } from '../../model/io.js';
import { renderCalls, renderTerminalOverview, renderTerminalSummary, writeReport } from '../../report/index.js';
import { findLatestResult, isPercallFolder, readResultFolder, makeFolders } from '../../results/index.js';
import { analyse, judgeReport, sweepsOf } from '../../statistics/index.js';
import { exportRuns, planExports } from '../output/exports.js';
import type { ExportOptions } from '../output/exports.js';
import { parseMargin } from '../options/margin.js';

/** Where a report goes and how its verdicts are reached. */
export interface MakeReportOptions {
  /** The folder reports are made in. */
  readonly reports: string;
  /** The report's folder; absent: the result's name, or `merged-<number>-<newest name>`. */
  readonly name?: string;
  /** A percentage such as `1%`. */
  readonly margin: string;
  /** What came of each node, where the runs are a fleet's. */
  readonly nodes?: readonly NodeReport[];
}

export interface ReportOptions extends MakeReportOptions, ExportOptions {
  /** Results folders; none: the newest in `folder`. */
  readonly results: readonly string[];
  /** The folder results are looked for in. */
  readonly folder: string;
}

/**
 * `bench report`: recomputes everything from samples.jsonl and writes the report, and the exports that are asked for.
 */
export async function run({ results, folder, ...options }: ReportOptions, io: Io): Promise<number> {
  const exports = planExports(options, io);
  const wanted = results.length === 0 ? [latestIn(folder, io)] : results;
  const [first] = wanted;
  if (first !== undefined && wanted.length === 1 && isPercallFolder(resolve(io.cwd, first))) {
    const { concludePercall } = await import('../output/percall.js');
    return concludePercall(first, { ...options, report: true, json: false }, io);
  }
  const { dir, runs } = await makeReport(wanted, options, io);
  const look = { columns: io.columns ?? 80, colour: exports.io.colour, reportPath: join(dir, 'index.html') };
  const [only] = runs;
  exportRuns(exports, runs, io);
  exports.io.out(
    runs.length === 1 && only !== undefined
      ? renderTerminalSummary(only, look)
      : renderTerminalOverview(runs, look, sweepsOf(runs)),
  );
  if (runs.length === 1 && only?.analysis.calls !== undefined)
    exports.io.out(`\n${renderCalls(only.analysis.calls, { ...look, all: false })}`);
  return 0;
}

/**
 * Reads and analyses the folders and writes one report of them all; gives the report's folder (as a path from the
 * current one). Throws `input` and `usage`.
 */
export async function makeReport(
  paths: readonly string[],
  options: MakeReportOptions,
  io: Io,
): Promise<{ readonly dir: string; readonly runs: readonly AnalysedRun[] }> {
  const folders = distinct(paths.map((path) => resolve(io.cwd, path)));
  const margin = parseMargin(options.margin);
  const runs = judgedTogether(folders.map((folder) => analysed(folder, margin)));
  const dir = resolve(io.cwd, options.reports, reportName(options.name, runs));
  try {
    makeFolders(dir);
    await writeReport(runs, dir, sweepsOf(runs), options.nodes);
  } catch (error) {
    throw unwritable(dir, error);
  }
  return { dir: shortest(dir, io.cwd), runs };
}

/** A file system's refusal as one the user can act on; anything else as it is. */
export function unwritable(dir: string, error: unknown): unknown {
  if (error instanceof BenchError || !(error instanceof Error && 'code' in error)) return error;
  return new BenchError('environment', `${dir}: expected to write the report, got ${error.message}`, {
    hint: 'Give another folder with --reports; the results are not touched.',
    cause: error,
  });
}

/** One results folder and all that its samples say; `margin` is a percentage such as `1%`. */
export const analyseResult = (path: string, margin: string): AnalysedRun => analysed(path, parseMargin(margin));

function analysed(path: string, margin: number): AnalysedRun {
  const result = readResultFolder(path);
  return { run: result, analysis: analyse(result, { margin }) };
}

/** Whoever reads several runs side by side looks at all of their rows: they are one family. */
function judgedTogether(runs: readonly AnalysedRun[]): readonly AnalysedRun[] {
  const judged = judgeReport(runs.map(({ analysis }) => analysis));
  return runs.map(({ run, analysis }, index) => ({ run, analysis: judged[index] ?? analysis }));
}

function latestIn(folder: string, io: Io): string {
  const latest = findLatestResult(resolve(io.cwd, folder));
  if (latest !== null) return latest;
  throw new BenchError('input', `Expected a results folder in ${folder}, got none`, {
    hint: 'Measure first (bench sequential), or name one: bench report results/NAME.',
  });
}

function distinct(folders: readonly string[]): readonly string[] {
  const twice = folders.find((folder, index) => folders.indexOf(folder) !== index);
  if (twice === undefined) return folders;
  throw new BenchError('usage', `Expected every results folder once, got ${twice} twice`, {
    hint: 'A run shown twice would look like two runs that agree.',
  });
}

function reportName(name: string | undefined, runs: readonly AnalysedRun[]): string {
  if (name !== undefined) return plainName(name);
  const newest = runs
    .map(({ run: { name: own, plan } }) => ({ own, startedAt: plan.startedAt }))
    .reduce((best, one) => (one.startedAt > best.startedAt ? one : best));
  return runs.length === 1 ? newest.own : `merged-${runs.length}-${newest.own}`;
}

function plainName(name: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name)) return name;
  throw new BenchError('usage', `--name: Expected letters, digits, dots, dashes and underscores, got "${name}"`, {
    hint: 'The report is a folder of that name; --reports says where.',
  });
}

/** The path from the current folder, unless it would climb out of it. */
export function shortest(dir: string, cwd: string): string {
  const path = relative(cwd, dir);
  return path.startsWith('..') ? dir : path;
}
