import { join, resolve } from 'node:path';
import type { FilterAttach, MeasuredAttach } from '../model/filter/attaching.js';
import { assertReportName } from '../model/results/report-name.js';
import { attachAnswer, attachContents, attachSentences } from '../report/index.js';
import { replaceReport } from './folder.js';
import { refreshIndex, type WrittenIndex } from './folder-index.js';

/** Where the report of a filter's load goes. */
export interface AttachTarget {
  /** The folder in which the report's own folder is made. */
  readonly directory: string;
  /** Name of that folder; default: `attach`. */
  readonly name?: string;
  /** Of the scenario that asked for it; absent: the answer is the title. */
  readonly title?: string;
}

/** The report on disk. */
export interface WrittenAttach {
  /** Absolute path of its index.html. */
  readonly page: string;
  /** Charts that could not be drawn, each with why; the page is whole without them. */
  readonly notDrawn: readonly string[];
  /** The page over all reports next to this one. */
  readonly index: WrittenIndex;
}

/**
 * Writes what a filter's load takes: a page with a chart, Markdown, every load as CSV. An earlier report of the same
 * name is replaced. Throws `usage` (a bad name), `input` (the place holds something else) and `environment`.
 *
 * @example
 * const { page } = await writeAttachReport(await measureAttach(), { directory: 'reports' });
 */
export async function writeAttachReport(
  { attach, loads }: MeasuredAttach,
  { directory, name = 'attach', title }: AttachTarget,
): Promise<WrittenAttach> {
  assertReportName(name);
  const folder = resolve(directory, name);
  const contents = await attachContents(attach, loads, {
    summary: { summaryVersion: 1, kind: 'attach', ...attach },
    ...(title === undefined ? {} : { title }),
  });
  replaceReport(folder, contents);
  return { page: join(folder, 'index.html'), notDrawn: contents.notDrawn, index: refreshIndex(resolve(directory)) };
}

/** What was found, as sentences: the answer first. */
export const explainAttach = (attach: FilterAttach): readonly string[] => [
  attachAnswer(attach),
  ...attachSentences(attach),
];
