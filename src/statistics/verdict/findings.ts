import type { Comparison, Diagnostic } from '../../model/analysis/analysis.js';
import { medianOf } from '../distributions/selection.js';
import type { Series } from '../distributions/moments.js';
import { carryOverOf } from '../paired/carry-over.js';
import type { MetricLogs } from '../paired/metrics.js';
import type { Roles } from './roles.js';
import { largestSlotEffect } from '../paired/slots.js';
import type { Turns } from '../paired/turns.js';

/** A run's series and how it was run. */
export interface Running {
  readonly turns: Turns;
  readonly roles: Roles;
}

/** Slot effect, drift and carry-over of one metric, dependence and tails of each comparison in it. */
export function diagnosticsOf(logs: MetricLogs, comparisons: readonly Comparison[], running: Running): Diagnostic[] {
  const own = comparisons.filter(({ metric }) => metric === logs.metric);
  return [
    ...slotFinding(logs, running.turns),
    ...driftFinding(logs, running),
    ...(running.turns.parallel ? [] : own.flatMap((comparison) => carryOverFinding(comparison, logs, running))),
    ...own.flatMap((comparison) => [...dependence(comparison), ...tails(comparison)]),
  ];
}

function slotFinding(logs: MetricLogs, turns: Turns): Diagnostic[] {
  const slot = largestSlotEffect(turns, logs);
  return slot === null ? [] : [{ kind: 'slot', metric: logs.metric, ...slot }];
}

/** Fewer blocks give a quarter of the run too few values for a median. */
const FEWEST_FOR_DRIFT = 40;
const CLEAR_DRIFT = Math.log1p(0.1);

/** Log ratio of the medians of a run's last and first quarter (`logs` in run order); `null` below 40 blocks. */
function driftOf(logs: Series): { readonly logRatio: number; readonly clear: boolean } | null {
  if (logs.length < FEWEST_FOR_DRIFT) return null;
  const quarter = Math.floor(logs.length / 4);
  const logRatio = medianOf(logs.subarray(logs.length - quarter)) - medianOf(logs.subarray(0, quarter));
  return { logRatio, clear: Math.abs(logRatio) > CLEAR_DRIFT };
}

function driftFinding({ metric, byArm }: MetricLogs, { roles }: Running): Diagnostic[] {
  const drift = driftOf(byArm[roles.baseline] ?? new Float64Array(0));
  return drift === null ? [] : [{ kind: 'drift', metric, ...drift }];
}

/**
 * A shuffled block of k arms gives 1/k of what an arm leaves behind back to every arm, so the effect comes out smaller
 * by that.
 */
function carryOverFinding({ arm, metric }: Comparison, logs: MetricLogs, { turns, roles }: Running): Diagnostic[] {
  const compared = roles.compared.find((one) => turns.arms[one.arm] === arm);
  const found = compared === undefined ? null : carryOverOf(turns, logs, compared);
  if (found === null) return [];
  const clear = found.low > 0 || found.high < 0;
  return [{ kind: 'carryOver', metric, arm, ...found, clear, shrinksBy: Math.abs(found.logRatio) / turns.arms.length }];
}

function dependence({ arm, metric, estimate }: Comparison): Diagnostic[] {
  const lag1 = estimate?.lag1 ?? null;
  return lag1 === null ? [] : [{ kind: 'dependence', metric, arm, lag1, clear: estimate?.dependent === true }];
}

function tails({ arm, metric, estimate }: Comparison): Diagnostic[] {
  const z = estimate?.tailZ ?? null;
  if (estimate === null || z === null) return [];
  const { tailDiffers: clear, meanLogRatio, logRatio } = estimate;
  return [{ kind: 'tails', metric, arm, z, meanLogRatio, logRatio, clear }];
}
