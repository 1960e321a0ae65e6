import type { BlockUnit, ExperimentContext } from '../../model/experiment/events.js';
import type { ActionSample } from '../../model/results/percall/action-price.js';
import type { PercallSample } from '../../model/results/percall/percall.js';
import type { FailedSample, Sample } from '../../model/results/sample.js';

/** What of a block has been run. */
export interface BlockCount {
  readonly containers: number;
  /** Of them, those that failed or hung. */
  readonly failed: number;
  /** Of the last of those. */
  readonly failure?: Failure;
}

/** What a container failed with. */
type Failure = Pick<FailedSample, 'cause' | 'stderr'>;

/** Blocks in a row in which every container failed, after which a run without `--max-failures` ends. */
const MOST_FAILED_BLOCKS = 3;

/** What is going to be run, and what may fail of it. */
interface Measured {
  readonly unit: BlockUnit;
  readonly total: number;
  /** How long it goes on, whatever the number of blocks. */
  readonly seconds?: number | undefined;
  readonly maxFailures: number | null;
}

/** Counts blocks, tells of each, and knows when too many containers have failed. */
export class BlockMeter {
  readonly #total: number;
  readonly #ofExecs: { readonly execs?: true };
  readonly #maxFailures: number;
  readonly #notify: ExperimentContext['notify'];
  #done = 0;
  #containers = 0;
  #failed = 0;
  #failedBlocks = 0;
  #failure: Failure | undefined;

  constructor({ unit, total, seconds, maxFailures }: Measured, notify: ExperimentContext['notify']) {
    this.#total = total;
    this.#ofExecs = unit === 'execs' ? { execs: true } : {};
    this.#maxFailures = maxFailures ?? Infinity;
    this.#notify = notify;
    notify({ kind: 'blocksStarted', unit, total, ...(seconds === undefined ? {} : { seconds }) });
  }

  /** Containers that failed or hung until now. */
  get failed(): number {
    return this.#failed;
  }

  /** Whether more containers have failed than the experiment allows. */
  get tooManyFailed(): boolean {
    return this.#failed > this.#maxFailures;
  }

  /**
   * Whole blocks in a row that failed, once they are too many, and the last failure; `null`: they are not, or the
   * experiment says itself how many containers may fail.
   */
  get failedInRow(): ({ readonly blocks: number; readonly execs?: true } & Failure) | null {
    if (this.#maxFailures !== Infinity || this.#failedBlocks < MOST_FAILED_BLOCKS) return null;
    return { blocks: this.#failedBlocks, ...this.#ofExecs, ...(this.#failure ?? { cause: 'unknown', stderr: '' }) };
  }

  blockDone({ containers, failed, failure }: BlockCount): void {
    this.#failedBlocks = containers > 0 && failed === containers ? this.#failedBlocks + 1 : 0;
    this.#failure = failure ?? this.#failure;
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
export function countOf(samples: readonly (Sample | PercallSample | ActionSample)[]): BlockCount {
  const containers = samples.filter((sample) => 'state' in sample);
  const failed = containers.filter((one) => one.state === 'failed' || one.state === 'timedOut');
  const last = failed.at(-1);
  return {
    containers: containers.length,
    // A container that was stopped with the run did not fail.
    failed: failed.length,
    ...(last === undefined || last.state === 'ok' ? {} : { failure: { cause: last.cause, stderr: last.stderr } }),
  };
}
