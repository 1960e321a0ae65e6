import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import { runTool } from '../../process/run-tool.js';
import { makeOwnedFolder, removeOwnedFolder } from '../../process/owned-folder.js';
import type { LaunchCommand } from '../../model/container/container.js';
import { variablesOf } from './environment.js';

/** Calls begun in each step of a command's run. */
export interface RateSeries {
  readonly stepMs: number;
  readonly calls: readonly number[];
  readonly wallNs: number;
}

const STEP_MS = 1000;
const EVENT = 'raw_syscalls:sys_enter';

/**
 * Runs a command to its end under `perf stat -I 1000`: the system calls it and its descendants begin, second by second.
 * Throws `environment` where perf cannot count them here.
 */
export async function callRate(perf: string, command: LaunchCommand, timeoutMs: number): Promise<RateSeries> {
  assertTracefs();
  const { path: folder } = makeOwnedFolder('perf');
  const file = join(folder, 'intervals');
  try {
    const own = ['stat', '-I', String(STEP_MS), '-x', ',', '-e', EVENT, '-o', file, '--'];
    const startedAt = process.hrtime.bigint();
    const { exitCode, stderr } = await runTool(perf, [...own, command.file, ...command.args], {
      env: variablesOf(command),
      timeoutMs,
    });
    const wallNs = Number(process.hrtime.bigint() - startedAt);
    const calls = exitCode === 0 ? readIntervals(readFileSync(file, 'utf8')) : null;
    if (calls !== null && calls.length > 0) return { stepMs: STEP_MS, calls, wallNs };
    throw new BenchError(
      'environment',
      `Expected ${perf} stat to count ${EVENT}, got ${lastLine(stderr) || `exit code ${exitCode ?? 'none'}`}`,
      {
        hint: 'It needs root and tracefs: mount -t tracefs tracefs /sys/kernel/tracing',
      },
    );
  } finally {
    removeOwnedFolder(folder);
  }
}

/** As root, perf would mount it, and leave it so. Throws `environment`. */
function assertTracefs(): void {
  if (readFileSync('/proc/self/mounts', 'utf8').includes(' tracefs ')) return;
  throw new BenchError('environment', `Expected tracefs to be mounted for perf to count ${EVENT}, got none`, {
    hint: 'As root: mount -t tracefs tracefs /sys/kernel/tracing',
  });
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';

/** The counts of `perf stat -I -x ,`, in their order; `null` where one was not counted. */
export function readIntervals(text: string): readonly number[] | null {
  const lines = text
    .split('\n')
    .filter((line) => line.includes(EVENT))
    .map((line) => line.split(',')[1]?.trim() ?? '');
  const calls = lines.map((value) => (/^\d+$/.test(value) ? Number(value) : Number.NaN));
  return calls.some(Number.isNaN) ? null : calls;
}
