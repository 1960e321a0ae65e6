import { Steps } from '../../process/steps.js';
import type { Step } from '../../process/steps.js';
import { NO_USAGE } from '../../process/waiter.js';
import type { ContainerRun, Exit, LaunchCommand } from '../../model/container/container.js';
import type { Stage, StageTimes } from '../../model/container/stages.js';
import { nanoseconds } from '../../model/time.js';
import type { Clock, Nanoseconds } from '../../model/time.js';

/** One container, with one command per stage. */
export interface StagedIsulad {
  readonly convert: () => unknown;
  /** Rewrites the profile; gives the name of the errno where that fails. */
  readonly write: () => string | null;
  readonly create: LaunchCommand;
  /** Ends with the container, with its exit code and output. */
  readonly startAttached: LaunchCommand;
  readonly remove: LaunchCommand;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The payload reports CLOCK_MONOTONIC, the clock of `process.hrtime`. */
const STAMP = /^ok (\d+)\n/;

/**
 * Takes one container through convert, write, create, start, exit and remove. The stages are the spans in between, so
 * they add up to its wall time.
 */
export async function runStagedIsulad(container: StagedIsulad, clock: Clock): Promise<ContainerRun> {
  using steps = new Steps(clock, container);
  const startedAt = clock();
  let at = startedAt;
  let stdout = '';
  const stages: Partial<Record<Stage, Nanoseconds>> = {};
  const mark = (stage: Stage, end: Nanoseconds): void => {
    stages[stage] = nanoseconds(end - at);
    at = end;
  };
  const result = (exit: Exit, known?: { readonly stages?: StageTimes; readonly failedIn?: Stage }): ContainerRun => ({
    exit,
    startedAt,
    wall: nanoseconds(at - startedAt),
    usage: NO_USAGE,
    stdout,
    stderr: steps.takeErrors(),
    ...known,
  });

  container.convert();
  mark('convert', clock());
  const errno = container.write();
  mark('write', clock());
  if (errno !== null) return result({ kind: 'notStarted', errno }, { failedIn: 'write' });
  const created = await steps.run(container.create);
  mark('create', created.endedAt);
  if (!isDone(created)) return result(created.exit, { failedIn: 'create' });
  // create and rm print the container's id and name: the container's output is in between.
  const printed = steps.output.length;
  const ended = await steps.run(container.startAttached);
  stdout = steps.output.slice(printed);
  const stamp = STAMP.exec(stdout)?.[1];
  const first = Number(stamp ?? Number.NaN) - (Number(process.hrtime.bigint()) - clock());
  // Not reported, or by the clock of another kernel (kata): then `start` includes the container's own work.
  const isOurs = first >= at && first <= ended.endedAt;
  mark('start', isOurs ? nanoseconds(first) : ended.endedAt);
  if (isOurs) mark('exit', ended.endedAt);
  const removed = await steps.run(container.remove);
  mark('remove', removed.endedAt);
  if (!isDone(ended)) return result(ended.exit, { failedIn: stamp === undefined ? 'start' : 'exit' });
  return isDone(removed) ? result(removed.exit, { stages }) : result(removed.exit, { failedIn: 'remove' });
}

const isDone = ({ exit }: Step): boolean => exit.kind === 'exited' && exit.code === 0;
