import type { ExperimentContext, ExperimentEvent } from '../model/experiment/events.js';
import type { Io } from '../model/io.js';

/** What is told although `--quiet` was given: what a user must know of the result. */
const WARNINGS: readonly ExperimentEvent['kind'][] = ['programFails', 'stepSkipped', 'closed'];

/** The surroundings of an experiment: a person who reads along. */
export async function contextOf(io: Io, { quiet }: { readonly quiet: boolean }): Promise<ExperimentContext> {
  const { announcer } = await import('./output/announce.js');
  const tell = announcer(io);
  return {
    env: io.env,
    cwd: io.cwd,
    signal: io.signal,
    stdin: io.stdin,
    notify: (event) => {
      if (!quiet || WARNINGS.includes(event.kind)) tell(event);
    },
  };
}

/** For announcements that are no events: nothing is written where `--quiet` was given. */
export const announcing = (io: Io, { quiet }: { readonly quiet: boolean }): Io =>
  quiet ? { ...io, err: () => undefined } : io;
