import type { Comparison, Metric, Verdict } from '../../model/analysis/analysis.js';
import type { Series } from './series.js';

/**
 * An arm's metric over the baseline's, from pairs within blocks: on a shared machine far steadier than either of them.
 */
export interface Ratio {
  readonly metric: Metric;
  readonly baseline: string;
  readonly verdict: Verdict;
  readonly ratio: number;
  /** 95 % interval; `null` where so few blocks have none. */
  readonly low: number | null;
  readonly high: number | null;
}

/**
 * CPU and wall ratios of a series, none for the baseline and the control; an invalid comparison gives none, because it
 * proves nothing, nor does an emulated one.
 */
export function ratiosOf(series: Series): readonly Ratio[] {
  return comparisonsOf(series).flatMap(ratioOf);
}

/** What {@link ratiosOf} leaves out, with a word for why. */
export const LEFT_OUT = { invalid: 'invalid', functional: 'emulated' } as const;
export const leftOutComparisonsOf = (series: Series, verdict: keyof typeof LEFT_OUT): readonly Comparison[] =>
  comparisonsOf(series).filter((one) => one.verdict === verdict);

const comparisonsOf = ({ analysed, labels }: Series): readonly Comparison[] =>
  analysed.analysis.comparisons.filter(
    ({ arm, metric }) => arm === labels.arm && (metric === 'cpu' || metric === 'wall'),
  );

function ratioOf({ estimate, metric, baseline, verdict }: Comparison): readonly Ratio[] {
  if (estimate === null || verdict in LEFT_OUT) return [];
  const bounded = Number.isFinite(estimate.low) && Number.isFinite(estimate.high);
  return [
    {
      metric,
      baseline,
      verdict,
      ratio: Math.exp(estimate.logRatio),
      low: bounded ? Math.exp(estimate.low) : null,
      high: bounded ? Math.exp(estimate.high) : null,
    },
  ];
}
