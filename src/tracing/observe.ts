import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, notFound } from '../errors.js';
import { lastWords } from '../model/container/outcome.js';
import { runTool } from '../process/run-tool.js';
import { makeOwnedFolder, removeOwnedFolder } from '../process/files/owned-folder.js';
import type { CallCount } from '../model/results/syscalls.js';
import { findStrace } from './strace.js';
import { readCallTable } from './tables/read-table.js';

/** The command should end by itself; one that hangs must not block bench forever. */
const LIMIT_MS = 600_000;

/** A command's system calls and how it ended. */
export interface Observed {
  /** Those of the shell included. */
  readonly calls: readonly CallCount[];
  /** Of the command line; `null` where it was ended by a signal. */
  readonly exitCode: number | null;
  readonly stderr: string;
}

/**
 * Runs a command line in /bin/sh and counts the system calls of all its processes with `strace -f -c`, regardless of
 * its exit code. Throws `environment` without strace, where it may not trace, or after 10 minutes.
 */
export async function observeCalls(
  command: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Observed> {
  const strace = findStrace(env['PATH'] ?? '');
  if (strace === null)
    throw notFound('strace', 'PATH', {
      hint: 'It counts the calls of a command. Install it (apt-get install strace), or use --counts FILE.',
    });
  const { path: folder } = makeOwnedFolder('observe');
  try {
    const file = join(folder, 'counts');
    const { stderr, exitCode } = await runTool(strace, ['-f', '-c', '-o', file, '--', '/bin/sh', '-c', command], {
      env,
      timeoutMs: LIMIT_MS,
    });
    return { calls: readCallTable(countsIn(file, stderr), `the counts of ${command}`).calls, exitCode, stderr };
  } finally {
    removeOwnedFolder(folder);
  }
}

function countsIn(file: string, stderr: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new BenchError('environment', `strace wrote no counts: ${lastWords(stderr, 1)}`, {
      hint: 'Allow it to trace, or use --counts FILE.',
      cause,
    });
  }
}
