import { parseStracePrograms, readFilterFile, readLoadedPrograms } from '../../filter/index.js';
import type { LoadedPrograms } from '../../filter/index.js';
import { findStrace, straceFilters, variablesOf } from '../../tracing/index.js';
import type { StartedContainer } from '../../model/container/container.js';
import { lastWords } from '../../model/container/outcome.js';
import { wordsOf } from '../../process/mount-namespace.js';
import type { Session } from '../session/session.js';

/** How a container is looked at. */
interface Looking {
  /** Gets its pid while it sleeps. */
  readonly look?: (pid: number) => void;
  /** Gets the pid of the container that holds its pod, where there is one. */
  readonly lookAtPause?: (pid: number) => void;
  /** Whether its filter lets the payload sleep; where it does not, nothing is started to be looked at. */
  readonly sleeps?: boolean;
}

type NotSeen = Extract<LoadedPrograms, { readonly state: 'notSeen' }>;

/**
 * Reads the filters out of a sleeping container of a prepared arm, or from the file that its runtime loaded them from.
 * Where that is not possible, they are read off a system-call trace of our own child; where both fail, both reasons are
 * given.
 */
export async function seeFilters(
  arm: string,
  session: Session,
  { look = () => undefined, lookAtPause = () => undefined, sleeps = true }: Looking = {},
): Promise<LoadedPrograms> {
  if (!sleeps) return seenElsewhere(CANNOT_SLEEP, await seeByStrace(arm, session));
  await using created = await session.engine.create(arm, `${session.runId}-sleep-${arm}`, 'sleep');
  await using started = await created.start();
  const seen = seenIn(started);
  if (started.hidden === undefined) look(started.pid);
  if (started.pausePid !== undefined) lookAtPause(started.pausePid);
  const exited = await started.kill();
  await exited.remove();
  if (seen.state === 'seen' || started.hidden !== undefined) return seen;
  return seenElsewhere(seen, await seeByStrace(arm, session));
}

/** By ptrace, or in the file that the runtime loaded it from. */
function seenIn({ hidden, pid, filterFile }: StartedContainer): LoadedPrograms {
  if (hidden !== undefined) return { state: 'notSeen', reason: hidden };
  const seen = readLoadedPrograms(pid);
  return seen.state === 'notSeen' && filterFile !== undefined ? readFilterFile(filterFile) : seen;
}

const CANNOT_SLEEP: NotSeen = { state: 'notSeen', reason: 'the filter denies the calls that the payload sleeps with' };

/** What strace saw, or both reasons why nothing was seen. */
function seenElsewhere(seen: NotSeen, traced: LoadedPrograms | undefined): LoadedPrograms {
  if (traced === undefined || traced.state === 'seen') return traced ?? seen;
  return { state: 'notSeen', reason: `${seen.reason}; by strace: ${traced.reason}` };
}

/** `undefined` where a daemon starts the container: there is no child to trace. */
async function seeByStrace(arm: string, session: Session): Promise<LoadedPrograms | undefined> {
  const command = session.engine.command(arm, 'exit', `${session.runId}-strace-${arm}`);
  if (command === null) return undefined;
  const [file, ...args] = wordsOf(command);
  const variables = variablesOf(command);
  const strace = findStrace(variables['PATH'] ?? '');
  if (strace === null) return { state: 'notSeen', reason: 'strace not found in PATH' };
  try {
    const { trace, command: traced } = await straceFilters(strace, file, args, { env: variables });
    const programs = parseStracePrograms(trace);
    if (programs.length > 0) return { state: 'seen', via: 'strace', programs };
    const ended = `exit code ${traced.exitCode ?? 'none'}: ${lastWords(traced.stderr, 1)}`;
    const reason = 'its trace shows no filter';
    return { state: 'notSeen', reason: traced.exitCode === 0 ? reason : `${reason}, ${ended}` };
  } catch (error) {
    // Tracing may be forbidden here too.
    return { state: 'notSeen', reason: error instanceof Error ? error.message : String(error) };
  }
}
