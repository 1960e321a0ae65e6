import { BenchError } from '../../errors.js';
import { Child } from '../../process/child.js';
import { threadsOf } from '../../process/processes.js';
import type { LaunchCommand } from '../../model/container/container.js';
import { lastWords } from '../../model/container/outcome.js';
import type { CallPart } from '../../model/results/syscalls.js';

/** Far more than a busy machine needs: attaching stops every thread. */
const ATTACH_LIMIT_MS = 60_000;
const DETACH_LIMIT_MS = 60_000;
/** A tool whose output is whole at any time need not end by itself. */
const KILL_AFTER_MS = 5_000;

/** A tool that runs during an action. */
export interface Watched<Result> {
  readonly tool: LaunchCommand;
  /** Whether the tool watches already, by its output on stderr so far. */
  readonly isWatching: (said: string) => boolean;
  readonly action: () => Promise<Result>;
  /** Its output holds everything that happened so far at any time: the tool is killed where it does not end soon. */
  readonly mayBeKilled?: boolean;
}

/** Runs a tool during an action, ends it with SIGINT afterwards, and returns its output on stderr. */
export async function whileWatched<Result>({
  tool,
  isWatching,
  action,
  mayBeKilled = false,
}: Watched<Result>): Promise<{ readonly result: Result; readonly said: string }> {
  await using child = new Child(tool);
  let said = '';
  const ready = await child.until(() => {
    said += child.takeErrors();
    return isWatching(said);
  }, ATTACH_LIMIT_MS);
  if (!ready)
    throw new BenchError('environment', `${tool.file} could not attach to the daemon: ${lastWords(said, 1)}`, {
      hint: 'Watching a daemon requires root.',
    });
  const result = await action();
  process.kill(child.pid, 'SIGINT');
  const ended = await child.end(mayBeKilled ? KILL_AFTER_MS : DETACH_LIMIT_MS);
  if (ended === undefined && (!mayBeKilled || (await child.kill(DETACH_LIMIT_MS)) === undefined))
    throw new BenchError('environment', `${tool.file} did not end within ${DETACH_LIMIT_MS / 1000} s of SIGINT`);
  return { result, said: said + child.takeErrors() };
}

/** The part of each current thread of the processes. */
export const partsOfThreads = (processes: ReadonlyMap<number, CallPart>): ReadonlyMap<number, CallPart> =>
  new Map([...processes].flatMap(([pid, part]) => threadsOf(pid).map((thread) => [thread, part] as const)));
