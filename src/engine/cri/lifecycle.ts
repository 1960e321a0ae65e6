import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../../errors.js';
import type {
  ArmSpec,
  CreatedContainer,
  ExitedContainer,
  RemovedContainer,
  StartedContainer,
} from '../../model/container/container.js';
import { isUnconfined } from '../../model/container/container.js';
import { READY_MS } from '../waiting/deadlines.js';
import { payloadNotReady } from '../failures.js';
import type { CriClient } from './client.js';
import { said } from './failures.js';
import { readLog } from './log.js';
import type { Pod } from './pod.js';
import { removePod } from './remove.js';
import { parsed } from './runtime.js';

const POLL_MS = 5;

export interface LifecycleWish {
  readonly pod: Pod;
  readonly handler: string;
  readonly arm: ArmSpec;
  /** Why the process with a pid given by the runtime cannot be inspected from here; `undefined` where it can. */
  readonly whyHidden: (pid: number) => string | undefined;
}

/** A container that exists, with the id that the runtime gave it. */
export interface CriContainer extends CreatedContainer {
  readonly containerId: string;
}

/**
 * Makes a pod and its container without starting it. Throws `runFailed` with the runtime's words; nothing is left then.
 */
export async function createPod(client: CriClient, wish: LifecycleWish): Promise<CriContainer> {
  const { pod, handler } = wish;
  const { podSandboxId } = await said(
    'make a pod',
    client.call('RunPodSandbox', { config: pod.sandbox, runtimeHandler: handler }),
  );
  let isRemoved = false;
  const remove = async (): Promise<RemovedContainer> => {
    if (!isRemoved) await said('remove a pod', removePod(client, podSandboxId));
    isRemoved = true;
    return { state: 'removed', id: pod.id };
  };
  const dispose = async (): Promise<void> => {
    await remove();
  };
  try {
    const { containerId } = await said(
      'create a container',
      client.call('CreateContainer', { podSandboxId, config: pod.container, sandboxConfig: pod.sandbox }),
    );
    const place = { client, wish, podSandboxId, containerId };
    const start = async (): Promise<StartedContainer> => {
      const kill = async (): Promise<ExitedContainer> => {
        await said('stop a container', client.call('StopContainer', { containerId, timeout: 0 }, { goesOn: true }));
        return { state: 'exited', id: pod.id, remove, [Symbol.asyncDispose]: dispose };
      };
      return { ...(await startReady(place)), kill, [Symbol.asyncDispose]: dispose };
    };
    return { state: 'created', id: pod.id, containerId, start, remove, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await removePod(client, podSandboxId).catch(() => undefined);
    throw error;
  }
}

interface Place {
  readonly client: CriClient;
  readonly wish: LifecycleWish;
  readonly podSandboxId: string;
  readonly containerId: string;
}

/** Starts the payload and waits until it has said "ready". Throws `runFailed`. */
async function startReady({
  client,
  wish: { pod, arm, whyHidden },
  podSandboxId,
  containerId,
}: Place): Promise<Pick<StartedContainer, 'state' | 'id' | 'pid' | 'pausePid' | 'hidden'>> {
  await said('start a container', client.call('StartContainer', { containerId }));
  await untilReady(client, pod, containerId);
  const { info } = await said('show a container', client.call('ContainerStatus', { containerId, verbose: true }));
  const told = parsed(info['info']) as ToldContainer;
  assertSeccomp(pod.id, arm, told);
  const pid = Number(told.pid ?? 0);
  const hidden = pid > 1 ? whyHidden(pid) : 'the runtime does not tell the pid of the process';
  const pausePid = hidden === undefined ? await pausePidOf(client, podSandboxId) : undefined;
  return {
    state: 'started',
    id: pod.id,
    pid,
    ...(hidden === undefined ? {} : { hidden }),
    ...(pausePid === undefined ? {} : { pausePid }),
  };
}

async function untilReady(client: CriClient, pod: Pod, containerId: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < READY_MS; waitedMs += POLL_MS) {
    if (readLog(pod.log).stdout.startsWith('ready')) return;
    const { status } = await said('show a container', client.call('ContainerStatus', { containerId, verbose: false }));
    if (status?.state !== 'CONTAINER_RUNNING') break;
    await sleep(POLL_MS);
  }
  const { stdout, stderr } = readLog(pod.log);
  if (!stdout.startsWith('ready')) throw payloadNotReady(stdout + stderr, pod.id);
}

async function pausePidOf(client: CriClient, podSandboxId: string): Promise<number | undefined> {
  const { info } = await said('show a pod', client.call('PodSandboxStatus', { podSandboxId, verbose: true }));
  const pid = Number((parsed(info['info']) as { readonly pid?: unknown }).pid ?? 0);
  return pid > 1 ? pid : undefined;
}

/** In the verbose status of a container, as containerd and CRI-O fill it in. */
interface ToldContainer {
  readonly pid?: unknown;
  readonly runtimeSpec?: { readonly linux?: { readonly seccomp?: ToldSeccomp | null } } | null;
}

interface ToldSeccomp {
  readonly defaultAction?: unknown;
  readonly architectures?: readonly string[] | null;
  readonly syscalls?: readonly unknown[] | null;
}

/** Checks that the runtime uses the profile it was given, as far as it tells. Throws `runFailed`. */
function assertSeccomp(id: string, arm: ArmSpec, { runtimeSpec }: ToldContainer): void {
  if (runtimeSpec?.linux === undefined) return;
  const used = shapeOf(runtimeSpec.linux.seccomp);
  const given = arm.given === undefined ? shapeOf(arm.spec) : used;
  const isWrong = arm.given === undefined ? used !== given : !isUnconfined(arm) && used === NO_SECCOMP;
  if (!isWrong) return;
  throw new BenchError('runFailed', `container ${id} does not use the profile of arm ${arm.name} (${given}): ${used}`, {
    hint: 'Does the configuration of the runtime change what it is asked for?',
  });
}

const NO_SECCOMP = 'no seccomp';

const shapeOf = (seccomp: ToldSeccomp | null | undefined): string =>
  seccomp === null || seccomp === undefined
    ? NO_SECCOMP
    : `${String(seccomp.defaultAction)}, ${(seccomp.syscalls ?? []).length} rules, ` +
      `architectures ${(seccomp.architectures ?? []).join(' ') || 'not listed'}`;
