import { Child } from '../../process/child.js';
import { findDescendant } from '../../process/processes.js';
import type {
  CreatedContainer,
  ExitedContainer,
  LaunchCommand,
  StartedContainer,
} from '../../model/container/container.js';
import { END_MS, READY_MS } from '../waiting/deadlines.js';
import { payloadNotReady } from '../failures.js';

/**
 * A container of the untimed path; LXC has no state between created and started. `stop` ends a container by LXC's own
 * means.
 */
export function createLxc(command: LaunchCommand, id: string, stop: () => Promise<void>): CreatedContainer {
  return {
    state: 'created',
    id,
    start: () => start(command, id, stop),
    remove: () => Promise.resolve({ state: 'removed', id }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function start(command: LaunchCommand, id: string, stop: () => Promise<void>): Promise<StartedContainer> {
  const child = new Child(command);
  const ready = await child.until(() => child.output.startsWith('ready'), READY_MS);
  const pid = ready ? findDescendant(child.pid, '/payload') : undefined;
  if (pid === undefined) {
    const words = child.takeErrors().trim();
    await child[Symbol.asyncDispose]();
    throw payloadNotReady(words, id);
  }
  // Killing lxc-start would leave its cgroups: LXC is asked first.
  const end = async (): Promise<void> => {
    try {
      if ((await child.end(0)) === undefined) await stop();
      await child.end(END_MS);
    } finally {
      await child[Symbol.asyncDispose]();
    }
  };
  const kill = async (): Promise<ExitedContainer> => {
    await end();
    return {
      state: 'exited',
      id,
      remove: () => Promise.resolve({ state: 'removed', id }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  };
  let killed: Promise<ExitedContainer> | undefined;
  return {
    state: 'started',
    id,
    pid,
    kill: () => (killed ??= kill()),
    [Symbol.asyncDispose]: async () => {
      await (killed ??= kill());
    },
  };
}
