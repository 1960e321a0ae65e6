import { BenchError } from '../../errors.js';
import { Child } from '../../process/child.js';
import { threadsOf } from '../../process/processes.js';
import type { LaunchCommand } from '../../model/container/container.js';
import type { CallPart } from '../../model/results/syscalls.js';

/** Far above what a busy machine needs: tracing begins with a stop of every thread. */
const ATTACH_LIMIT_MS = 60_000;
const DETACH_LIMIT_MS = 60_000;

export interface Beside<Result> {
  readonly tool: LaunchCommand;
  /** Whether what the tool said on stderr so far means that it watches. */
  readonly isWatching: (said: string) => boolean;
  readonly action: () => Promise<Result>;
}

/**
 * Runs a tool beside an action; it is told to end (SIGINT) once that is done, and what it said on stderr is given back.
 */
export async function beside<Result>({
  tool,
  isWatching,
  action,
}: Beside<Result>): Promise<{ readonly result: Result; readonly said: string }> {
  await using child = new Child(tool);
  let said = '';
  const ready = await child.until(() => {
    said += child.takeErrors();
    return isWatching(said);
  }, ATTACH_LIMIT_MS);
  if (!ready)
    throw new BenchError(
      'environment',
      `Expected ${tool.file} to watch the daemon, got ${JSON.stringify(said.trim().split('\n').at(-1) ?? '')}`,
      { hint: 'Watching a daemon needs root.' },
    );
  const result = await action();
  process.kill(child.pid, 'SIGINT');
  if ((await child.end(DETACH_LIMIT_MS)) === undefined)
    throw new BenchError(
      'environment',
      `Expected ${tool.file} to end when told to, got no end within ${DETACH_LIMIT_MS / 1000} s`,
    );
  return { result, said: said + child.takeErrors() };
}

/** The part of each thread that the processes have now. */
export const partsOfThreads = (processes: ReadonlyMap<number, CallPart>): ReadonlyMap<number, CallPart> =>
  new Map([...processes].flatMap(([pid, part]) => threadsOf(pid).map((thread) => [thread, part] as const)));
