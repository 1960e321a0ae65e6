import { join } from 'node:path';
import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type { Io } from '../../model/io.js';
import { renderTerminalOverview } from '../../report/index.js';
import { sweepsOf } from '../../statistics/index.js';
import type { ConcludeOptions } from './run.js';
import { exportRuns } from './exports.js';
import { announceGate } from './gate.js';
import type { ClosedRecording } from '../old-entry.js';
import { analyseResult, makeReport } from '../commands/report.js';

/**
 * Says what a sweep showed, level by level, makes one report of all levels, and gives the exit code as one run would.
 */
export async function concludeSweep(
  recordings: readonly ClosedRecording[],
  options: ConcludeOptions,
  io: Io,
): Promise<number> {
  const stopped = io.signal.aborted;
  const paths = recordings.map(({ writer }) => writer.path);
  const { runs, dir } =
    options.report && !stopped
      ? await makeReport(paths, options, io)
      : { runs: paths.map((path): AnalysedRun => analyseResult(path, options.margin)), dir: null };
  exportRuns(options.exports, runs, io);
  const { out, colour } = options.exports.io;
  out(
    renderTerminalOverview(
      runs,
      { columns: io.columns ?? 80, colour, reportPath: dir === null ? null : join(dir, 'index.html') },
      sweepsOf(runs),
    ),
  );
  if (stopped) {
    io.err(`stopped: what was measured is kept; its report: bench report ${paths.join(' ')}\n`);
    return 130;
  }
  const exitCode = announceGate(runs, options, io);
  const refusal = recordings.find((recording) => recording.refusal !== undefined)?.refusal;
  if (refusal !== undefined) throw refusal;
  return recordings.some(({ failed }) => failed > 0) ? 1 : exitCode;
}
