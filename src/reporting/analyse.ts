import { resolve } from 'node:path';
import { BenchError, conflict } from '../errors.js';
import type { Advice } from '../model/analysis/advice.js';
import type { AnalysedRun } from '../model/analysis/analysis.js';
import type { PercallAnalysis } from '../model/analysis/percall-analysis.js';
import {
  callsFolderOf,
  isAdviceFolder,
  isPercallFolder,
  readAdvice,
  readPercallFolder,
  readResultFolder,
} from '../results/index.js';
import { analyse, analysePercall, judgeReport } from '../statistics/index.js';
import { adviceOf } from './advice.js';

/** The margin where none is given: 1 %. */
export const DEFAULT_MARGIN = 0.01;

/** How results are judged. */
export interface AnalysisSettings {
  /** A share (0.01 = 1 %) above 0: smaller changes count as none. Default: {@link DEFAULT_MARGIN}. */
  readonly margin?: number;
}

/** What results folders hold, analysed: starts of one or several runs, priced calls, or what `bench advise` found. */
export type Analysed =
  | { readonly kind: 'starts'; readonly runs: readonly AnalysedRun[] }
  | { readonly kind: 'calls'; readonly analysis: PercallAnalysis }
  | {
      readonly kind: 'advice';
      readonly advice: Advice;
      readonly starts: AnalysedRun;
      readonly calls: PercallAnalysis;
    };

/**
 * Reads and analyses results folders. Several folders of starts are judged together: p is adjusted for the tests of all
 * of them. Relative paths start at the current folder of the process.
 *
 * Throws `input` (a folder that is damaged or holds something else) and `usage` (no folder, a folder given twice, or
 * priced calls together with another folder).
 */
export function analyseResults(folders: readonly string[], settings: AnalysisSettings = {}): Analysed {
  const paths = distinct(folders.map((folder) => resolve(folder)));
  const [first] = paths;
  if (first === undefined) throw new BenchError('usage', 'no results folder given');
  switch (resultsKind(paths)) {
    case 'calls':
      return { kind: 'calls', analysis: analyseCalls(first, settings) };
    case 'advice':
      return analyseAdvice(first, settings);
    case 'starts':
      return { kind: 'starts', runs: judgedTogether(paths.map((path) => analyseFolder(path, settings))) };
  }
}

/**
 * What results folders hold, without reading their samples. A folder that is damaged counts as starts. Throws `usage`
 * for priced calls together with another folder.
 */
export function resultsKind(folders: readonly string[]): Analysed['kind'] {
  const priced = folders.find(isPercallFolder);
  if (priced !== undefined && folders.length > 1)
    throw conflict(`${priced} (priced calls)`, 'other results in one report', { hint: 'Make a report of each.' });
  if (priced !== undefined) return 'calls';
  const [first] = folders;
  return first !== undefined && folders.length === 1 && isAdviceFolder(first) ? 'advice' : 'starts';
}

/** Reads and analyses one results folder of starts. Throws `input`. */
export function analyseFolder(folder: string, { margin = DEFAULT_MARGIN }: AnalysisSettings = {}): AnalysedRun {
  const run = readResultFolder(folder);
  return { run, analysis: analyse(run, { margin }) };
}

/** Reads and analyses one results folder of priced calls. Throws `input`. */
export function analyseCalls(folder: string, { margin = DEFAULT_MARGIN }: AnalysisSettings = {}): PercallAnalysis {
  return analysePercall(readPercallFolder(folder), { margin });
}

function analyseAdvice(folder: string, settings: AnalysisSettings): Analysed {
  const record = readAdvice(folder);
  const callsFolder = callsFolderOf(folder, record);
  const [starts, calls] = [analyseFolder(folder, settings), analyseCalls(callsFolder, settings)];
  return { kind: 'advice', advice: adviceOf(record, { folder, starts, callsFolder, calls }), starts, calls };
}

/** A reader of several runs looks at all of their rows: they are one family. */
function judgedTogether(runs: readonly AnalysedRun[]): readonly AnalysedRun[] {
  const judged = judgeReport(runs.map(({ analysis }) => analysis));
  return runs.map(({ run, analysis }, index) => ({ run, analysis: judged[index] ?? analysis }));
}

function distinct(folders: readonly string[]): readonly string[] {
  const twice = folders.find((folder, index) => folders.indexOf(folder) !== index);
  if (twice === undefined) return folders;
  throw new BenchError('usage', `results folder given twice: ${twice}`, {
    hint: 'Shown twice, one run would look like two runs that agree.',
  });
}
