import type { Comparison, Estimate, Metric, Resolution } from '../../model/analysis/analysis.js';
import type { PowerCurve } from '../../model/analysis/series.js';
import type { PlannedCount } from '../../model/run/planned.js';
import { FIRST_LOOK_BLOCKS } from '../../model/run/stopping.js';

/** Standard normal quantiles: 5 % two-sided; the two promises of power; one side of the equivalence test. */
const Z_LEVEL = 1.959964;
const Z_POWER = { 0.8: 0.841621, 0.9: 1.281552 } as const;
const Z_ONE_SIDE = 1.644854;

/**
 * The standard error of a run that ends by it is a little too small; 1.05 brings coverage back to 95 % (smallest found
 * over four kinds of noise and five widths: 94.8 %; Chow & Robbins 1965).
 */
export const HALF_WIDTH_WIDENING = 1.05;

/** The share of true effects that is found. */
export type Power = keyof typeof Z_POWER;

/**
 * How far the noise of a machine moves between a pilot and the run it plans, as tried on recorded series: CPU time and
 * what is counted by 2, times that include waiting by 2.5.
 */
const DRIFT: Readonly<Record<Metric, number>> = {
  cpu: 2,
  wall: 2.5,
  duetWall: 2.5,
  latency: 2.5,
  maxRss: 2,
  contextSwitches: 2,
  pageFaults: 2,
  userInstructions: 2,
  kernelInstructions: 2,
};

/** The spread of one block's log ratio, s = SE sqrt(n), and how well it is known. */
export interface Spread {
  readonly s: number;
  readonly degreesOfFreedom: number;
}

/** The spread behind an estimate; `null` where it has no interval. From few blocks it is taken from the interval. */
export function spreadOf(estimate: Estimate): Spread | null {
  const standardError = estimate.standardError ?? (estimate.high - estimate.low) / (2 * Z_LEVEL);
  if (!Number.isFinite(standardError)) return null;
  return {
    s: standardError * Math.sqrt(estimate.blocks),
    degreesOfFreedom: estimate.degreesOfFreedom ?? Math.max(1, estimate.blocks - 1),
  };
}

/**
 * Blocks to find an effect of that share (0.01 = 1 %): ((z_level + z_power) s / ln(1 + effect))^2, times 1 + (1 +
 * z_power (z_level + z_power)) / (2 df), because s of a pilot with df degrees of freedom is itself uncertain (the
 * second-order expansion of the average power over pilots). `null` where the estimate has no interval.
 */
export function planCount(
  effect: number,
  estimate: Estimate,
  metric: Metric,
  power: Power,
): Pick<PlannedCount, 'power' | 'blocks' | 'cautious'> | null {
  const spread = spreadOf(estimate);
  if (spread === null) return null;
  const z = Z_LEVEL + Z_POWER[power];
  const uncertain = 1 + (1 + Z_POWER[power] * z) / (2 * spread.degreesOfFreedom);
  const plain = ((z * spread.s) / Math.abs(Math.log1p(effect))) ** 2;
  return { power, blocks: Math.ceil(uncertain * plain), cautious: Math.ceil(DRIFT[metric] * plain) };
}

/** Blocks that find an effect with 80 % power, by the spread of one block: as noisy as there, and cautiously. */
export function blocksToFind(
  effect: number,
  spread: number,
  metric: Metric,
): { readonly least: number; readonly cautious: number } {
  const plain = (((Z_LEVEL + Z_POWER[0.8]) * spread) / Math.abs(Math.log1p(effect))) ** 2;
  return { least: Math.ceil(plain), cautious: Math.ceil(DRIFT[metric] * plain) };
}

/** The smallest effect, as a share, that this many blocks of that spread find with that power. */
export const detectableEffect = (spread: Spread, blocks: number, power: Power): number =>
  Math.expm1(((Z_LEVEL + Z_POWER[power]) * spread.s) / Math.sqrt(blocks));

/**
 * The half width, as a share, at which a run finds the effect with that power: ending a run there re-plans it from its
 * own standard error, which the truth about the effect does not touch (internal pilot, Wittes & Brittain 1990). The
 * half width is that of a run ended so, a little wider than the plain one.
 */
