import { setMaxListeners } from 'node:events';
import { notRun } from '../process/batch.js';
import type { BatchRun, ContainerRun } from '../model/container/container.js';
import { nanoseconds } from '../model/time.js';
import type { Clock, Nanoseconds } from '../model/time.js';

export interface DaemonBatch {
  readonly ids: readonly string[];
  readonly concurrency: number;
  readonly signal: AbortSignal;
  /** Runs one container, which counts from `startedAt`. Never rejects. */
  readonly one: (id: string, startedAt: Nanoseconds) => Promise<ContainerRun>;
}

/**
 * Runs containers with at most `concurrency` in flight: the first ones start together, each other one when one has
 * ended.
 */
export async function runBatch({ ids, concurrency, signal, one }: DaemonBatch, clock: Clock): Promise<BatchRun> {
  // Every container in flight listens.
  setMaxListeners(0, signal);
  const runs: ContainerRun[] = [];
  const startedAt = clock();
  let next = 0;
  const lane = async (): Promise<void> => {
    let from = startedAt;
    for (let index = next++; index < ids.length && !signal.aborted; index = next++) {
      runs[index] = await one(ids[index] ?? '', from);
      from = clock();
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, ids.length) }, lane));
  const containers = ids.map((_, index) => runs[index] ?? notRun({ kind: 'interrupted' }, clock()));
  const ends = Object.values(runs).map((run) => run.startedAt + run.wall);
  return { startedAt, makespan: nanoseconds(Math.max(0, ...ends.map((end) => end - startedAt))), containers };
}
