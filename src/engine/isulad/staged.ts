import { Steps } from '../../process/steps.js';
import type { Step } from '../../process/steps.js';
import { NO_USAGE } from '../../process/waiter.js';
import type { ContainerRun, Exit, LaunchCommand } from '../../model/container/container.js';
import type { Stage, StageTimes } from '../../model/container/stages.js';
import { nanoseconds } from '../../model/time.js';
import type { Clock, Nanoseconds } from '../../model/time.js';

/** One container to be taken through its stages by one command each. */
export interface StagedIsulad {
  readonly convert: () => unknown;
  /** Writes the profile anew; gives the name of the errno for which it is not there. */
  readonly write: () => string | null;
  readonly create: LaunchCommand;
  /** Ends with the container, whose exit code and output are its own. */
  readonly startAttached: LaunchCommand;
  readonly remove: LaunchCommand;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The payload stamps CLOCK_MONOTONIC, which is what `process.hrtime` reads. */
const STAMP = /^ok (\d+)\n/;

/**
 * Takes one container through convert, write, create, start, exit and remove; the stages are the spans between, so they
 * add up to its wall time.
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
  const result = (exit: Exit, told?: { readonly stages?: StageTimes; readonly failedIn?: Stage }): ContainerRun => ({
    exit,
    startedAt,
    wall: nanoseconds(at - startedAt),
    usage: NO_USAGE,
    stdout,
    stderr: steps.takeErrors(),
    ...told,
  });

  container.convert();
  mark('convert', clock());
  const errno = container.write();
  mark('write', clock());
  if (errno !== null) return result({ kind: 'notStarted', errno }, { failedIn: 'write' });
  const created = await steps.run(container.create);
  mark('create', created.endedAt);
  if (!isDone(created)) return result(created.exit, { failedIn: 'create' });
  // create and rm print the container's id and name: what comes between is its own.
  const printed = steps.output.length;
  const ended = await steps.run(container.startAttached);
  stdout = steps.output.slice(printed);
  const stamp = STAMP.exec(stdout)?.[1];
  const first = Number(stamp ?? Number.NaN) - (Number(process.hrtime.bigint()) - clock());
  // Not told, or by the clock of another kernel (kata): then the container's own life is a part of its start.
  const isOurs = first >= at && first <= ended.endedAt;
  mark('start', isOurs ? nanoseconds(first) : ended.endedAt);
  if (isOurs) mark('exit', ended.endedAt);
  const removed = await steps.run(container.remove);
  mark('remove', removed.endedAt);
  if (!isDone(ended)) return result(ended.exit, { failedIn: stamp === undefined ? 'start' : 'exit' });
  return isDone(removed) ? result(removed.exit, { stages }) : result(removed.exit, { failedIn: 'remove' });
}

const isDone = ({ exit }: Step): boolean => exit.kind === 'exited' && exit.code === 0;
