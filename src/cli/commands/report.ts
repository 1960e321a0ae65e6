import { join, relative, resolve } from 'node:path';
import { BenchError } from '../../errors.js';
import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type { NodeReport } from '../../model/host/fleet.js';
import type { Io } from '../../model/io.js';
import { renderCalls, renderTerminalOverview, renderTerminalSummary } from '../../report/index.js';
import { analyseFolder, writeReport } from '../../reporting/index.js';
import { findLatestResult, isPercallFolder } from '../../results/index.js';
import { sweepsOf } from '../../statistics/index.js';
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
  { reports, name, margin, nodes }: MakeReportOptions,
  io: Io,
): Promise<{ readonly dir: string; readonly runs: readonly AnalysedRun[] }> {
  const { directory, analysed } = await writeReport(
    paths.map((path) => resolve(io.cwd, path)),
    {
      directory: resolve(io.cwd, reports),
      margin: parseMargin(margin),
      ...(name === undefined ? {} : { name }),
      ...(nodes === undefined ? {} : { nodes }),
    },
  );
  return { dir: shortest(directory, io.cwd), runs: analysed.kind === 'starts' ? analysed.runs : [] };
}

/** One results folder and all that its samples say; `margin` is a percentage such as `1%`. */
export const analyseResult = (path: string, margin: string): AnalysedRun =>
  analyseFolder(path, { margin: parseMargin(margin) });

function latestIn(folder: string, io: Io): string {
  const latest = findLatestResult(resolve(io.cwd, folder));
  if (latest !== null) return latest;
  throw new BenchError('input', `Expected a results folder in ${folder}, got none`, {
    hint: 'Measure first (bench sequential), or name one: bench report results/NAME.',
  });
}

/** The path from the current folder, unless it would climb out of it. */
export function shortest(dir: string, cwd: string): string {
  const path = relative(cwd, dir);
  return path.startsWith('..') ? dir : path;
}
