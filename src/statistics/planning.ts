import type { Estimate, Metric } from '../model/analysis.js';

/** Standard normal quantiles: 5 % two-sided, 80 % power. */
const Z_LEVEL = 1.96;
const Z_POWER = 0.842;

/** How far a first estimate of the spread misleads, as tried on recorded series: CPU time by 2, times that include waiting by 2.5. */
const CAUTION: Readonly<Record<Metric, number>> = { cpu: 2, wall: 2.5, latency: 2.5 };

/**
 * Blocks to find an effect of that share (0.01 = 1 %) with 80 % power: ((1.960 + 0.842) s / ln(1 + effect))^2 times the caution,
 * s = standard error times sqrt(n). `null` where the estimate has no interval.
 */
export function blocksToFind(effect: number, estimate: Estimate, metric: Metric): number | null {
  const standardError = estimate.standardError ?? (estimate.high - estimate.low) / (2 * Z_LEVEL);
  if (!Number.isFinite(standardError)) return null;
  const spread = standardError * Math.sqrt(estimate.blocks);
  return Math.ceil(CAUTION[metric] * (((Z_LEVEL + Z_POWER) * spread) / Math.log1p(effect)) ** 2);
}

/** Rounded up to two significant digits: a plan is no more exact than that. */
export function roundedUp(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1);
  return Math.ceil(count / unit) * unit;
}
