import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import type { Io } from '../../model/io.js';
import type { AnalysedRun } from '../../model/analysis/analysis.js';
import { renderCalls, renderTerminalSummary } from '../../report/index.js';
import { exportRuns } from './exports.js';
import type { ExportPlan } from './exports.js';
import { announceGate } from './gate.js';
import type { GateFlags } from './gate.js';
import type { ClosedRecording } from '../old-entry.js';
import { analyseResult, makeReport } from '../commands/report.js';

export interface ConcludeOptions extends GateFlags {
  readonly countSyscalls?: boolean;
  readonly margin: string;
  readonly reports: string;
  readonly results: string;
  readonly report: boolean;
  readonly exports: ExportPlan;
}

/**
 * Says what the run showed, makes its report unless that is not wanted, and gives the exit code: 130 stopped, 1 with
 * failures, 3 or 4 by the gate, 0.
 */
export async function concludeRun(
  { writer, failed, refusal: notRemoved }: ClosedRecording,
  options: ConcludeOptions,
  io: Io,
): Promise<number> {
  const stopped = io.signal.aborted;
  const wanted = options.report && !stopped;
  const { run, reportPath, refusal } = wanted ? await withReport(writer, options, io) : withoutReport(writer, options);
  exportRuns(options.exports, [run], io);
  const { out, colour } = options.exports.io;
  out(renderTerminalSummary(run, { columns: io.columns ?? 80, colour, reportPath }));
  // Of a program they are counted without being asked for: then the report has them.
  const isAsked = run.run.plan.scenario.program === undefined || options.countSyscalls === true;
  if (run.analysis.calls !== undefined && isAsked)
    out(`\n${renderCalls(run.analysis.calls, { columns: io.columns ?? 80, colour, all: false })}`);
  if (stopped) {
    io.err(`stopped: what was measured is in ${writer.path}; bench report ${writer.path} makes its report\n`);
    return 130;
  }
  const exitCode = announceGate([run], options, io);
  if (refusal !== undefined) throw refusal;
  if (notRemoved !== undefined) throw notRemoved;
  return failed > 0 ? 1 : exitCode;
}

interface Shown {
  readonly run: AnalysedRun;
  readonly reportPath: string | null;
  /** Why there is no report. */
  readonly refusal?: BenchError;
}

/** A report that cannot be written must not hide what an hour of measuring showed. */
async function withReport(writer: ClosedRecording['writer'], options: ConcludeOptions, io: Io): Promise<Shown> {
  try {
    const { dir, runs } = await makeReport([writer.path], options, io);
    const [run] = runs;
    if (run === undefined) throw new RangeError('a report of one result has one run');
    return { run, reportPath: join(dir, 'index.html') };
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    const refusal = new BenchError(error.code, error.message, {
      hint: `The results are kept: bench report ${writer.path} --reports FOLDER makes the report elsewhere.`,
      cause: error,
    });
    return { ...withoutReport(writer, options), refusal };
  }
}

const withoutReport = (writer: ClosedRecording['writer'], { margin }: ConcludeOptions): Shown => ({
  run: analyseResult(writer.path, margin),
  reportPath: null,
});
