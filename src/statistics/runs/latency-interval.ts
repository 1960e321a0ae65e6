import type { Description } from '../../model/analysis/description.js';
import type { LatencyInterval, LatencyShare } from '../../model/analysis/throughput.js';
import type { SampleSet } from '../../model/results/sample-table.js';
import { tCritical } from '../distributions/distributions.js';
import { mean, quantile, series, sorted, variance, type Series } from '../distributions/moments.js';

/** Fewer batches say too little of how batches differ. */
const FEWEST_BATCHES = 6;

const SHARES: Readonly<Record<LatencyShare, number>> = { median: 0.5, p90: 0.9, p99: 0.99 };

/**
 * 95 % intervals of an arm's latency percentiles by Woodruff's method (1952) for samples in clusters: the share of
 * containers at or below the percentile differs from batch to batch; its t interval over the batches, read back through
 * the distribution. A bound is `null` where that share leaves 0 to 1. Nothing for fewer than 6 batches.
 */
export function latencyIntervals(
  samples: SampleSet,
  arm: string,
  latency: Description | null,
): Readonly<Record<LatencyShare, LatencyInterval>> | null {
  const batches = batchesOf(samples, arm);
  if (latency === null || batches.length < FEWEST_BATCHES) return null;
  const all = sorted(batches.flat());
  const of = (share: LatencyShare): LatencyInterval => intervalOf(batches, all, SHARES[share], latency[share]);
  return { median: of('median'), p90: of('p90'), p99: of('p99') };
}

function intervalOf(
  batches: readonly (readonly number[])[],
  all: Series,
  share: number,
  value: number,
): LatencyInterval {
  // Of each batch relative to the mean size, so that their mean is the share of all containers.
  const size = all.length / batches.length;
  const below = series(batches.length, (batch) => {
    const own = batches[batch] ?? [];
    return share + (own.filter((one) => one <= value).length - share * own.length) / size;
  });
  const half = tCritical(0.95, batches.length - 1) * Math.sqrt(variance(below) / batches.length);
  const [low, high] = [mean(below) - half, mean(below) + half];
  return {
    low: low < 0 ? null : Math.min(value, quantile(all, low)),
    high: high >= 1 ? null : Math.max(value, quantile(all, high)),
  };
}

function batchesOf(samples: SampleSet, arm: string): readonly (readonly number[])[] {
  const byBlock = new Map<number, number[]>();
  for (const sample of samples) {
    if (sample.warmup || sample.arm !== arm || sample.kind !== 'container' || sample.state !== 'ok') continue;
    const own = byBlock.get(sample.block);
    if (own === undefined) byBlock.set(sample.block, [sample.wallNs]);
    else own.push(sample.wallNs);
  }
  return [...byBlock.values()];
}
