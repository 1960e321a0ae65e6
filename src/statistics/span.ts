import type { Sample } from '../model/sample.js';

/** Measured blocks that were begun; at least one, at most what was planned. */
export function blocksRun(samples: readonly Sample[], planned: number): number {
  let last = 0;
  for (const { warmup, block } of samples) if (!warmup && block > last) last = block;
  return Math.min(planned, last + 1);
}

/** From the first measured start to the last known end; 0 without samples. */
export function spanMs(samples: readonly Sample[]): number {
  let first = Infinity;
  let last = 0;
  for (const sample of samples) {
    if (sample.warmup) continue;
    first = Math.min(first, sample.startNs);
    last = Math.max(last, sample.startNs + endOf(sample));
  }
  return first === Infinity ? 0 : (last - first) / 1e6;
}

function endOf(sample: Sample): number {
  if (sample.kind === 'batch') return sample.makespanNs ?? 0;
  return sample.state === 'ok' ? sample.wallNs : 0;
}
