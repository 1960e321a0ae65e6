import { join, resolve } from 'node:path';
import type { Io } from '../../model/io.js';
import type { PercallAnalysis } from '../../model/analysis/percall-analysis.js';
import { percallSummary, renderPercallTerminal } from '../../report/index.js';
import { analyseCalls, writeAnalysed } from '../../reporting/index.js';
import { shortest } from '../commands/report.js';

export interface PercallReportOptions {
  readonly reports: string;
  /** The report's folder; absent: the result's name. */
  readonly name?: string;
  readonly report: boolean;
  /** The summary on standard output, in place of text. */
  readonly json: boolean;
}

/**
 * Reads a results folder back, says what it shows and makes its report; 130 where the run was stopped, 1 with failures,
 * else 0.
 */
export async function concludePercall(path: string, options: PercallReportOptions, io: Io): Promise<number> {
  const analysis = analyseCalls(resolve(io.cwd, path));
  const stopped = io.signal.aborted;
  const reportPath = options.report && !stopped ? join(await writeFor(analysis, options, io), 'index.html') : null;
  io.out(
    options.json
      ? `${JSON.stringify(percallSummary(analysis), null, 2)}\n`
      : renderPercallTerminal(analysis, { columns: io.columns ?? 80, reportPath }),
  );
  if (stopped) {
    io.err(`stopped: what was measured is in ${path}; bench percall --from ${path} makes its report\n`);
    return 130;
  }
  return analysis.failed > 0 ? 1 : 0;
}

async function writeFor(analysis: PercallAnalysis, { reports, name }: PercallReportOptions, io: Io): Promise<string> {
  const { directory } = await writeAnalysed(
    { kind: 'calls', analysis },
    { directory: resolve(io.cwd, reports), ...(name === undefined ? {} : { name }) },
  );
  return shortest(directory, io.cwd);
}
