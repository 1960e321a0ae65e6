import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import { findProgram } from '../process/files/find.js';
import { makeOwnedFolder, removeOwnedFolder } from '../process/files/owned-folder.js';
import { runTool, type ToolOptions, type ToolResult } from '../process/run-tool.js';

/** Path of an executable `strace` in `searchPath` (in the form of PATH), or `null`. */
export const findStrace = (searchPath: string): string | null => findProgram('strace', searchPath) ?? null;

/** A command and its calls about filters. */
export interface StraceResult {
  /** strace's lines: all prctl and seccomp calls of the command and its descendants, with whole filters. */
  readonly trace: string;
  /** How the command ended; strace passes on its exit code. */
  readonly command: ToolResult;
}

/**
 * Runs a command to its end under strace and returns the seccomp and prctl calls of all its processes. Throws
 * `environment` where strace is missing, may not trace, or the command exceeds its time.
 */
export function straceFilters(
  strace: string,
  command: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<StraceResult> {
  return straceCalls(strace, ['-e', 'trace=prctl,seccomp'], [command, ...args], options);
}

/** The same with all that is read and written, and the names of those files: see {@link filterSource}. */
export function straceFilterFiles(
  strace: string,
  command: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<StraceResult> {
  const traced = ['-y', '-e', 'trace=prctl,seccomp,read,pread64,write,pwrite64'];
  return straceCalls(strace, traced, [command, ...args], options);
}

async function straceCalls(
  strace: string,
  traced: readonly string[],
  command: readonly string[],
  options: ToolOptions,
): Promise<StraceResult> {
  const { path: folder } = makeOwnedFolder('strace');
  const file = join(folder, 'trace');
  try {
    // -v: whole filters instead of the first 32 instructions; -o keeps the trace apart from the command's stderr.
    const own = ['-f', '-v', '-s', '0', ...traced, '-e', 'signal=none', '-o', file, '--'];
    const result = await runTool(strace, [...own, ...command], options);
    return { trace: traceIn(file, result), command: result };
  } finally {
    removeOwnedFolder(folder);
  }
}

function traceIn(file: string, { exitCode, stderr }: ToolResult): string {
  const trace = statSync(file, { throwIfNoEntry: false }) === undefined ? '' : readFileSync(file, 'utf8');
  // Even `true` leaves a line about its end: no line means that nothing could be traced.
  if (trace !== '') return trace;
  throw new BenchError('environment', `strace wrote no trace (exit code ${exitCode ?? 'none'}): ${stderr.trim()}`, {
    hint: 'Tracing requires CAP_SYS_PTRACE or kernel.yama.ptrace_scope below 2.',
  });
}
