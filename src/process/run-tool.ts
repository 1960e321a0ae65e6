import type { ChildProcess } from 'node:child_process';
import { BenchError } from '../errors.js';
import { killGroup } from './processes.js';
import { notStarted } from './program/start-failure.js';

/** No list of containers comes near it. */
const MOST_BYTES = 16 * 1024 * 1024;

export interface ToolOptions {
  /** Ends the tool with SIGKILL; default 30 s. */
  readonly timeoutMs?: number;
  /** Of standard output, and of standard error: a tool that prints more is ended. Default: 16 MiB. */
  readonly maxBytes?: number;
  readonly input?: string;
  /** Ends the tool with SIGKILL, too; the signal's reason is thrown. */
  readonly signal?: AbortSignal;
  /** The whole environment; default: this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Default: this process's own, or any where that was removed. */
  readonly cwd?: string;
}

export interface ToolResult {
  /** `null` where a signal or the time limit ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a tool wrote before its end arrives at once. */
const AFTER_END_MS = 2000;

/**
 * Runs a program to its end, untimed. An exit code other than 0 is a result, not an error. Throws `environment` where
 * the program cannot be started, exceeds its time or prints without end.
 */
export async function runTool(file: string, args: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
  options.signal?.throwIfAborted();
  const { execa } = await import('execa');
  const timeout = options.timeoutMs ?? 30_000;
  const maxBuffer = options.maxBytes ?? MOST_BYTES;
  const running = execa(file, args, {
    // In its own session: Ctrl-C in the terminal must not kill the tool that removes a container.
    reject: false,
    detached: true,
    cwd: folderOf(options),
    timeout,
    // Bytes, so that the limit is one of memory.
    encoding: 'buffer',
    maxBuffer,
    killSignal: 'SIGKILL',
    stripFinalNewline: false,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
    ...(options.env === undefined ? {} : { env: options.env, extendEnv: false }),
  });
  endOutputWith(running);
  const result = await running;
  assertNotStopped(result, options);
  const commandLine = [file, ...args].join(' ');
  if (result.timedOut) throw new BenchError('environment', `${commandLine} did not end within ${timeout / 1000} s`);
  if (result.isMaxBuffer)
    throw new BenchError('environment', `${commandLine} printed more than ${Math.floor(maxBuffer / 1024)} KiB`);
  if (result.exitCode === undefined && result.signal === undefined)
    throw notStarted(file, result.code ?? result.shortMessage ?? 'unknown', result.cause);
  return { exitCode: result.exitCode ?? null, stdout: textOf(result.stdout), stderr: textOf(result.stderr) };
}

/** Throws the reason of a stop that ended the tool. */
function assertNotStopped({ isCanceled }: { readonly isCanceled: boolean }, { signal }: ToolOptions): void {
  if (isCanceled) signal?.throwIfAborted();
}

/** A process that the tool leaves may hold its output open for as long as it lives. */
function endOutputWith(running: ChildProcess): void {
  running.once('exit', (_, signal) => {
    // What was ended here ends with all that it started.
    if (signal === 'SIGKILL' && running.pid !== undefined) killGroup(running.pid);
    setTimeout(() => {
      for (const output of [running.stdout, running.stderr]) output?.destroy();
    }, AFTER_END_MS).unref();
  });
}

const folderOf = ({ cwd }: ToolOptions): string => cwd ?? existingFolder();

/** A tool is called by its path, so that any folder will do where the current one was removed. */
function existingFolder(): string {
  try {
    return process.cwd();
  } catch {
    return '/';
  }
}

const textOf = (output: unknown): string => (output instanceof Uint8Array ? Buffer.from(output).toString('utf8') : '');
