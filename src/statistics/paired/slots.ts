import { tTwoSided } from '../distributions/distributions.js';
import type { MetricLogs } from './metrics.js';
import { at, mean, type Series } from '../distributions/moments.js';
import type { Turns } from './turns.js';

/** How much a place in the block shifts a metric, without the arms' own effects. */
export interface SlotEffect {
  /** 0-based. */
  readonly position: number;
  /** Against the mean of the block. */
  readonly logRatio: number;
  readonly p: number;
  /** At least 0.1 %, and beyond chance at p < 0.001 over all places together. */
  readonly clear: boolean;
}

const CLEAR_P = 0.001;
const FEWEST = 30;
/** A tenth of a percent: less does not matter, and with exactly equal times it is rounding. */
const SMALLEST = 0.001;

/** The place whose mean residual (log less block mean less arm mean) is largest; `null` below 30 blocks. */
export function largestSlotEffect(turns: Turns, { byArm, unusable }: MetricLogs): SlotEffect | null {
  const n = turns.complete.length;
  // A left-out block would shift the logs against the positions.
  if (n < FEWEST || unusable > 0 || turns.arms.length < 2 || (byArm[0]?.length ?? 0) !== n) return null;
  const centres = blockMeans(byArm, n);
  const sums = new Float64Array(turns.arms.length);
  const squares = new Float64Array(turns.arms.length);
  byArm.forEach((logs, arm) => {
    addResiduals({ turns, logs, centres, sums, squares }, arm);
  });
  const [largest] = [...sums.keys()]
    .map((position) => slot(position, at(sums, position), at(squares, position), n))
    .sort((a, b) => Math.abs(b.logRatio) - Math.abs(a.logRatio));
  return largest === undefined
    ? null
    : { ...largest, clear: Math.abs(largest.logRatio) >= SMALLEST && largest.p < CLEAR_P / turns.arms.length };
}

interface Residuals {
  readonly turns: Turns;
  readonly logs: Series;
  readonly centres: Series;
  readonly sums: Series;
  readonly squares: Series;
}

function addResiduals({ turns, logs, centres, sums, squares }: Residuals, arm: number): void {
  const { complete, position, blocks } = turns;
  const effect = mean(logs) - mean(centres);
  for (let i = 0; i < logs.length; i++) {
    const place = at(position, arm * blocks + at(complete, i));
    const residual = at(logs, i) - at(centres, i) - effect;
    sums[place] = at(sums, place) + residual;
    squares[place] = at(squares, place) + residual ** 2;
  }
}

function blockMeans(byArm: readonly Series[], n: number): Series {
  const sums = new Float64Array(n);
  for (const logs of byArm) for (let i = 0; i < n; i++) sums[i] = at(sums, i) + at(logs, i) / byArm.length;
  return sums;
}

/** One-sample t test of the residuals at one place. */
function slot(position: number, sum: number, squares: number, n: number): Omit<SlotEffect, 'clear'> {
  const centre = sum / n;
  const spread = Math.sqrt(Math.max(0, squares - n * centre ** 2) / (n - 1));
  return {
    position,
    logRatio: centre,
    p: spread > 0 ? tTwoSided(centre / (spread / Math.sqrt(n)), n - 1) : Number(centre === 0),
  };
}
