import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import { wordsOf } from '../../process/mount-namespace.js';
import { runTool } from '../../process/run-tool.js';
import { makeOwnedFolder, removeOwnedFolder } from '../../process/files/owned-folder.js';
import type { LaunchCommand } from '../../model/container/container.js';
import { lastWords } from '../../model/container/outcome.js';
import { variablesOf } from './environment.js';

const REPORT_LIMIT_MS = 60_000;

/**
 * Runs a command to its end under `perf record` (cpu-clock, which virtual machines have too) and returns perf's report
 * as text, by program and symbol, descendants included. Throws `environment` where perf may not sample.
 */
export async function perfRecord(perf: string, command: LaunchCommand, timeoutMs: number): Promise<string> {
  const { path: folder } = makeOwnedFolder('perf');
  const file = join(folder, 'perf.data');
  try {
    const recorded = await runTool(
      perf,
      ['record', '-q', '-e', 'cpu-clock', '-F', '999', '-o', file, '--', ...wordsOf(command)],
      { env: variablesOf(command), timeoutMs },
    );
    if (recorded.exitCode !== 0) throw refused(perf, 'record', recorded.stderr, recorded.exitCode);
    const report = await runTool(
      perf,
      ['report', '--stdio', '--sort', 'comm,dso,symbol', '--percent-limit', '0.1', '-i', file],
      { timeoutMs: REPORT_LIMIT_MS },
    );
    if (report.exitCode !== 0 || report.stdout.trim() === '')
      throw refused(perf, 'report', report.stderr, report.exitCode);
    return report.stdout;
  } finally {
    removeOwnedFolder(folder);
  }
}

function refused(perf: string, verb: string, stderr: string, exitCode: number | null): BenchError {
  return new BenchError(
    'environment',
    `${perf} ${verb} failed: ${lastWords(stderr, 1) || `exit code ${exitCode ?? 'none'}`}`,
    {
      hint: 'Sampling requires root, or: sysctl kernel.perf_event_paranoid=-1',
    },
  );
}
