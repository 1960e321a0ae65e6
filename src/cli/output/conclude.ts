import { relative, resolve } from 'node:path';
import { BenchError } from '../../errors.js';
import type { ExperimentResult } from '../../model/experiment/events.js';
import type { NodeReport } from '../../model/host/fleet.js';
import type { Io } from '../../model/io.js';
import type { RunResult } from '../../model/results/result.js';
import { needsBuilds } from '../../model/run/scenario.js';
import { shellQuote } from '../../model/shell-quote.js';
import { analyseResults, resultsKind, writeAnalysed } from '../../reporting/index.js';
import type { Analysed, WrittenIndex } from '../../reporting/index.js';
import type { Printed, Written } from './documents.js';
import { writeExports } from './exports.js';
import { tellGate, type Gate } from './gate.js';
import { NO_GATE, type OutputPlan } from './plan.js';
import { printJson } from './json.js';
import { lookOf } from './look.js';
import { unfinishedLines } from './announce/unfinished.js';
import { summaryDocument, summaryText, type SummaryLook } from './summary.js';

/** What results folders hold, without analysing them. */
export const kindOf = resultsKind;

/** What an experiment left behind, as far as the conclusion needs it. */
export type Finished = Pick<ExperimentResult, 'folders' | 'failed' | 'notRemoved'>;

/** What sets one command's conclusion apart. */
export interface ConcludeOptions {
  /** The text of the summary; default: {@link summaryText}. */
  readonly text?: (analysed: Analysed, look: SummaryLook) => string;
  /** What `--json` prints; default: {@link summaryDocument}. */
  readonly document?: (analysed: Analysed, written: Written) => Printed;
  /** What came of each node, where the results are a fleet's. */
  readonly nodes?: readonly NodeReport[];
  /** Tells a CI system, once all else is told. */
  readonly tell?: (concluded: Concluded) => void;
}

/** What a conclusion found. */
export interface Concluded {
  readonly analysed: Analysed;
  readonly gate: Gate;
  /** Results folders and the report's page, as paths from the current folder; `report` is `null` where none is. */
  readonly written: Written;
}

/**
 * Concludes an experiment: analyses its results, writes the report, prints the summary, writes the exports, asks the
 * gate. Gives the exit code: 130 stopped, 1 with failures or a runtime that was
 * replaced, 3 or 4 by the gate, else 0. A run that was stopped gets no
 * report. What cannot be written is thrown once the summary is printed.
 */
export async function conclude(
  { folders, failed, notRemoved }: Finished,
  plan: OutputPlan,
  io: Io,
  options: ConcludeOptions = {},
): Promise<number> {
  const stopped = io.signal.aborted;
  const analysed = analysedFrom(folders, plan, io);
  const shown = await show(analysed, stopped ? { ...plan, reportsFolder: null } : plan, io, { ...options, folders });
  if (stopped) {
    const report = `bench report ${shellQuote(folders)} makes a report of them`;
    io.err(`stopped; the results so far are kept: ${canGoOn(analysed) ? resumeWords(folders) : ''}${report}\n`);
    if (notRemoved !== null) throw notRemoved;
    return 130;
  }
  tellUnfinished(analysed, folders, io);
  const gate = tellGate(analysed, plan.gate, io);
  options.tell?.({ analysed, gate, written: shown.written });
  throwFirst([...shown.errors, ...(notRemoved === null ? [] : [notRemoved])]);
  return failed > 0 || callsFailed(analysed) > 0 || isBroken(analysed) ? 1 : gate.exitCode;
}

/**
 * Concludes an experiment that an error ended in the middle: report, summary and exports of what was measured until
 * then, as far as they can be made. Always throws, the error of the experiment first.
 */
