import type { ArmSummary } from '../../model/analysis/analysis.js';
import type { Description } from '../../model/analysis/description.js';
import { countArm } from './counts.js';
import { describeValues } from './describe.js';
import { tCritical } from '../distributions/distributions.js';
import { at, mean, variance, type Series } from '../distributions/moments.js';
import { inComplete, isComplete, type Turns } from '../paired/turns.js';

const SECOND = 1e9;

/** Counts, descriptions and totals of the arm at that place in the plan. */
export function summariseArm(turns: Turns, arm: number): ArmSummary {
  const { parallel } = turns;
  return {
    arm: turns.arms[arm] ?? '',
    ...countArm(turns, arm),
    wall: describeValues(ofOkTurns(turns, turns.wallNs, arm)),
    cpu: recorded(describeValues(ofOkTurns(turns, turns.cpuNs, arm))),
    latency: parallel ? describeValues(Float64Array.from(turns.containerWallNs[arm] ?? [])) : null,
    ...totalOf(turns, arm, parallel),
  };
}

/** A series' values of the arm's complete turns. */
function ofOkTurns(turns: Turns, values: Series, arm: number): Series {
  if (turns.complete.length === turns.blocks) return inComplete(turns, values, arm);
  const own = new Float64Array(turns.blocks);
  let found = 0;
  for (let turn = arm * turns.blocks; turn < (arm + 1) * turns.blocks; turn++) {
    if (isComplete(turns, turn)) own[found++] = at(values, turn);
  }
  return own.subarray(0, found);
}

/** An engine whose containers are not child processes reports 0 throughout, which describes nothing. */
const recorded = (description: Description | null): Description | null =>
  description === null || description.max === 0 ? null : description;

type Total = Pick<ArmSummary, 'totalSeconds' | 'totalSecondsLow' | 'totalSecondsHigh'>;

/** n (mean ± t s / sqrt(n)) of the wall times in complete blocks; in a parallel scenario their mean alone. */
function totalOf(turns: Turns, arm: number, parallel: boolean): Total {
  const walls = inComplete(turns, turns.wallNs, arm);
  const n = walls.length;
  if (n === 0) return { totalSeconds: null, totalSecondsLow: null, totalSecondsHigh: null };
  const scale = (parallel ? 1 : n) / SECOND;
  const centre = mean(walls);
  if (n === 1) return { totalSeconds: centre * scale, totalSecondsLow: null, totalSecondsHigh: null };
  const half = tCritical(0.95, n - 1) * Math.sqrt(variance(walls) / n);
  return {
    totalSeconds: centre * scale,
    totalSecondsLow: Math.max(0, centre - half) * scale,
    totalSecondsHigh: (centre + half) * scale,
  };
}
