import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import { findProgram } from '../process/find.js';
import { makeOwnedFolder, removeOwnedFolder } from '../process/owned-folder.js';
import { runTool, type ToolOptions, type ToolResult } from '../process/run-tool.js';

/** The path of an executable `strace` on `searchPath` (the form of PATH), or `null`. */
export const findStrace = (searchPath: string): string | null => findProgram('strace', searchPath) ?? null;

/** What a traced command did with its filters. */
export interface StraceResult {
  /** strace's lines: every prctl and seccomp call of the command and its descendants, filter programs in full. */
  readonly trace: string;
  /** How the command itself ended; strace passes its exit code on. */
  readonly command: ToolResult;
}

/**
 * Runs a command to its end under strace and returns the seccomp and prctl calls of all its processes.
 * Throws `environment` where strace is missing, may not trace here, or the command exceeds its time.
 */
export async function straceFilters(
  strace: string,
  command: string,
  args: readonly string[],
  options: ToolOptions = {},
): Promise<StraceResult> {
  const { path: folder } = makeOwnedFolder('strace');
  const file = join(folder, 'trace');
  try {
    // -v: whole programs instead of the first 32 entries; a file of its own keeps the trace apart from the command's
    // stderr.
    const own = ['-f', '-v', '-s', '0', '-e', 'trace=prctl,seccomp', '-e', 'signal=none', '-o', file, '--'];
    const result = await runTool(strace, [...own, command, ...args], options);
    return { trace: traceIn(file, result), command: result };
  } finally {
    removeOwnedFolder(folder);
  }
}

function traceIn(file: string, { exitCode, stderr }: ToolResult): string {
  const trace = statSync(file, { throwIfNoEntry: false }) === undefined ? '' : readFileSync(file, 'utf8');
  // Even `true` leaves a line that says how it ended; no line means that nothing could be traced.
  if (trace !== '') return trace;
  throw new BenchError(
    'environment',
    `Expected a trace from strace, got none (exit code ${exitCode ?? 'none'}): ${stderr.trim()}`,
    {
      hint: 'Tracing needs CAP_SYS_PTRACE or kernel.yama.ptrace_scope below 2.',
    },
  );
}
