import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, needs } from '../../errors.js';
import { wordsOf } from '../../process/mount-namespace.js';
import { runTool } from '../../process/run-tool.js';
import { makeOwnedFolder, removeOwnedFolder } from '../../process/files/owned-folder.js';
import type { LaunchCommand } from '../../model/container/container.js';
import { lastWords } from '../../model/container/outcome.js';
import { hasTracefs, MOUNT_TRACEFS, mountsIn } from '../../model/host/mounts.js';
import { variablesOf } from './environment.js';

/** System calls of a command, begun in each step of `stepMs` milliseconds. */
export interface RateSeries {
  readonly stepMs: number;
  readonly calls: readonly number[];
  readonly wallNs: number;
}

const STEP_MS = 1000;
const EVENT = 'raw_syscalls:sys_enter';

/**
 * Runs a command to its end under `perf stat -I 1000` and returns the system calls that it and its descendants begin,
 * second by second. Throws `environment` where perf cannot count them.
 */
export async function callRate(perf: string, command: LaunchCommand, timeoutMs: number): Promise<RateSeries> {
  assertTracefs();
  const { path: folder } = makeOwnedFolder('perf');
  const file = join(folder, 'intervals');
  try {
    const own = ['stat', '-I', String(STEP_MS), '-x', ',', '-e', EVENT, '-o', file, '--'];
    const startedAt = process.hrtime.bigint();
    const { exitCode, stderr } = await runTool(perf, [...own, ...wordsOf(command)], {
      env: variablesOf(command),
      timeoutMs,
    });
    const wallNs = Number(process.hrtime.bigint() - startedAt);
    const calls = exitCode === 0 ? readIntervals(readFileSync(file, 'utf8')) : null;
    if (calls !== null && calls.length > 0) return { stepMs: STEP_MS, calls, wallNs };
    throw new BenchError(
      'environment',
      `${perf} stat could not count ${EVENT}: ${lastWords(stderr, 1) || `exit code ${exitCode ?? 'none'}`}`,
      { hint: `It requires root and tracefs: ${MOUNT_TRACEFS}` },
    );
  } finally {
    removeOwnedFolder(folder);
  }
}

/** Throws `environment`. */
function assertTracefs(): void {
  if (hasTracefs(mountsIn(readFileSync('/proc/self/mounts', 'utf8')))) return;
  throw needs('counting system calls with perf', 'tracefs', { hint: `Mount it as root: ${MOUNT_TRACEFS}` });
}

/** The counts of `perf stat -I -x ,`, in order; `null` where one is missing. */
export function readIntervals(text: string): readonly number[] | null {
  const lines = text
    .split('\n')
    .filter((line) => line.includes(EVENT))
    .map((line) => line.split(',')[1]?.trim() ?? '');
  const calls = lines.map((value) => (/^\d+$/.test(value) ? Number(value) : Number.NaN));
  return calls.some(Number.isNaN) ? null : calls;
}
