import type { Sample } from '../../model/results/sample.js';
import type { SampleSet } from '../../model/results/sample-table.js';

/** Measured blocks that were begun; at least one, at most what was planned. */
export function blocksRun(samples: SampleSet, planned: number): number {
  let last = 0;
  for (const { warmup, block } of samples) if (!warmup && block > last) last = block;
  return Math.min(planned, last + 1);
}

/** The time of a run's measured samples. */
export function spanOf(samples: SampleSet): Span {
  const span = new Span();
  for (const sample of samples) span.add(sample);
  return span;
}

/** From the first measured start to the last known end; 0 without samples. */
export class Span {
  #first = Infinity;
  #last = 0;

  add(sample: Sample): void {
    if (sample.warmup) return;
    this.#first = Math.min(this.#first, sample.startNs);
    this.#last = Math.max(this.#last, sample.startNs + endOf(sample));
  }

  get ms(): number {
    return this.#first === Infinity ? 0 : (this.#last - this.#first) / 1e6;
  }

  /** The last known end, since the run began to start containers. */
  get endMs(): number {
    return this.#last / 1e6;
  }
}

function endOf(sample: Sample): number {
  if (sample.kind === 'batch') return sample.makespanNs ?? 0;
  return sample.state === 'ok' ? sample.wallNs : 0;
}