export async function concludeBroken(
  error: unknown,
  folders: readonly string[],
  plan: OutputPlan,
  io: Io,
): Promise<never> {
  const later: Error[] = [];
  const analysed = await attempt(() => analysedFrom(folders, plan, io), later);
  // Nothing was measured, or nothing that can be read: the error says why.
  if (analysed === undefined || !hasBlocks(analysed)) throw error;
  later.push(...(await show(analysed, { ...plan, gate: NO_GATE }, io, { folders })).errors);
  throw later.length === 0 ? error : new AggregateError([error, ...later]);
}

const hasBlocks = (analysed: Analysed): boolean =>
  analysed.kind !== 'starts' || analysed.runs.some(({ run }) => run.samples.length > 0);

/**
 * Concludes results that were measured earlier: report, summary, exports, gate. Gives the exit code: 1 where priced
 * calls have failures, 3 or 4 by the gate, else 0.
 */
export async function concludeFolders(
  folders: readonly string[],
  plan: OutputPlan,
  io: Io,
  options: ConcludeOptions = {},
): Promise<number> {
  const analysed = analysedFrom(folders, plan, io);
  const shown = await show(analysed, plan, io, { ...options, folders });
  tellUnfinished(analysed, folders, io);
  const gate = tellGate(analysed, plan.gate, io);
  options.tell?.({ analysed, gate, written: shown.written });
  throwFirst(shown.errors);
  return callsFailed(analysed) > 0 ? 1 : gate.exitCode;
}

/** Whether the runtime was replaced, or was not there any more. */
const isBroken = (analysed: Analysed): boolean =>
  runsOf(analysed).some(({ ledger }) => ledger?.ended === 'runtimeChanged' || ledger?.ended === 'failedBlocks');

/** Whether bench resume can continue such a run: prices of calls, and builds that are gone, it cannot. */
const canGoOn = (analysed: Analysed): boolean =>
  analysed.kind === 'starts'
    ? !analysed.runs.some(({ run }) => needsBuilds(run.plan.scenario.arms))
    : analysed.kind === 'advice';

/** Of several folders the first: one level of a sweep brings the others. */
const resumeWords = ([first]: readonly string[]): string =>
  first === undefined ? '' : `bench resume ${shellQuote([first])} continues the run, `;

/** Tells of every run that is not complete, and how to continue it. */
function tellUnfinished(analysed: Analysed, folders: readonly string[], io: Io): void {
  const isOfStarts = canGoOn(analysed);
  const runs = runsOf(analysed).flatMap((run, index) => {
    const folder = folders[index];
    return folder === undefined ? [] : [{ folder: shortest(resolve(io.cwd, folder), io.cwd), run, isOfStarts }];
  });
  for (const line of unfinishedLines(runs)) io.err(`${line}\n`);
}

function runsOf(analysed: Analysed): readonly Pick<RunResult, 'ledger' | 'unended'>[] {
  switch (analysed.kind) {
    case 'starts':
      return analysed.runs.map(({ run }) => run);
    case 'calls':
      return [analysed.analysis.run];
    case 'capacity':
      // It is written at its end, so it is whole.
      return [];
    case 'advice':
      return [
        analysed.starts.run,
        ...[analysed.calls, analysed.actions].flatMap((priced) => (priced === null ? [] : [priced.run])),
      ];
  }
}

/** Measured containers without prices of calls. */
function callsFailed(analysed: Analysed): number {
  if (analysed.kind === 'starts' || analysed.kind === 'capacity') return 0;
  const priced = analysed.kind === 'calls' ? [analysed.analysis] : [analysed.calls, analysed.actions];
  const ofActions = priced.flatMap((one) => one?.actions?.failures ?? []);
  return [...priced.map((one) => one?.failed ?? 0), ...ofActions.map(({ count }) => count)].reduce((a, b) => a + b, 0);
}

