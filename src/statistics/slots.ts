import { tTwoSided } from './distributions.js';
import type { MetricLogs } from './metrics.js';
import { at, mean, series, type Series } from './moments.js';
import type { Turns } from './turns.js';

/** How much a place in the block shifts a metric, the arms' own effects taken out. */
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
/** A tenth of a percent: less is of no use to know, and with exactly equal times only rounding. */
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
    const effect = mean(logs) - mean(centres);
    for (let i = 0; i < n; i++) {
      const position = at(turns.position, arm * turns.blocks + at(turns.complete, i));
      const residual = at(logs, i) - at(centres, i) - effect;
      sums[position] = at(sums, position) + residual;
      squares[position] = at(squares, position) + residual ** 2;
    }
  });
  const [largest] = [...sums.keys()].map((position) => slot(position, at(sums, position), at(squares, position), n))
    .sort((a, b) => Math.abs(b.logRatio) - Math.abs(a.logRatio));
  return largest === undefined ? null : { ...largest, clear: Math.abs(largest.logRatio) >= SMALLEST && largest.p < CLEAR_P / turns.arms.length };
}

function blockMeans(byArm: readonly Series[], n: number): Series {
  return series(n, (i) => {
    let sum = 0;
    for (const logs of byArm) sum += at(logs, i);
    return sum / byArm.length;
  });
}

/** One-sample t test of the residuals at one place. */
function slot(position: number, sum: number, squares: number, n: number): Omit<SlotEffect, 'clear'> {
  const centre = sum / n;
  const spread = Math.sqrt(Math.max(0, squares - n * centre ** 2) / (n - 1));
  return { position, logRatio: centre, p: spread > 0 ? tTwoSided(centre / (spread / Math.sqrt(n)), n - 1) : Number(centre === 0) };
}
