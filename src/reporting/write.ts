import { dirname, join, resolve } from 'node:path';
import type { Advice } from '../model/analysis/advice.js';
import type { AnalysedRun } from '../model/analysis/analysis.js';
import type { NodeReport } from '../model/host/fleet.js';
import { assertReportName } from '../model/results/report-name.js';
import {
  adviceReport,
  capacityReport,
  capacitySummary,
  percallReport,
  percallSummary,
  plainContents,
  reportContents,
} from '../report/index.js';
import type { ReportContents } from '../report/index.js';
import { safeName } from '../results/index.js';
import { sweepsOf } from '../statistics/index.js';
import { analyseResults } from './analyse.js';
import type { Analysed, AnalysisSettings } from './analyse.js';
import { replaceReport } from './folder.js';
import { refreshIndex, type WrittenIndex } from './folder-index.js';

/** Where a report goes. */
export interface ReportTarget {
  /** The folder in which the report's own folder is made. */
  readonly directory: string;
  /**
   * Name of the report's folder: letters, digits, `.`, `-` and `_`. Default: the results folder's name, or
   * `merged-<number>-<name of the newest>`.
   */
  readonly name?: string;
  /** What came of each node, where the runs are a fleet's. */
  readonly nodes?: readonly NodeReport[];
}

/** A report on disk. */
export interface WrittenReport {
  /** Absolute path of the report's folder. */
  readonly directory: string;
  /** Absolute path of its index.html. */
  readonly page: string;
  /** Names of its files, sorted. */
  readonly files: readonly string[];
  /** Charts that could not be drawn, each with why; the report is whole without them. */
  readonly notDrawn: readonly string[];
  /** The page over all reports next to this one. */
  readonly index: WrittenIndex;
  readonly analysed: Analysed;
}

/**
 * Reads and analyses results folders and writes one report of them: index.html, summary.md, summary.json and every
 * chart as PNG and SVG. An earlier report of the same name is replaced.
 *
 * Throws as {@link analyseResults}; `usage` for a bad name, `input` where the report's place holds something else,
 * `environment` where it cannot be written.
 *
 * @example
 * const { page, analysed } = await writeReport(['results/monday', 'results/tuesday'], { directory: 'reports' });
 */
export const writeReport = async (
  folders: readonly string[],
  { margin, ...target }: ReportTarget & AnalysisSettings,
): Promise<WrittenReport> => writeAnalysed(analyseResults(folders, margin === undefined ? {} : { margin }), target);

/**
 * Writes the report of results that are analysed already. Throws `usage` (a bad name), `input` (the place holds
 * something that is not a report of bench) and `environment` (it cannot be written).
 */
export async function writeAnalysed(analysed: Analysed, target: ReportTarget): Promise<WrittenReport> {
  const directory = resolve(target.directory, reportName(analysed, target.name));
  const contents = await contentsOf(analysed, target);
  const files = replaceReport(directory, contents);
  const index = refreshIndex(dirname(directory));
  return { directory, page: join(directory, 'index.html'), files, notDrawn: contents.notDrawn, index, analysed };
}

function reportName(analysed: Analysed, name: string | undefined): string {
  if (name === undefined) return fitting(ownName(analysed));
  assertReportName(name);
  return name;
}

/** Results may have been renamed, and a name is limited to 255 bytes. */
const fitting = (name: string): string => (Buffer.byteLength(name) > 200 ? safeName(name) : name);

function ownName(analysed: Analysed): string {
  switch (analysed.kind) {
    case 'starts':
      return nameOfRuns(analysed.runs);
    case 'calls':
      return analysed.analysis.run.name;
    case 'capacity':
      return analysed.run.name;
    case 'advice':
      return analysed.starts.run.name;
  }
}

function nameOfRuns(runs: readonly AnalysedRun[]): string {
  const newest = runs
    .map(({ run: { name, plan } }) => ({ name, startedAt: plan.startedAt }))
    .reduce((best, one) => (one.startedAt > best.startedAt ? one : best));
  return runs.length === 1 ? newest.name : `merged-${runs.length}-${newest.name}`;
}

function contentsOf(analysed: Analysed, { nodes }: ReportTarget): Promise<ReportContents> {
  switch (analysed.kind) {
    case 'starts':
      return reportContents(analysed.runs, sweepsOf(analysed.runs), nodes);
    case 'calls':
      return plainContents(percallReport(analysed.analysis), percallSummary(analysed.analysis));
    case 'capacity':
      return plainContents(
        capacityReport(analysed.capacity, analysed.run),
        capacitySummary(analysed.capacity, analysed.run),
      );
    case 'advice':
      return plainContents(adviceReport(analysed.advice), summaryOfAdvice(analysed.advice));
  }
}

/** summary.json of `bench advise`. */
const summaryOfAdvice = (advice: Advice): object => ({ summaryVersion: 1, kind: 'advise', ...advice });
