import type { BatchSample, OkSample, Sample } from '../../model/results/sample.js';
import type { Scenario } from '../../model/run/scenario.js';

/**
 * What other tools call a run: one ok container of a sequential scenario, one whole batch (all its containers ok) of a
 * parallel one.
 */
export interface TimedRun {
  /** A container's wall time, or a batch's makespan. */
  readonly wallNs: number;
  /** Of a batch: summed over its containers. */
  readonly userNs: number;
  readonly systemNs: number;
  /** Of a batch: the most of any container. */
  readonly maxRssKiB: number;
}

/**
 * The measured runs of one arm in the order in which they were made; warm-up, failures and incomplete batches are none.
 */
export function timedRuns(samples: readonly Sample[], arm: string, kind: Scenario['kind']): readonly TimedRun[] {
  const own = samples.filter((sample) => sample.arm === arm && !sample.warmup);
  const containers = own.filter((sample) => sample.kind === 'container' && sample.state === 'ok');
  return kind === 'sequential'
    ? containers
    : batchRuns(
        own.filter((sample) => sample.kind === 'batch'),
        containers,
      );
}

/** A batch whose containers are not all there (a run cut off by a crash) has no sum. */
function batchRuns(batches: readonly BatchSample[], containers: readonly OkSample[]): readonly TimedRun[] {
  const byBlock = new Map<number, OkSample[]>();
  for (const container of containers) {
    const others = byBlock.get(container.block);
    if (others === undefined) byBlock.set(container.block, [container]);
    else others.push(container);
  }
  return batches.flatMap(({ block, planned, makespanNs }) => {
    const ofBatch = byBlock.get(block) ?? [];
    return makespanNs === undefined || ofBatch.length !== planned ? [] : [{ wallNs: makespanNs, ...usageOf(ofBatch) }];
  });
}

const usageOf = (containers: readonly OkSample[]): Omit<TimedRun, 'wallNs'> => ({
  userNs: containers.reduce((sum, { userNs }) => sum + userNs, 0),
  systemNs: containers.reduce((sum, { systemNs }) => sum + systemNs, 0),
  maxRssKiB: containers.reduce((most, { maxRssKiB }) => Math.max(most, maxRssKiB), 0),
});
