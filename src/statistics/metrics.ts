import type { Metric } from '../model/analysis.js';
import type { PairedLogs } from './estimate.js';
import { at, series, type Series } from './moments.js';
import type { Turns } from './turns.js';

/** Natural logarithms of one metric: per arm, over the complete blocks in run order. */
export interface MetricLogs {
  readonly metric: Metric;
  readonly byArm: readonly Series[];
  /** Complete blocks left out of this metric, because a value of 0 has no logarithm. */
  readonly unusable: number;
  /** The metric cannot show a difference here, whatever the arms did. */
  readonly hidden: boolean;
}

/** CPU first: it needs the fewest blocks. Latency exists where a turn has several containers. */
export const metricsOf = (turns: Turns): MetricLogs[] =>
  [...timedMetricsOf(turns), ...(['maxRss', 'contextSwitches'] as const).map((metric) => logsOf(turns, metric))];

/** The metrics of time alone. */
export const timedMetricsOf = (turns: Turns): MetricLogs[] =>
  (turns.parallel ? (['cpu', 'wall', 'latency'] as const) : (['cpu', 'wall'] as const)).map((metric) => logsOf(turns, metric));

/** One metric's logarithms; empty series where it is hidden. */
export function logsOf(turns: Turns, metric: Metric): MetricLogs {
  if (metric === 'maxRss' && isHidden(turns)) return { metric, byArm: turns.arms.map(() => new Float64Array(0)), unusable: 0, hidden: true };
  const all = turns.arms.map((_, arm) => logsOfArm(turns, metric, arm * turns.blocks));
  const usable = series(turns.complete.length, (i) => (all.every((logs) => Number.isFinite(at(logs, i))) ? 1 : 0));
  const unusable = usable.length - usable.reduce((sum, one) => sum + one, 0);
  return { metric, byArm: unusable === 0 ? all : all.map((logs) => logs.filter((__, i) => at(usable, i) === 1)), unusable, hidden: false };
}

function logsOfArm(turns: Turns, metric: Metric, offset: number): Series {
  const { complete } = turns;
  // The mean of the batch's logarithms: one value per batch, because its containers share one fate.
  if (metric === 'latency') return series(complete.length, (i) => at(turns.latencyLogs, offset + at(complete, i)) / turns.perTurn);
  const values = { cpu: turns.cpuNs, wall: turns.wallNs, maxRss: turns.maxRssKiB, contextSwitches: turns.contextSwitches }[metric];
  return series(complete.length, (i) => Math.log(at(values, offset + at(complete, i))));
}

/**
 * Linux carries the peak memory of the starting process over into the child (vfork and exec keep it in ru_maxrss), so that a container smaller
 * than bench shows bench's own: every arm of a block then has the very same value.
 */
function isHidden({ arms, blocks, complete, maxRssKiB }: Turns): boolean {
  if (arms.length < 2) return false;
  let same = 0;
  for (let i = 0; i < complete.length; i++) {
    const first = at(maxRssKiB, at(complete, i));
    let equal = true;
    for (let arm = 1; arm < arms.length && equal; arm++) equal = at(maxRssKiB, arm * blocks + at(complete, i)) === first;
    if (equal) same++;
  }
  return complete.length > 0 && 2 * same > complete.length;
}

/** The logs of an arm beside those of its baseline and, where wanted, its control; by the arms' places in the plan. */
export function paired(logs: MetricLogs, arm: number, baseline: number, control: number | null): PairedLogs {
  const none = new Float64Array(0);
  return {
    arm: logs.byArm[arm] ?? none,
    baseline: logs.byArm[baseline] ?? none,
    control: control === null ? null : (logs.byArm[control] ?? none),
  };
}
