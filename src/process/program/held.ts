import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../../errors.js';
import { killProcess } from '../processes.js';
import { notStarted } from './start-failure.js';

/** A program that holds something until its standard input ends. */
export interface HeldProgram extends AsyncDisposable {
  /** The first line that it printed, or all of them up to `lastLine`. */
  readonly line: string;
}

export interface HeldOptions {
  /** For the first line, and for the end. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** The line up to which it is read; absent: the first one. */
  readonly lastLine?: string;
}

/**
 * Starts a program in a session of its own and waits for its first line. Disposing ends its standard input and waits
 * for its end. Throws `environment` where it cannot be started, ends before or exceeds the time, and the signal's
 * reason.
 */
export async function holdProgram(
  file: string,
  args: readonly string[],
  { timeoutMs, signal, lastLine }: HeldOptions,
): Promise<HeldProgram> {
  signal.throwIfAborted();
  const { execa } = await import('execa');
  const running = execa(file, args, {
    reject: false,
    // Ctrl-C in the terminal must not end it in the middle of its work.
    detached: true,
    buffer: { stdout: false },
    stdin: 'pipe',
  });
  const end = async (): Promise<void> => {
    running.stdin.end();
    const over = new AbortController();
    const isEnded = await Promise.race([
      running.then(() => true),
      sleep(timeoutMs, false, { signal: over.signal }).catch(() => true),
    ]);
    over.abort();
    if (!isEnded && running.pid !== undefined) killProcess(running.pid);
    await running;
  };
  try {
    const limits = { file, timeoutMs, signal, ...(lastLine === undefined ? {} : { lastLine }) };
    return { line: await firstLine(running, limits), [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

type Running = PromiseLike<{ readonly code?: string | undefined; readonly stderr?: unknown }> & {
  readonly stdout: NodeJS.ReadableStream | null;
};

async function firstLine(
  running: Running,
  { file, timeoutMs, signal, lastLine }: HeldOptions & { readonly file: string },
): Promise<string> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const line = await new Promise<string | undefined>((resolve) => {
    let text = '';
    const stop = (): void => {
      resolve(undefined);
    };
    limit.addEventListener('abort', stop, { once: true });
    running.stdout?.on('data', (bytes: Buffer) => {
      text += bytes.toString('utf8');
      const end = endOf(text, lastLine);
      if (end >= 0) resolve(text.slice(0, end));
    });
    running.stdout?.on('end', stop);
  });
  signal.throwIfAborted();
  if (line !== undefined) return line;
  if (limit.aborted) throw new BenchError('environment', `${file} did not answer within ${timeoutMs / 1000} s`);
  const { code, stderr } = await running;
  if (code !== undefined) throw notStarted(file, code);
  throw new BenchError('environment', `${file} ended early: ${typeof stderr === 'string' ? stderr.trim() : ''}`);
}

/** Where the line ends that is waited for; -1 where it is not there yet. */
function endOf(text: string, lastLine: string | undefined): number {
  if (lastLine === undefined) return text.indexOf('\n');
  return text.endsWith(`\n${lastLine}\n`) ? text.length - 1 : -1;
}
