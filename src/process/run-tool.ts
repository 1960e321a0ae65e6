import { BenchError } from '../errors.js';
import { killGroup } from './processes.js';

export interface ToolOptions {
  /** Ends the tool, with what it started, with SIGKILL; default 30 s. */
  readonly timeoutMs?: number;
  readonly input?: string;
  /** The whole environment; default: this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

export interface ToolResult {
  /** `null` where a signal or the time limit ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program to its end, untimed. An exit code other than 0 is a result, not an error. Throws `environment` where
 * the program cannot be started or exceeds its time.
 */
export async function runTool(file: string, args: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
  const { execa } = await import('execa');
  const timeout = options.timeoutMs ?? 30_000;
  const running = execa(file, args, {
    // In its own session: Ctrl-C in the terminal must not kill the tool that removes a container.
    reject: false,
    detached: true,
    stripFinalNewline: false,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.env === undefined ? {} : { env: options.env, extendEnv: false }),
  });
  const limit = new Limit(running, timeout);
  const result = await running.finally(() => {
    limit[Symbol.dispose]();
  });
  if (limit.isOver)
    throw new BenchError('environment', `${[file, ...args].join(' ')} did not end within ${timeout / 1000} s`);
  if (result.exitCode === undefined && result.signal === undefined) {
    throw new BenchError('environment', `could not start ${file}: ${result.code ?? result.shortMessage}`, {
      cause: result.cause,
    });
  }
  return { exitCode: result.exitCode ?? null, stdout: textOf(result.stdout), stderr: textOf(result.stderr) };
}

/** Ends a tool with all that it started: a child of it that holds its output open would be waited for. */
class Limit implements Disposable {
  isOver = false;
  readonly #timer: NodeJS.Timeout;

  constructor({ pid }: { readonly pid?: number | undefined }, limitMs: number) {
    this.#timer = setTimeout(() => {
      this.isOver = true;
      if (pid !== undefined) killGroup(pid);
    }, limitMs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

const textOf = (output: unknown): string => (typeof output === 'string' ? output : '');