export function halfWidthToFind(effect: number, power: Power): number {
  const z = HALF_WIDTH_WIDENING * Z_LEVEL;
  return Math.expm1((Math.log1p(effect) * z) / (z + Z_POWER[power]));
}

/**
 * The most blocks a run that ends by its half width may take: half as many again as the cautious count, because a short
 * pilot may have met few of the slow starts, and a bound that binds breaks the promise. Seldom reached, so it costs
 * nothing.
 */
export const mostBlocksFor = ({ cautious }: Pick<PlannedCount, 'cautious'>): number =>
  Math.max(FIRST_LOOK_BLOCKS, Math.ceil(1.5 * cautious));

/**
 * Blocks that settle a comparison four times of five, if the effect is what it looks like: to find it, or to show it
 * within the margin, whichever takes less. `least` where the noise stays as it is, `cautious` where it moves as it was
 * seen to, and never less than twice as many as there are. `null` where the estimate has no interval.
 */
export function blocksToSettle(
  margin: number,
  estimate: Estimate,
  metric: Metric,
): { readonly least: number; readonly cautious: number } | null {
  const spread = spreadOf(estimate);
  if (spread === null) return null;
  const effect = Math.abs(estimate.logRatio);
  const room = Math.log1p(margin) - effect;
  const toFind = (Z_LEVEL + Z_POWER[0.8]) / effect;
  // Near 0 either side may fail, so each is allowed half of the fifth.
  const toEqual = room > 0 ? (Z_ONE_SIDE + (effect < room ? Z_POWER[0.9] : Z_POWER[0.8])) / room : Infinity;
  const plain = (Math.min(toFind, toEqual) * spread.s) ** 2;
  const cautious = roundedUp(Math.max(DRIFT[metric] * plain, 2 * estimate.blocks));
  // What has not been decided by now takes a quarter more at least.
  return { least: Math.min(cautious, roundedUp(Math.max(plain, 1.25 * estimate.blocks))), cautious };
}

/** Rounded up to two significant digits: a plan is no more exact than that. */
export function roundedUp(count: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, count))) - 1);
  return Math.ceil(count / unit) * unit;
}

/** The smallest effect a comparison could have detected, regardless of its result; nothing where it has no interval. */
export function resolutionOf({
  arm,
  metric,
  estimate,
}: Pick<Comparison, 'arm' | 'metric' | 'estimate'>): readonly Resolution[] {
  const spread = estimate === null ? null : spreadOf(estimate);
  if (estimate === null || spread === null) return [];
  const { blocks } = estimate;
  return [
    {
      arm,
      metric,
      blocks,
      detectable80: detectableEffect(spread, blocks, 0.8),
      detectable90: detectableEffect(spread, blocks, 0.9),
    },
  ];
}

/** Places on a power curve per factor of ten. */
const PLACES_PER_DECADE = 8;
/** A curve begins where an interval does, and goes on to so many times the blocks of the run. */
const [FIRST_BLOCKS, REACH] = [10, 10];

/**
 * The smallest change that fewer or more blocks of this run's spread would find, evenly on a logarithmic axis; nothing
 * where there is no interval.
 */
export function powerCurveOf({
  arm,
  baseline,
  metric,
  estimate,
}: Pick<Comparison, 'arm' | 'baseline' | 'metric' | 'estimate'>): readonly PowerCurve[] {
  const spread = estimate === null ? null : spreadOf(estimate);
  if (estimate === null || spread === null) return [];
  const last = Math.max(1000, REACH * estimate.blocks);
  const places = Math.ceil(PLACES_PER_DECADE * Math.log10(last / FIRST_BLOCKS));
  const points = Array.from({ length: places + 1 }, (_, place) => {
    const blocks = Math.round(FIRST_BLOCKS * (last / FIRST_BLOCKS) ** (place / places));
    return {
      blocks,
      detectable80: detectableEffect(spread, blocks, 0.8),
      detectable90: detectableEffect(spread, blocks, 0.9),
    };
  });
  return [{ arm, baseline, metric, blocks: estimate.blocks, points }];
}
