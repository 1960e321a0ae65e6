import type { Counted, Metric } from '../../model/analysis/judgement.js';
import type { PairLogs } from './duet-turns.js';
import { pairLogs } from './duet-turns.js';
import type { PairedLogs, PairedRatios } from './estimate.js';
import { at, series, type Series } from '../distributions/moments.js';
import { inComplete, type Turns } from './turns.js';

/** Natural logarithms of one metric: per arm, over the complete blocks in run order. */
export interface MetricLogs {
  readonly metric: Metric;
  readonly byArm: readonly Series[];
  /** Complete blocks left out of this metric, because a value of 0 has no logarithm. */
  readonly unusable: number;
  /** The metric cannot show any difference between the arms here. */
  readonly hidden: boolean;
  /** Of duet blocks: log ratios within pairs, in place of `byArm`, whose series are empty. */
  readonly pairs?: PairLogs;
}

/** CPU first: it needs the fewest blocks. Latency exists where a turn has several containers. */
export const metricsOf = (turns: Turns): MetricLogs[] => [
  ...timedMetricsOf(turns),
  ...countedMetricsOf(turns).map((metric) => logsOf(turns, metric)),
];

/** Instructions only where some were counted. */
const countedMetricsOf = ({ hasInstructions }: Turns): readonly Counted[] => [
  'maxRss',
  'contextSwitches',
  'pageFaults',
  ...(hasInstructions ? (['userInstructions', 'kernelInstructions'] as const) : []),
];

/** The metrics of time alone. With duet blocks CPU time comes from them, and wall time from either kind of block. */
export function timedMetricsOf(turns: Turns): MetricLogs[] {
  const own = turns.parallel ? (['cpu', 'wall', 'latency'] as const) : (['cpu', 'wall'] as const);
  const metrics = turns.duet === null ? own : (['cpu', 'duetWall', 'wall'] as const);
  return metrics.map((metric) => logsOf(turns, metric));
}

/** One metric's logarithms; empty series where it is hidden. */
export function logsOf(turns: Turns, metric: Metric): MetricLogs {
  if (metric === 'duetWall' || (metric === 'cpu' && turns.duet !== null)) return duetLogs(turns, metric);
  if (metric === 'maxRss' && isHidden(turns))
    return { metric, byArm: turns.arms.map(() => new Float64Array(0)), unusable: 0, hidden: true };
  const all = turns.arms.map((_, arm) => logsOfArm(turns, metric, arm));
  const usable = usableBlocks(all);
  const unusable = turns.complete.length - (usable?.length ?? turns.complete.length);
  return {
    metric,
    byArm: usable === null ? all : all.map((logs) => series(usable.length, (i) => at(logs, at(usable, i)))),
    unusable,
    hidden: false,
  };
}

function duetLogs({ arms, duet }: Turns, metric: 'cpu' | 'duetWall'): MetricLogs {
  const empty = { metric, byArm: arms.map(() => new Float64Array(0)), unusable: 0, hidden: false };
  if (duet === null) return empty;
  const { of, unusable } = pairLogs(duet, duet.complete, metric);
  return { ...empty, unusable, pairs: of };
}

/** A plain loop per case: a shared one with a function per value is several times slower. */
function logsOfArm(turns: Turns, metric: Exclude<Metric, 'duetWall'>, arm: number): Series {
  const { complete, perTurn } = turns;
  const logs = new Float64Array(complete.length);
  if (metric === 'latency') {
    // The mean of the batch's logarithms: one value per batch, because its containers share one fate.
    const sums = inComplete(turns, turns.latencyLogs, arm);
    for (let i = 0; i < logs.length; i++) logs[i] = at(sums, i) / perTurn;
    return logs;
  }
  const values = {
    cpu: turns.cpuNs,
    wall: turns.wallNs,
    maxRss: turns.maxRssKiB,
    contextSwitches: turns.contextSwitches,
    pageFaults: turns.pageFaults,
    userInstructions: turns.userInstructions,
    kernelInstructions: turns.kernelInstructions,
  }[metric];
  const own = inComplete(turns, values, arm);
  for (let i = 0; i < logs.length; i++) logs[i] = Math.log(at(own, i));
  return logs;
}

/** Places at which every arm has a finite logarithm; `null` where that is all of them. */
function usableBlocks(byArm: readonly Series[]): Series | null {
  if (byArm.every(allFinite)) return null;
  return Float64Array.from(
    [...(byArm[0] ?? []).keys()].filter((i) => byArm.every((logs) => Number.isFinite(at(logs, i)))),
  );
}

function allFinite(logs: Series): boolean {
  for (let i = 0; i < logs.length; i++) if (!Number.isFinite(at(logs, i))) return false;
  return true;
}

/**
 * Linux carries the peak memory of the starting process over into the child (vfork and exec keep it in ru_maxrss), so
 * that a container smaller than bench shows bench's own: every arm of a block then has exactly the same value.
 */
function isHidden({ arms, blocks, complete, maxRssKiB }: Turns): boolean {
  if (arms.length < 2) return false;
  let same = 0;
  for (let i = 0; i < complete.length; i++) {
    const first = at(maxRssKiB, at(complete, i));
    let equal = true;
    for (let arm = 1; arm < arms.length && equal; arm++)
      equal = at(maxRssKiB, arm * blocks + at(complete, i)) === first;
    if (equal) same++;
  }
  return complete.length > 0 && 2 * same > complete.length;
}

/**
 * The logs of an arm with those of its baseline and, optionally, its control, or their log ratios; by the arms' places
 * in the plan.
 */
export function paired(
  logs: MetricLogs,
  arm: number,
  baseline: number,
  control: number | null,
): PairedLogs | PairedRatios {
  const none = new Float64Array(0);
  if (logs.pairs !== undefined)
    return {
      toBaseline: logs.pairs(arm, baseline),
      toControl: control === null ? null : logs.pairs(arm, control),
    };
  return {
    arm: logs.byArm[arm] ?? none,
    baseline: logs.byArm[baseline] ?? none,
    control: control === null ? null : (logs.byArm[control] ?? none),
  };
}