function analysedFrom(folders: readonly string[], { margin }: OutputPlan, io: Io): Analysed {
  const analysed = analyseResults(
    folders.map((folder) => resolve(io.cwd, folder)),
    { margin },
  );
  if (analysed.kind !== 'advice') return analysed;
  const { starts, calls, actions } = analysed.advice.results;
  const results = {
    starts: shortest(starts, io.cwd),
    calls: calls === null ? null : shortest(calls, io.cwd),
    ...(actions === undefined ? {} : { actions: shortest(actions, io.cwd) }),
  };
  return { ...analysed, advice: { ...analysed.advice, results } };
}

/** Report, summary and exports; gives where things are, and the errors of what could not be written. */
async function show(
  analysed: Analysed,
  plan: OutputPlan,
  io: Io,
  { text = summaryText, document = summaryDocument, nodes, folders }: ConcludeOptions & Pick<Finished, 'folders'>,
): Promise<{ readonly written: Written; readonly errors: readonly Error[] }> {
  const errors: Error[] = [];
  const places = await attempt(() => reportOf(analysed, plan, io, { nodes, errors }), errors, {
    hint: `The results are kept: bench report ${shellQuote(folders)} --report FOLDER writes the report elsewhere.`,
  });
  const results = folders.map((folder) => shortest(resolve(io.cwd, folder), io.cwd));
  const written = { results, ...(places ?? NO_REPORT) };
  if (plan.json) {
    const printed = document(analysed, written);
    printJson(io, printed.kind, printed.document);
  } else {
    const look = {
      ...lookOf(plan.exports.io),
      reportPath: written.report,
      indexPath: written.index,
      showCalls: plan.showCalls,
    };
    plan.exports.io.out(text(analysed, look));
  }
  errors.push(...((await attempt(() => writeExports(plan.exports, analysed, io), errors)) ?? []));
  return { written, errors };
}

async function reportOf(
  analysed: Analysed,
  { reportsFolder, reportName }: OutputPlan,
  { cwd }: Io,
  { nodes, errors }: { readonly nodes: readonly NodeReport[] | undefined; readonly errors: Error[] },
): Promise<Omit<Written, 'results'>> {
  if (reportsFolder === null) return NO_REPORT;
  const { page, notDrawn, index } = await writeAnalysed(analysed, {
    directory: resolve(cwd, reportsFolder),
    ...(reportName === undefined ? {} : { name: reportName }),
    ...(nodes === undefined ? {} : { nodes }),
  });
  errors.push(...notDrawn.map(missingChart));
  return { report: shortest(page, cwd), index: indexPath(index, cwd) };
}

/** For a chart that could not be drawn, which costs no other. */
export const missingChart = (why: string): BenchError => new BenchError('runFailed', `the report has no chart ${why}`);

const NO_REPORT = { report: null, index: null } as const;

/** The page over all reports, unless something else is in its place. */
export const indexPath = (index: WrittenIndex, cwd: string): string | null =>
  index.state === 'written' ? shortest(index.path, cwd) : null;

/** What the action gives, or nothing where it fails for a reason the user can act on. */
export async function attempt<Value>(
  action: () => Value | Promise<Value>,
  errors: Error[],
  { hint }: { readonly hint?: string } = {},
): Promise<Value | undefined> {
  try {
    return await action();
  } catch (error) {
    errors.push(advised(error, hint));
    return undefined;
  }
}

function advised(error: unknown, hint: string | undefined): Error {
  if (!(error instanceof BenchError)) return error instanceof Error ? error : new Error(String(error));
  const advice = hint ?? error.hint;
  return new BenchError(error.code, error.message, { cause: error, ...(advice === undefined ? {} : { hint: advice }) });
}

/** Throws the errors there are; of several, all in one. */
export function throwFirst(errors: readonly Error[]): void {
  const [first] = errors;
  if (first !== undefined) throw errors.length === 1 ? first : new AggregateError(errors);
}

/** The path from the current folder, unless it would climb out of it. */
export function shortest(path: string, cwd: string): string {
  const way = relative(cwd, path);
  return way.startsWith('..') ? path : way;
}
