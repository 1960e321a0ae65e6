import type { BlockUnit, ExperimentContext } from '../../model/experiment/events.js';
import type { Sample } from '../../model/results/sample.js';

/** What of a block has been run. */
export interface BlockCount {
  readonly containers: number;
  /** Of them, those that failed or hung. */
  readonly failed: number;
}

/** Counts blocks, tells of each, and knows when too many containers have failed. */
export class BlockMeter {
  readonly #total: number;
  readonly #maxFailures: number;
  readonly #notify: ExperimentContext['notify'];
  #done = 0;
  #containers = 0;
  #failed = 0;

  constructor(
    { unit, total, maxFailures }: { readonly unit: BlockUnit; readonly total: number; maxFailures: number | null },
    notify: ExperimentContext['notify'],
  ) {
    this.#total = total;
    this.#maxFailures = maxFailures ?? Infinity;
    this.#notify = notify;
    notify({ kind: 'blocksStarted', unit, total });
  }

  /** Containers that failed or hung until now. */
  get failed(): number {
    return this.#failed;
  }

  /** Whether more containers have failed than the experiment allows. */
  get tooManyFailed(): boolean {
    return this.#failed > this.#maxFailures;
  }

  blockDone({ containers, failed }: BlockCount): void {
    this.#done += 1;
    this.#containers += containers;
    this.#failed += failed;
    this.#notify({
      kind: 'blockDone',
      done: this.#done,
      total: this.#total,
      containers: this.#containers,
      failed: this.#failed,
    });
  }

  end(): void {
    this.#notify({ kind: 'blocksEnded' });
  }
}

/** What a block's samples say of its containers. */
export function countOf(samples: readonly Sample[]): BlockCount {
  const containers = samples.filter((sample) => sample.kind === 'container');
  return { containers: containers.length, failed: containers.filter(({ state }) => isFailure(state)).length };
}

/** A container that was stopped with the run did not fail. */
export const isFailure = (state: 'ok' | 'failed' | 'timedOut' | 'interrupted'): boolean =>
  state === 'failed' || state === 'timedOut';
