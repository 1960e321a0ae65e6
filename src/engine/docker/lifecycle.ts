import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../../errors.js';
import type {
  CreatedContainer,
  ExitedContainer,
  RemovedContainer,
  StartedContainer,
} from '../../model/container/container.js';
import { assertSeccomp } from './arm.js';
import type { DaemonArm } from './arm.js';
import type { ContainerOptions, Daemon } from './daemon.js';
import { READY_MS } from '../waiting/deadlines.js';
import { payloadNotReady } from '../failures.js';
import { apiFailure, hintForRun } from './failures.js';
import { OutputCollector } from './frames.js';

const POLL_MS = 5;

export interface LifecycleWish {
  readonly id: string;
  readonly arm: DaemonArm;
  readonly options: ContainerOptions;
  /** Why the process with a pid given by the daemon cannot be inspected from here; `undefined` where it can. */
  readonly whyHidden: (pid: number) => string | undefined;
  /** The file that the runtime loaded the filter of a container from, by its whole id; `undefined`: there is none. */
  readonly filterFileOf: (containerId: string) => string | undefined;
}

/**
 * Creates a container without starting it, and checks that the daemon uses the profile it was given. Throws
 * `runFailed`.
 */
export async function createOnDaemon(daemon: Daemon, wish: LifecycleWish): Promise<CreatedContainer> {
  const { id } = wish;
  await said('create a container', daemon.create(wish.options));
  const remove = async (): Promise<RemovedContainer> => {
    await said('remove a container', daemon.remove(id));
    return { state: 'removed', id };
  };
  const dispose = async (): Promise<void> => {
    await remove();
  };
  try {
    const { HostConfig } = await said('inspect a container', daemon.inspect(id));
    assertSeccomp(id, wish.arm, HostConfig.SecurityOpt as readonly string[] | null | undefined);
  } catch (error) {
    await daemon.remove(id).catch(() => undefined);
    throw error;
  }
  const start = async (): Promise<StartedContainer> => {
    const { pid, containerId } = await startReady(daemon, id);
    const hidden = wish.whyHidden(pid);
    const filterFile = wish.filterFileOf(containerId);
    const kill = async (): Promise<ExitedContainer> => {
      await said('kill a container', daemon.kill(id));
      return { state: 'exited', id, remove, [Symbol.asyncDispose]: dispose };
    };
    return {
      state: 'started',
      id,
      pid,
      ...(hidden === undefined ? {} : { hidden }),
      ...(filterFile === undefined ? {} : { filterFile }),
      kill,
      [Symbol.asyncDispose]: dispose,
    };
  };
  return { state: 'created', id, start, remove, [Symbol.asyncDispose]: dispose };
}

/** Starts the payload and waits until it has said "ready". */
async function startReady(daemon: Daemon, id: string): Promise<{ readonly pid: number; readonly containerId: string }> {
  const output = new OutputCollector(await said('attach to a container', daemon.attach(id)));
  await said('start a container', daemon.start(id));
  for (let waitedMs = 0; waitedMs < READY_MS; waitedMs += POLL_MS) {
    const { State, Id } = await said('inspect a container', daemon.inspect(id));
    if (!State.Running) break;
    if (output.soFar.stdout.startsWith('ready')) {
      output.close();
      return { pid: State.Pid, containerId: Id };
    }
    await sleep(POLL_MS);
  }
  const { stdout, stderr } = await output.take(POLL_MS);
  // A daemon that shuts down ends its containers: that is not the profile's fault.
  await said('tell whether it still runs', daemon.alive());
  throw payloadNotReady(stdout + stderr, id);
}

async function said<T>(what: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof BenchError) throw error;
    const { answer, words } = apiFailure(error);
    const hint = hintForRun(error);
    throw new BenchError('runFailed', `the engine could not ${what}: ${answer}: ${words}`, {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}
