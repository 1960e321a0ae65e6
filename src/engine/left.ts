import { containerdLeft, removeFromContainerd } from './containerd/left.js';
import type { LeftOnDaemon } from './docker/left.js';
import { leftInCri } from './cri/left.js';
import { notRemoved } from './failures.js';
import { Cluster } from './kubernetes/cluster.js';
import { callIsula, containersOf, removeContainer } from './isulad/isula.js';

/** A daemon other than Docker and Podman, as recorded in the run's workspace. */
export interface Service {
  readonly kind: 'containerd' | 'cri' | 'isulad' | 'kubernetes';
  /** Path of `ctr`, `isula` or `kubectl`; of a CRI runtime without `ctr` the empty text. */
  readonly program: string;
  /** Its socket; `NAMESPACE@CONTEXT` for a cluster. */
  readonly address: string;
}

/** Asks the daemon what a killed run left there. A daemon that does not answer is `silent`. */
export async function leftWithService(
  service: Service,
  runId: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LeftOnDaemon> {
  try {
    switch (service.kind) {
      case 'containerd':
        return await onContainerd(service, runId);
      case 'cri':
        return { state: 'asked', ...(await leftInCri({ address: service.address, ctr: service.program }, runId)) };
      case 'isulad':
        return await onIsulad(service, runId, env);
      case 'kubernetes':
        return await onKubernetes(service, runId, env);
    }
  } catch (error) {
    return { state: 'silent', host: service.address, reason: error instanceof Error ? error.message : String(error) };
  }
}

async function onContainerd({ program, address }: Service, runId: string): Promise<LeftOnDaemon> {
  const place = { ctr: program, address, namespace: runId };
  const left = await containerdLeft(place);
  return { state: 'asked', names: left.containers, remove: () => removeFromContainerd(place, left) };
}

async function onIsulad(
  { program, address }: Service,
  runId: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LeftOnDaemon> {
  const isula = { program, env: { ...env, ISULAD_HOST: address } };
  await callIsula(isula, 'version');
  const names = await containersOf(isula, runId);
  return {
    state: 'asked',
    names,
    remove: async () => {
      for (const name of names) await removeContainer(isula, name);
      const still = names.length === 0 ? [] : await containersOf(isula, runId);
      if (still.length > 0) throw notRemoved('isulad', still);
    },
  };
}

async function onKubernetes(
  { program, address }: Service,
  runId: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LeftOnDaemon> {
  // A context may have an @ in its name, a namespace may not.
  const [namespace = '', ...context] = address.split('@');
  const cluster = await Cluster.at({ program, env, namespace, context: context.join('@') || null });
  return { state: 'asked', names: await cluster.jobs(runId), remove: () => cluster.remove(runId) };
}
