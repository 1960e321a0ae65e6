import type { ExperimentContext } from '../model/experiment/events.js';
import type { Io } from '../model/io.js';

/** The surroundings of an experiment: a person who reads along on standard error. */
export async function contextOf(io: Io, { quiet }: { readonly quiet: boolean }): Promise<ExperimentContext> {
  const { listener } = await import('./output/announce/announce.js');
  const isLive = !quiet && io.columns !== null;
  // Loaded here, so that nothing is loaded between blocks.
  const running = isLive ? (await import('../statistics/index.js')).RunningEffect : undefined;
  return {
    env: io.env,
    cwd: io.cwd,
    signal: io.signal,
    stdin: io.stdin,
    notify: listener(io, { quiet, ...(running === undefined ? {} : { running }) }),
  };
}

/** For announcements that are no events of an experiment: `--quiet` drops them. */
export const announcing = (io: Io, { quiet }: { readonly quiet: boolean }): Io =>
  quiet ? { ...io, err: () => undefined } : io;
