import { parseStracePrograms, readLoadedPrograms } from '../../filter/index.js';
import type { LoadedPrograms } from '../../filter/index.js';
import { execOfPayload } from '../../model/container/program.js';
import type { LoadedFilter, TaskState } from '../../model/run/evidence.js';
import { Child } from '../../process/child.js';
import { killProcess } from '../../process/processes.js';
import { readTaskState } from '../../tracing/index.js';
import { runOne } from '../record/turns.js';
import type { Session } from '../session/session.js';
import type { ExecTrace } from './origin.js';
import { sleepersOf } from './starters.js';

/** What was seen of a process that an exec started. */
export interface LookedAt {
  readonly filters: LoadedPrograms;
  /** `null`: it could not be found here. */
  readonly task: TaskState | null;
}

/** How long an exec is looked for, and waited for once it was killed. */
const LOOK_MS = 10_000;
const POLL_MS = 5;

/**
 * Starts the payload asleep in a waiting container, by an exec that is not timed, and reads the filters out of that
 * very process; where that is not possible, from the trace of another exec. A container whose processes cannot be
 * inspected from here is not looked into.
 */
export async function lookAtExec(
  arm: string,
  session: Session,
  { container, trace }: { readonly container: LoadedFilter; readonly trace: ExecTrace },
): Promise<LookedAt> {
  if (container.state === 'notSeen') return { filters: byTrace(container, trace), task: null };
  const pid = { of: 0, filters: null as LoadedPrograms | null, task: null as TaskState | null };
  await whileAsleep(arm, session, (found) => {
    pid.task = readTaskState(found);
    pid.filters = readLoadedPrograms(found);
  });
  const filters = pid.filters ?? { state: 'notSeen', reason: 'the process of the exec was not found here' };
  return { filters: filters.state === 'seen' ? filters : byTrace(filters, trace), task: pid.task };
}

/** What strace saw the traced exec load, where it saw anything. */
function byTrace(notSeen: { readonly state: 'notSeen'; readonly reason: string }, trace: ExecTrace): LoadedPrograms {
  if (trace.state === 'notTraced') return notSeen;
  const programs = parseStracePrograms(trace.text);
  return programs.length > 0 ? { state: 'seen', via: 'strace', programs } : notSeen;
}

/** Runs the sleeping payload by an exec, shows its process, and kills it. */
async function whileAsleep(arm: string, session: Session, look: (pid: number) => void): Promise<void> {
  const { engine, runId } = session;
  const [mode, id] = [execOfPayload('sleep'), `${runId}-asleep-${arm}`];
  const before = new Set(sleepersOf(runId));
  const find = (): number | undefined => sleepersOf(runId).find((pid) => !before.has(pid));
  const show = (pid: number | undefined): void => {
    if (pid === undefined) return;
    look(pid);
    killProcess(pid);
  };
  const command = engine.command(arm, mode, id);
  if (command !== null) {
    await using child = new Child(command);
    await child.until(() => child.output.startsWith('ready'), LOOK_MS);
    show(find());
    await child.end(LOOK_MS);
    return;
  }
  const over = new AbortController();
  const running = runOne({ engine, program: mode, timeoutMs: LOOK_MS, signal: over.signal }, arm, id);
  const ended = running.then(
    () => true,
    () => true,
  );
  show(await foundWithin(find, ended));
  await ended;
}

/** A daemon starts it: there is no child whose output could be waited for. */
async function foundWithin(find: () => number | undefined, ended: Promise<boolean>): Promise<number | undefined> {
  for (let waitedMs = 0; waitedMs < LOOK_MS; waitedMs += POLL_MS) {
    const found = find();
    if (found !== undefined) return found;
    const pause = new Promise<false>((resolve) => setTimeout(resolve, POLL_MS, false));
    if (await Promise.race([ended, pause])) return undefined;
  }
  return undefined;
}
