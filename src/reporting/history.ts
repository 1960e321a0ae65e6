import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import type { HistoryCheck, Trend, TrendPoint } from '../model/analysis/trend.js';
import { assertReportName } from '../model/results/report-name.js';
import type { History } from '../model/results/history.js';
import { checkTrends, trendsOf } from '../history/index.js';
import type { CheckSettings } from '../history/index.js';
import { historyContents } from '../report/index.js';
import { stepBetween } from '../statistics/index.js';
import { replaceReport } from './folder.js';
import { refreshIndex, type WrittenIndex } from './folder-index.js';

/**
 * The trends of a history: one per scenario, kind of starts, engine, machine, arm and metric, each with its levels and
 * the changes between them.
 *
 * @example
 * const slower = historyTrends(readHistory('bench-history.jsonl')).filter(({ changes }) => changes.length > 0);
 */
export const historyTrends = ({ entries }: Pick<History, 'entries'>): readonly Trend[] =>
  trendsOf(entries, stepBetween);

/**
 * Asks a history whether the newest entry's trends became slower and stayed so; `null`: no entry is of the commit.
 */
export const checkHistory = (history: History, settings: CheckSettings): HistoryCheck | null =>
  checkTrends(history, historyTrends(history), settings);

/** Where the page of a history goes. */
export interface HistoryTarget {
  /** Absolute path of the history's file: reports are found from its folder. */
  readonly file: string;
  /** The folder in which the page's own folder is made. */
  readonly directory: string;
  /** Name of that folder; default: `history`. */
  readonly name?: string;
}

/** The page of a history on disk. */
export interface WrittenHistory {
  /** Absolute path of its index.html. */
  readonly page: string;
  /** Names of its files, sorted. */
  readonly files: readonly string[];
  /** Trends that could not be drawn, each with why; the page is whole without them. */
  readonly notDrawn: readonly string[];
  /** The page over all reports next to this one. */
  readonly index: WrittenIndex;
}

/**
 * Writes the page of a history: trends with their intervals, changes, links to the reports of the runs. An earlier page
 * of the same name is replaced.
 *
 * Throws `usage` (a bad name), `input` (the place holds something that is not a report of bench) and `environment` (it
 * cannot be written).
 */
export async function writeHistory(
  { damaged, repeated }: History,
  trends: readonly Trend[],
  { file, directory, name = 'history' }: HistoryTarget,
): Promise<WrittenHistory> {
  assertReportName(name);
  const folder = resolve(directory, name);
  const hrefOf = ({ report }: TrendPoint): string | null => hrefFrom(folder, dirname(file), report);
  const summary = { summaryVersion: 1, kind: 'history', trends, damaged };
  const contents = await historyContents({ trends, damaged, repeated, hrefOf }, summary);
  const files = replaceReport(folder, contents);
  const { notDrawn } = contents;
  return { page: join(folder, 'index.html'), files, notDrawn, index: refreshIndex(directory) };
}

/** Only a web address or a path: a history is a file that others may write to. */
function hrefFrom(pageFolder: string, historyFolder: string, report: string | null): string | null {
  if (report === null) return null;
  if (/^https?:\/\//i.test(report)) return report;
  if (/^[a-z][a-z0-9+.-]*:/i.test(report)) return null;
  const way = relative(pageFolder, isAbsolute(report) ? report : join(historyFolder, report));
  return way.split('/').map(encodeURIComponent).join('/');
}
