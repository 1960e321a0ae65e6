import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type { Description } from '../../model/analysis/description.js';
import { ratiosOf } from './ratios.js';
import type { Ratio } from './ratios.js';
import { seriesOf } from './series.js';
import type { Series } from './series.js';

interface BencherMetric {
  readonly value: number;
  readonly lower_value?: number;
  readonly upper_value?: number;
}

/** By the measure's slug. */
type Measures = Readonly<Record<string, BencherMetric>>;

/**
 * Bencher Metric Format, for `bencher run --adapter json`: per arm `latency` (the built-in measure, nanoseconds of wall
 * time or makespan) and `cpu-time` (nanoseconds) as medians between their quartiles; per compared arm `wall-ratio` and
 * `cpu-ratio` to the baseline with their 95 % intervals. Described at bencher.dev/docs/reference/bencher-metric-format
 * (only `value` is required).
 */
export function renderBencher(runs: readonly AnalysedRun[]): string {
  const benchmarks = Object.fromEntries(seriesOf(runs).map((series) => [series.name, measuresOf(series)]));
  return `${JSON.stringify(benchmarks, null, 2)}\n`;
}

function measuresOf(series: Series): Measures {
  const {
    summary: { wall, cpu },
  } = series;
  return {
    ...(wall === null ? {} : { latency: medianMetric(wall) }),
    ...(cpu === null ? {} : { 'cpu-time': medianMetric(cpu) }),
    ...Object.fromEntries(ratiosOf(series).map((ratio) => [`${ratio.metric}-ratio`, ratioMetric(ratio)])),
  };
}

const medianMetric = ({ median, p25, p75 }: Description): BencherMetric => ({
  value: median,
  lower_value: p25,
  upper_value: p75,
});

const ratioMetric = ({ ratio, low, high }: Ratio): BencherMetric => ({
  value: ratio,
  ...(low === null || high === null ? {} : { lower_value: low, upper_value: high }),
});
