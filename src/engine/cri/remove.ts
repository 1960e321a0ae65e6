import { setTimeout as sleep } from 'node:timers/promises';
import { REMOVE_MS } from '../waiting/deadlines.js';
import type { CriClient } from './client.js';
import { CODE, criFailure } from './failures.js';
import { POD_LABEL, RUN_LABEL } from './pod.js';

const PAUSE_MS = 250;

/** A pod as the runtime lists it. */
export interface ListedPod {
  readonly sandbox: string;
  readonly name: string;
}

/** The pods of a run, ended ones included. */
export const podsOf = (client: CriClient, runId: string): Promise<readonly ListedPod[]> =>
  listed(client, { [RUN_LABEL]: runId });

async function listed(
  client: CriClient,
  labelSelector: Readonly<Record<string, string>>,
): Promise<readonly ListedPod[]> {
  const { items } = await client.call('ListPodSandbox', { filter: { labelSelector } }, { goesOn: true });
  return items.map(({ id, metadata }) => ({ sandbox: id, name: metadata?.name ?? id }));
}

/** Ends a pod with its containers and removes it; one that is already gone is fine. */
export async function removePod(client: CriClient, podSandboxId: string): Promise<void> {
  const limit = { limitMs: REMOVE_MS, goesOn: true };
  await unlessGone(client.call('StopPodSandbox', { podSandboxId }, limit));
  await unlessGone(client.call('RemovePodSandbox', { podSandboxId }, limit));
}

/** The same for the pod of one container, whose sandbox may not be known. */
export async function removePodNamed(client: CriClient, id: string): Promise<void> {
  for (const { sandbox } of await listed(client, { [POD_LABEL]: id })) await removePod(client, sandbox);
}

/**
 * Removes all pods of a run; gives the names of those that stay. A pod whose creation was stopped may show up late, and
 * a container whose start was stopped cannot be removed until its runtime has given that up.
 */
export async function removePods(client: CriClient, runId: string): Promise<readonly string[]> {
  for (let waitedMs = 0; waitedMs < REMOVE_MS; waitedMs += PAUSE_MS) {
    const pods = await podsOf(client, runId);
    if (pods.length === 0) return [];
    if (waitedMs > 0) await sleep(PAUSE_MS);
    for (const { sandbox } of pods) await removePod(client, sandbox).catch(() => undefined);
  }
  return (await podsOf(client, runId)).map(({ name }) => name);
}

async function unlessGone(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (criFailure(error).code !== CODE.NOT_FOUND) throw error;
  });
}
