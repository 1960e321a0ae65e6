import { tCritical } from '../distributions/distributions.js';
import type { MetricLogs } from './metrics.js';
import { at, type Series } from '../distributions/moments.js';
import type { ComparedArm } from '../verdict/roles.js';
import type { Turns } from './turns.js';
import { trimmedOne } from './trimmed.js';

/** How much longer a start takes right after an arm. */
export interface CarryOver {
  readonly logRatio: number;
  readonly low: number;
  readonly high: number;
  /** Blocks that show it. */
  readonly blocks: number;
}

const FEWEST = 30;

/**
 * Baseline and control are the same, so in blocks where exactly one of them came right after the arm, the log ratio of
 * that one to the other is what the arm left behind; trimmed mean with its 95 % interval. `null` where there is no
 * control, or fewer than 30 such blocks.
 */
export function carryOverOf(
  turns: Turns,
  { byArm, unusable }: MetricLogs,
  { arm, baseline, control }: ComparedArm,
): CarryOver | null {
  const own = byArm[baseline];
  // A left-out block would shift the logs against the positions.
  if (control === null || unusable > 0 || own === undefined || own.length < FEWEST) return null;
  const copy = byArm[control] ?? own;
  const ratios = new Float64Array(own.length);
  let found = 0;
  for (let i = 0; i < turns.complete.length; i++) {
    const [first, second] = [follows(turns, i, baseline, arm), follows(turns, i, control, arm)];
    if (first === second) continue;
    const ratio = at(own, i) - at(copy, i);
    ratios[found++] = first ? ratio : -ratio;
  }
  return located(ratios.subarray(0, found));
}

/** Whether a turn came right after the arm's; the first of a block comes after the last of the block before. */
function follows(turns: Turns, index: number, turn: number, arm: number): boolean {
  const block = at(turns.complete, index);
  const position = at(turns.position, turn * turns.blocks + block);
  if (position > 0) return at(turns.position, arm * turns.blocks + block) === position - 1;
  return block > 0 && at(turns.position, arm * turns.blocks + block - 1) === turns.arms.length - 1;
}

function located(ratios: Series): CarryOver | null {
  const location = ratios.length < FEWEST ? null : trimmedOne(ratios);
  if (location === null) return null;
  const half = tCritical(0.95, location.degreesOfFreedom) * location.standardError;
  return { logRatio: location.value, low: location.value - half, high: location.value + half, blocks: ratios.length };
}
