import type { Comparison, Diagnostic } from '../../model/analysis/analysis.js';
import { carryOverOf } from '../paired/carry-over.js';
import { driftOf } from '../paired/drift.js';
import type { MetricLogs } from '../paired/metrics.js';
import { metricName, percent, probability, share } from './names.js';
import type { Roles } from './roles.js';
import { largestSlotEffect } from '../paired/slots.js';
import type { Turns } from '../paired/turns.js';

/** A run's series and how it was run. */
export interface Running {
  readonly turns: Turns;
  readonly roles: Roles;
}

/**
 * Slot effect, drift and carry-over of one metric, dependence and tails of each comparison in it: numbers with what
 * they mean.
 */
export function diagnosticsOf(logs: MetricLogs, comparisons: readonly Comparison[], running: Running): Diagnostic[] {
  const own = comparisons.filter(({ metric }) => metric === logs.metric);
  return [
    ...slotFinding(logs, running.turns),
    ...driftFinding(logs, running),
    ...(running.turns.parallel ? [] : own.flatMap((comparison) => carryOverFinding(comparison, logs, running))),
    ...own.flatMap((comparison) => [
      ...dependence(comparison, running.turns.parallel),
      ...tails(comparison, running.turns.parallel),
    ]),
  ];
}

function slotFinding(logs: MetricLogs, turns: Turns): Diagnostic[] {
  const slot = largestSlotEffect(turns, logs);
  if (slot === null) return [];
  const { position, logRatio, p, clear } = slot;
  const name = metricName(logs.metric, turns.parallel);
  const seen = `Turn ${position + 1} of a block measures ${percent(logRatio)} in ${name} (${probability(p)})`;
  return [
    {
      kind: 'slot',
      metric: logs.metric,
      position,
      logRatio,
      p,
      clear,
      meaning: `${seen}: ${clear ? 'the shuffled order shares that out fairly among the arms; --pause 5 may remove it.' : 'the place in the block does not matter here.'}`,
    },
  ];
}

function driftFinding({ metric, byArm }: MetricLogs, { turns, roles }: Running): Diagnostic[] {
  const drift = driftOf(byArm[roles.baseline] ?? new Float64Array(0));
  if (drift === null) return [];
  return [
    {
      kind: 'drift',
      metric,
      ...drift,
      meaning: `The machine's level moved by ${percent(drift.logRatio)} in ${metricName(metric, turns.parallel)} from the first to the last quarter of the run: ratios within blocks bear that, ${drift.clear ? 'medians and totals do not' : 'and so little does not touch the medians'}.`,
    },
  ];
}

/**
 * A shuffled block of k arms gives back 1/k of what an arm leaves behind to either side, so the effect comes out
 * smaller by that.
 */
function carryOverFinding({ arm, metric }: Comparison, logs: MetricLogs, { turns, roles }: Running): Diagnostic[] {
  const found = carryOverOf(turns, logs, turns.arms.indexOf(arm), roles);
  if (found === null) return [];
  const clear = found.low > 0 || found.high < 0;
  const seen = `${arm}: a start right after it measures ${percent(found.logRatio)} in ${metricName(metric, turns.parallel)} (95 % interval ${percent(found.low)} to ${percent(found.high)}, ${found.blocks} blocks)`;
  const shrinks = share(Number((Math.abs(found.logRatio) / turns.arms.length).toPrecision(2)));
  return [
    {
      kind: 'carryOver',
      metric,
      arm,
      ...found,
      clear,
      meaning: `${seen}: ${
        clear
          ? `the shuffled order gives a part of that to every arm, so the effect comes out about ${shrinks} too small; --pause 5 removes most of it.`
          : 'not beyond chance, so nothing to correct for.'
      }`,
    },
  ];
}

function dependence({ arm, metric, estimate }: Comparison, parallel: boolean): Diagnostic[] {
  const lag1 = estimate?.lag1 ?? null;
  if (lag1 === null) return [];
  const dependent = estimate?.dependent === true;
  const subject = `${arm}, ${metricName(metric, parallel)}`;
  return [
    {
      kind: 'dependence',
      metric,
      arm,
      lag1,
      clear: dependent,
      meaning: dependent
        ? `${subject}: neighbouring blocks resemble each other (lag-1 autocorrelation ${lag1.toFixed(2)}): the interval was taken over means of 5 blocks; run again on a quieter machine for a sharper one.`
        : `${subject}: blocks are as good as independent (lag-1 autocorrelation ${lag1.toFixed(2)}).`,
    },
  ];
}

function tails({ arm, metric, estimate }: Comparison, parallel: boolean): Diagnostic[] {
  const z = estimate?.tailZ ?? null;
  if (estimate === null || z === null) return [];
  const { tailDiffers, meanLogRatio, logRatio } = estimate;
  const subject = `${arm}, ${metricName(metric, parallel)}`;
  return [
    {
      kind: 'tails',
      metric,
      arm,
      z,
      meanLogRatio,
      clear: tailDiffers,
      meaning: tailDiffers
        ? `${subject}: the tails differ (z = ${z.toFixed(1)}; mean ${percent(meanLogRatio)}, trimmed mean ${percent(logRatio)}): rare slow starts are part of the effect, so look at the distributions beside the ratio.`
        : `${subject}: mean and trimmed mean agree (z = ${z.toFixed(1)}): the arms' tails do not differ beyond chance.`,
    },
  ];
}
