import type { ControlCheck, Estimate, Verdict } from '../model/analysis.js';
import { FEWEST_FOR_VERDICT } from '../model/scenario.js';

/** Below this the A/A check is invalid; one honest run in a thousand. */
const INVALID_P = 0.001;
const WARNING_P = 0.01;
/** The exact p of fewer blocks cannot fall below the warning limit: 2 / 2^7 is 0.016. */
const FEWEST_FOR_CHECK = 8;

/** What the A/A check says of a metric. */
export function controlState(estimate: Estimate | null): ControlCheck['state'] {
  if (estimate === null || estimate.blocks < FEWEST_FOR_CHECK) return 'unknown';
  if (estimate.p < INVALID_P) return 'invalid';
  return estimate.p < WARNING_P ? 'warning' : 'ok';
}

/**
 * The verdict of one comparison, first rule that applies: the check failed - invalid; fewer than 20 blocks - described;
 * the 95 % interval excludes 0 - faster or slower, also where the effect is smaller than the margin (the sentence then says so:
 * a real difference is not called none); two one-sided tests passed - equivalent; else inconclusive.
 */
export function decide(estimate: Estimate | null, control: ControlCheck['state']): Verdict {
  if (control === 'invalid') return 'invalid';
  if (estimate === null || estimate.blocks < FEWEST_FOR_VERDICT) return 'described';
  if (estimate.high < 0) return 'faster';
  if (estimate.low > 0) return 'slower';
  return estimate.equivalent ? 'equivalent' : 'inconclusive';
}
