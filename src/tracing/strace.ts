import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import { findProgram } from '../process/files/find.js';
import { makeOwnedFolder, removeOwnedFolder } from '../process/files/owned-folder.js';
import { runTool, type ToolOptions, type ToolResult } from '../process/run-tool.js';
import { whileWatched } from './syscalls/watch.js';

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
  return straceCalls(strace, FILTER_FILES, [command, ...args], options);
}

/** Processes that run already, and what is to happen while they are traced. */
export interface FilterFilesWatch<Result> {
  readonly pids: readonly number[];
  /** Of strace itself: marks it, so that it is found if bench is killed before it ends it. */
  readonly env: readonly string[];
  readonly action: () => Promise<Result>;
}

/** The same calls of running processes and all that they start during the action. Throws as {@link straceFilters}. */
export async function watchFilterFiles<Result>(
  strace: string,
  { pids, env, action }: FilterFilesWatch<Result>,
): Promise<{ readonly trace: string; readonly result: Result }> {
  return inTraceFile(async (file) => {
    const args = [...straceArgs(FILTER_FILES, file), ...pids.flatMap((pid) => ['-p', String(pid)])];
    const isWatching = (said: string): boolean => pids.every((pid) => said.includes(`Process ${pid} attached`));
    // strace writes every line at once, and may wait for long for a process that is ending.
    const { result, said } = await whileWatched({
      tool: { file: strace, args, env },
      isWatching,
      action,
      mayBeKilled: true,
    });
    return { trace: traceIn(file, `: ${said.trim()}`), result };
  });
}

const FILTER_FILES = ['-y', '-e', 'trace=prctl,seccomp,read,pread64,write,pwrite64'];

/** -v: whole filters instead of the first 32 instructions; -o keeps the trace apart from the command's stderr. */
const straceArgs = (traced: readonly string[], file: string): readonly string[] => [
  ...['-f', '-v', '-s', '0', ...traced, '-e', 'signal=none', '-o', file],
];

async function inTraceFile<Result>(work: (file: string) => Promise<Result>): Promise<Result> {
  const { path: folder } = makeOwnedFolder('strace');
  try {
    return await work(join(folder, 'trace'));
  } finally {
    removeOwnedFolder(folder);
  }
}

const straceCalls = (
  strace: string,
  traced: readonly string[],
  command: readonly string[],
  options: ToolOptions,
): Promise<StraceResult> =>
  inTraceFile(async (file) => {
    const result = await runTool(strace, [...straceArgs(traced, file), '--', ...command], options);
    const { exitCode, stderr } = result;
    return { trace: traceIn(file, ` (exit code ${exitCode ?? 'none'}): ${stderr.trim()}`), command: result };
  });

function traceIn(file: string, words: string): string {
  const trace = statSync(file, { throwIfNoEntry: false }) === undefined ? '' : readFileSync(file, 'utf8');
  // Even `true` leaves a line about its end: no line means that nothing could be traced.
  if (trace !== '') return trace;
  throw new BenchError('environment', `strace wrote no trace${words}`, {
    hint: 'Tracing requires CAP_SYS_PTRACE or kernel.yama.ptrace_scope below 2.',
  });
}
