import { basename, join, resolve } from 'node:path';
import type { AdviceCounts } from '../../model/analysis/advice.js';
import type { Io } from '../../model/io.js';
import { renderAdviceTerminal } from '../../report/index.js';
import { adviceOf, analyseCalls, analyseFolder, writeAnalysed } from '../../reporting/index.js';
import { AS_IS } from '../../advise/arms.js';
import type { OptionArm } from '../../advise/arms.js';
import { shortest } from '../commands/report.js';

export interface Measured {
  readonly profile: string;
  readonly optionArms: readonly OptionArm[];
  readonly counts: (AdviceCounts & { readonly warnings: readonly string[] }) | null;
  /** Results folders. */
  readonly starts: string;
  readonly calls: string;
}

export interface AdviceOutput {
  readonly reports: string;
  readonly report: boolean;
  readonly json: boolean;
}

/**
 * Says what each option changed, makes the report and gives the exit code: 1 where a container failed, 130 where the
 * run was stopped.
 */
export async function concludeAdvice(measured: Measured, options: AdviceOutput, io: Io): Promise<number> {
  const starts = analyseFolder(resolve(io.cwd, measured.starts));
  const calls = analyseCalls(resolve(io.cwd, measured.calls));
  const { profile, counts, optionArms } = measured;
  const record = {
    formatVersion: 1,
    kind: 'advise',
    profile,
    counts,
    baseline: AS_IS,
    options: optionArms.map((one) => ('arm' in one ? { ...one, arm: one.arm.name } : one)),
    calls: basename(measured.calls),
  } as const;
  const advice = adviceOf(record, { folder: measured.starts, starts, callsFolder: measured.calls, calls });
  const written = options.report
    ? await writeAnalysed({ kind: 'advice', advice, starts, calls }, { directory: resolve(io.cwd, options.reports) })
    : null;
  const reportPath = written === null ? null : join(shortest(written.directory, io.cwd), 'index.html');
  io.out(
    options.json
      ? `${JSON.stringify(advice, null, 2)}\n`
      : renderAdviceTerminal(advice, { columns: io.columns ?? 80, reportPath }),
  );
  if (io.signal.aborted) return 130;
  return starts.analysis.failures.length > 0 || calls.failed > 0 ? 1 : 0;
}
