import type { Sample } from '../../model/results/sample.js';
import { MEASURED, OTHER, SampleTable, type SampleSet } from '../../model/results/sample-table.js';

/** Measured blocks that were begun; at least one, at most what was planned. */
export function blocksRun(samples: SampleSet, planned: number): number {
  let last = 0;
  for (const { warmup, block } of samples) if (!warmup && block > last) last = block;
  return Math.min(planned, last + 1);
}

/** The time of a run's measured samples. */
export function spanOf(samples: SampleSet): Span {
  const span = new Span();
  if (samples instanceof SampleTable) addTable(span, samples);
  else
    samples.forEach((sample) => {
      span.add(sample);
    });
  return span;
}

/** Without making objects of the rows. */
function addTable(span: Span, table: SampleTable): void {
  for (let row = 0; row < table.length; row++)
    if (table.kind[row] === MEASURED) span.addTime(table.startNs[row] ?? 0, table.wallNs[row] ?? 0);
    else if (table.kind[row] === OTHER) span.add(table.sampleAt(row));
}

/** From the first measured start to the last known end; 0 without samples. */
export class Span {
  #first = Infinity;
  #last = 0;

  add(sample: Sample): void {
    if (!sample.warmup) this.addTime(sample.startNs, endOf(sample));
  }

  /** A measured start, and how long it lasted. */
  addTime(startNs: number, lastedNs: number): void {
    if (startNs < this.#first) this.#first = startNs;
    if (startNs + lastedNs > this.#last) this.#last = startNs + lastedNs;
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
