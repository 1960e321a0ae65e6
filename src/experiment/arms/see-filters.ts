import { parseStracePrograms, readLoadedPrograms } from '../../filter/index.js';
import type { LoadedPrograms } from '../../filter/index.js';
import { findStrace, straceFilters, variablesOf } from '../../tracing/index.js';
import { lastWords } from '../../model/container/outcome.js';
import type { Session } from '../session/session.js';

/**
 * Reads the programs out of a sleeping container of a prepared arm, `look` being told its pid while it sleeps; where
 * that is not allowed, off a system-call trace of our
 * own child. Where both fail, both reasons are told.
 */
export async function seePrograms(
  arm: string,
  session: Session,
  look: (pid: number) => void = () => undefined,
): Promise<LoadedPrograms> {
  await using created = await session.engine.create(arm, `${session.runId}-sleep-${arm}`, 'sleep');
  await using started = await created.start();
  const seen: LoadedPrograms =
    started.hidden === undefined ? readLoadedPrograms(started.pid) : { state: 'notSeen', reason: started.hidden };
  if (started.hidden === undefined) look(started.pid);
  const exited = await started.kill();
  await exited.remove();
  if (seen.state === 'seen' || started.hidden !== undefined) return seen;
  const traced = await seeByStrace(arm, session);
  if (traced === undefined || traced.state === 'seen') return traced ?? seen;
  return { state: 'notSeen', reason: `${seen.reason}; by strace: ${traced.reason}` };
}

/** `undefined` where a daemon starts the container: there is no child to trace. */
async function seeByStrace(arm: string, session: Session): Promise<LoadedPrograms | undefined> {
  const command = session.engine.command(arm, 'exit', `${session.runId}-strace-${arm}`);
  if (command === null) return undefined;
  const { file, args } = command;
  const variables = variablesOf(command);
  const strace = findStrace(variables['PATH'] ?? '');
  if (strace === null) return { state: 'notSeen', reason: 'it is not on the PATH' };
  try {
    const {
      trace,
      command: { exitCode, stderr },
    } = await straceFilters(strace, file, args, { env: variables });
    const programs = parseStracePrograms(trace);
    if (programs.length > 0) return { state: 'seen', via: 'strace', programs };
    return {
      state: 'notSeen',
      reason:
        exitCode === 0
          ? 'its trace shows no filter'
          : `its trace shows no filter, exit code ${exitCode ?? 'none'}: ${lastWords(stderr, 1)}`,
    };
  } catch (error) {
    // It may not trace here either.
    return { state: 'notSeen', reason: error instanceof Error ? error.message : String(error) };
  }
}
