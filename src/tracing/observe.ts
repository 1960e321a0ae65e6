import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import { runTool } from '../process/run-tool.js';
import { makeOwnedFolder, removeOwnedFolder } from '../process/owned-folder.js';
import type { CallCount } from '../model/results/syscalls.js';
import { findStrace } from './strace.js';
import { readStraceTable } from './syscalls/index.js';

/** A command that is to be observed ends by itself; one that hangs must not hang bench. */
const LIMIT_MS = 600_000;

export interface Observed {
  /** The shell's own are among them. */
  readonly calls: readonly CallCount[];
  /** The command line's; `null` where a signal ended it. */
  readonly exitCode: number | null;
  readonly stderr: string;
}

/**
 * Runs a command line by /bin/sh and counts the system calls of all its processes with `strace -f -c`, whatever it
 * exits with.
 * Throws `environment` without strace, where that may not trace, or after 10 minutes.
 */
export async function observeCalls(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Observed> {
  const strace = findStrace(env['PATH'] ?? '');
  if (strace === null)
    throw new BenchError('environment', 'Expected strace to count the calls of a command, got none in PATH', {
      hint: 'apt-get install strace, or give counts with --counts FILE.',
    });
  const { path: folder } = makeOwnedFolder('observe');
  try {
    const file = join(folder, 'counts');
    const { stderr, exitCode } = await runTool(strace, ['-f', '-c', '-o', file, '--', '/bin/sh', '-c', command], {
      env,
      timeoutMs: LIMIT_MS,
    });
    return { calls: readStraceTable(textOf(file, stderr), `the counts of ${command}`).calls, exitCode, stderr };
  } finally {
    removeOwnedFolder(folder);
  }
}

function textOf(file: string, stderr: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new BenchError(
      'environment',
      `Expected strace to write its counts, got ${stderr.trim().split('\n').at(-1) ?? 'nothing'}`,
      { hint: 'It must be allowed to trace; or give counts with --counts FILE.', cause },
    );
  }
}
