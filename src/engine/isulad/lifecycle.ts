import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../../errors.js';
import { findDescendant, untilEnded } from '../../process/processes.js';
import type {
  ArmSpec,
  CreatedContainer,
  ExitedContainer,
  RemovedContainer,
  StartedContainer,
} from '../../model/container/container.js';
import { END_MS, READY_MS } from '../waiting/deadlines.js';
import { payloadNotRunning } from '../failures.js';
import { callIsula, containerArgs, inspect, killContainer, removeContainer } from './isula.js';
import type { Inspected, Isula, IsulaContainer } from './isula.js';

const POLL_MS = 20;

/**
 * Creates a container without starting it, and checks that iSulad uses the architectures it was given. Throws
 * `runFailed`.
 */
export async function createIsulad(isula: Isula, arm: ArmSpec, container: IsulaContainer): Promise<CreatedContainer> {
  const { id } = container;
  await callIsula(isula, 'create', ...containerArgs(container));
  const remove = async (): Promise<RemovedContainer> => {
    await removeContainer(isula, id);
    return { state: 'removed', id };
  };
  const dispose = async (): Promise<void> => {
    await remove();
  };
  try {
    assertProfile(arm, id, await inspect(isula, id));
  } catch (error) {
    await removeContainer(isula, id).catch(() => undefined);
    throw error;
  }
  const start = async (): Promise<StartedContainer> => {
    await callIsula(isula, 'start', id);
    const pid = await payloadOf(isula, id);
    const kill = async (): Promise<ExitedContainer> => {
      await killContainer(isula, id);
      await untilEnded(pid, END_MS);
      return { state: 'exited', id, remove, [Symbol.asyncDispose]: dispose };
    };
    return { state: 'started', id, pid, kill, [Symbol.asyncDispose]: dispose };
  };
  return { state: 'created', id, start, remove, [Symbol.asyncDispose]: dispose };
}

/** The payload's pid, once it runs. */
async function payloadOf(isula: Isula, id: string): Promise<number> {
  const { pid } = await inspect(isula, id);
  for (let waitedMs = 0; pid > 0 && waitedMs < READY_MS; waitedMs += POLL_MS) {
    const payload = findDescendant(pid, '/payload');
    if (payload !== undefined) return payload;
    await sleep(POLL_MS);
  }
  throw payloadNotRunning(pid > 0 ? `its process ${pid} runs another program` : 'it has no process', id);
}

/** The client rewrites the profile, so its bytes are not compared; the arms differ in the list of architectures. */
function assertProfile({ name, spec }: ArmSpec, id: string, { seccomp }: Inspected): void {
  const given = spec === null ? 'unconfined' : (spec.architectures ?? []).toSorted().join(' ');
  const used = seccomp === undefined || seccomp === 'unconfined' ? (seccomp ?? 'none') : architecturesIn(seccomp);
  // Without a list the host's architecture is passed, which means the same.
  if (used === given || (given === '' && !used.includes(' ') && seccomp !== undefined && seccomp !== 'unconfined'))
    return;
  throw new BenchError(
    'runFailed',
    `container ${id} does not use the architectures of arm ${name} (${given || "the host's"}) but ${used || 'none'}`,
    { hint: 'iSulad changed the profile.' },
  );
}

function architecturesIn(profile: string): string {
  try {
    const { archMap = [] } = JSON.parse(profile) as {
      readonly archMap?: readonly { readonly architecture: string; readonly subArchitectures?: readonly string[] }[];
    };
    return archMap
      .flatMap(({ architecture, subArchitectures = [] }) => [architecture, ...subArchitectures])
      .sort()
      .join(' ');
  } catch {
    return `${profile.slice(0, 80)} (not JSON)`;
  }
}
