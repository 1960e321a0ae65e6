import { resolve } from 'node:path';
import { BenchError, conflict } from '../errors.js';
import type { Advice } from '../model/analysis/advice.js';
import type { Analysis, AnalysedRun } from '../model/analysis/analysis.js';
import type { PercallAnalysis } from '../model/analysis/percall-analysis.js';
import type { CapacityResult } from '../model/results/capacity.js';
import type { FilterCapacity } from '../model/filter/capacity.js';
import type { RunResult } from '../model/results/result.js';
import { tellingOf, verdictSentence, warningsOf } from '../report/index.js';
import {
  actionsFolderOf,
  callsFolderOf,
  isAdviceFolder,
  isCapacityFolder,
  isPercallFolder,
  readAdvice,
  readCapacityFolder,
  readPercallFolder,
  readResultFolder,
} from '../results/index.js';
import { analyse as analyseRun, analyseCapacity, analysePercall, judgeReport } from '../statistics/index.js';
import { adviceOf } from './advice.js';

/** The margin where none is given: 1 %. */
export const DEFAULT_MARGIN = 0.01;

/** How results are judged. */
export interface AnalysisSettings {
  /** A share (0.01 = 1 %) above 0: smaller changes count as none. Default: {@link DEFAULT_MARGIN}. */
  readonly margin?: number;
}

/**
 * What results folders hold, analysed: starts of one or several runs, priced calls, the memory of a filter, or what
 * `bench advise` found.
 */
export type Analysed =
  | { readonly kind: 'starts'; readonly runs: readonly AnalysedRun[] }
  | { readonly kind: 'calls'; readonly analysis: PercallAnalysis }
  | { readonly kind: 'capacity'; readonly capacity: FilterCapacity; readonly run: CapacityResult }
  | {
      readonly kind: 'advice';
      readonly advice: Advice;
      readonly starts: AnalysedRun;
      /** `null`: no call could be priced. */
      readonly calls: PercallAnalysis | null;
      /** Prices of actions of the profile; `null`: it has none, or they were not measured. */
      readonly actions: PercallAnalysis | null;
    };

/**
 * Reads and analyses results folders. Several folders of starts are judged together: p is adjusted for the tests of all
 * of them. Relative paths start at the current folder of the process.
 *
 * Throws `input` (a folder that is damaged or holds something else) and `usage` (no folder, a folder given twice, or
 * priced calls or the memory of a filter together with another folder).
 */
export function analyseResults(folders: readonly string[], settings: AnalysisSettings = {}): Analysed {
  const paths = distinct(folders.map((folder) => resolve(folder)));
  const [first] = paths;
  if (first === undefined) throw new BenchError('usage', 'no results folder given');
  switch (resultsKind(paths)) {
    case 'calls':
      return { kind: 'calls', analysis: analyseCalls(first, settings) };
    case 'capacity':
      return analyseCapacityFolder(first);
    case 'advice':
      return analyseAdvice(first, settings);
    case 'starts':
      return { kind: 'starts', runs: judgedTogether(paths.map((path) => analyseFolder(path, settings))) };
  }
}

/**
 * What results folders hold, without reading their samples. A folder that is damaged counts as starts. Throws `usage`
 * for priced calls or the memory of a filter together with another folder.
 */
export function resultsKind(folders: readonly string[]): Analysed['kind'] {
  const priced = folders.find(isPercallFolder);
  if (priced !== undefined && folders.length > 1)
    throw conflict(`${priced} (priced calls)`, 'other results in one report', { hint: 'Write a report of each.' });
  if (priced !== undefined) return 'calls';
  const memory = folders.find(isCapacityFolder);
  if (memory !== undefined && folders.length > 1)
    throw conflict(`${memory} (memory of a filter)`, 'other results in one report', {
      hint: 'Write a report of each.',
    });
  if (memory !== undefined) return 'capacity';
  const [first] = folders;
  return first !== undefined && folders.length === 1 && isAdviceFolder(first) ? 'advice' : 'starts';
}

/**
 * Derives all that is claimed of a run from its samples alone: comparisons with estimates and verdicts, A/A checks,
 * ledger, warnings. Throws `usage` for a margin that is not above 0.
 *
 * @example
 * const { comparisons } = analyse(readResults('results/20261121T010203Z-quick-1a2b'));
 */
export const analyse = (run: RunResult, { margin = DEFAULT_MARGIN }: AnalysisSettings = {}): Analysis =>
  analyseRun(run, { margin });

/** What an analysis says, in sentences. */
export interface Explanation {
  /** One per comparison, in their order: why it has its verdict, and what to do next. */
  readonly verdicts: readonly string[];
  /** What to know before relying on the numbers. */
  readonly warnings: readonly string[];
}

/** Words an analysed run as the report does. */
export const explain = (run: AnalysedRun): Explanation => ({
  verdicts: run.analysis.comparisons.map((comparison) => verdictSentence(comparison, tellingOf(run))),
  warnings: warningsOf(run),
});

/** Reads and analyses one results folder of starts. Throws `input`. */
export function analyseFolder(folder: string, settings: AnalysisSettings = {}): AnalysedRun {
  const run = readResultFolder(folder);
  return { run, analysis: analyse(run, settings) };
}

/** Reads and analyses one results folder of priced calls. Throws `input`. */
export function analyseCalls(folder: string, { margin = DEFAULT_MARGIN }: AnalysisSettings = {}): PercallAnalysis {
  return analysePercall(readPercallFolder(folder), { margin });
}

function analyseCapacityFolder(folder: string): Analysed {
  const run = readCapacityFolder(folder);
  return { kind: 'capacity', capacity: analyseCapacity(run), run };
}

function analyseAdvice(folder: string, settings: AnalysisSettings): Analysed {
  const record = readAdvice(folder);
  const callsFolder = callsFolderOf(folder, record);
  const starts = analyseFolder(folder, settings);
  const calls = callsFolder === null ? null : analyseCalls(callsFolder, settings);
  const actionsFolder = actionsFolderOf(folder, record);
  const actions =
    actionsFolder === null ? null : { folder: actionsFolder, analysis: analyseCalls(actionsFolder, settings) };
  const advice = adviceOf(record, { folder, starts, callsFolder, calls, actions });
  return { kind: 'advice', advice, starts, calls, actions: actions?.analysis ?? null };
}

/** A reader of several runs looks at all of their rows: they are one family. */
function judgedTogether(runs: readonly AnalysedRun[]): readonly AnalysedRun[] {
  const judged = judgeReport(runs.map(({ analysis }) => analysis));
  return runs.map(({ run, analysis }, index) => ({ run, analysis: judged[index] ?? analysis }));
}

function distinct(folders: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  const twice = folders.find((folder) => seen.size === seen.add(folder).size);
  if (twice === undefined) return folders;
  throw new BenchError('usage', `results folder given twice: ${twice}`, {
    hint: 'The same run twice would look like two runs that agree.',
  });
}
