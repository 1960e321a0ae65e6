import { setTimeout as sleep } from 'node:timers/promises';
import type { CriClient } from './client.js';
import { CODE, criFailure } from './failures.js';
import { POD_LABEL, RUN_LABEL } from './pod.js';

const REMOVE_LIMIT_MS = 20_000;
const PASSES = 5;
const PAUSE_MS = 200;

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
  const { items } = await client.call('ListPodSandbox', { filter: { labelSelector } }, { limitMs: REMOVE_LIMIT_MS });
  return items.map(({ id, metadata }) => ({ sandbox: id, name: metadata?.name ?? id }));
}

/** Ends a pod with its containers and removes it; one that is already gone is fine. */
export async function removePod(client: CriClient, podSandboxId: string): Promise<void> {
  const limit = { limitMs: REMOVE_LIMIT_MS };
  await unlessGone(client.call('StopPodSandbox', { podSandboxId }, limit));
  await unlessGone(client.call('RemovePodSandbox', { podSandboxId }, limit));
}

/** The same for the pod of one container, whose sandbox may not be known. */
export async function removePodNamed(client: CriClient, id: string): Promise<void> {
  for (const { sandbox } of await listed(client, { [POD_LABEL]: id })) await removePod(client, sandbox);
}

/**
 * Removes all pods of a run; gives the names of those that stay. A pod whose creation was stopped may show up late.
 */
export async function removePods(client: CriClient, runId: string): Promise<readonly string[]> {
  for (let pass = 0; pass < PASSES; pass++) {
    const pods = await podsOf(client, runId);
    if (pods.length === 0) return [];
    for (const { sandbox } of pods) await removePod(client, sandbox).catch(() => undefined);
    if (pass > 0) await sleep(PAUSE_MS);
  }
  return (await podsOf(client, runId)).map(({ name }) => name);
}

async function unlessGone(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (criFailure(error).code !== CODE.NOT_FOUND) throw error;
  });
}
