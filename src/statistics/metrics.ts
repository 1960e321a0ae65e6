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
}

/** CPU first: it needs the fewest blocks. Latency exists where a turn has several containers. */
export const metricsOf = (turns: Turns, parallel: boolean): MetricLogs[] =>
  (parallel ? (['cpu', 'wall', 'latency'] as const) : (['cpu', 'wall'] as const)).map((metric) => logsOf(turns, metric));

function logsOf(turns: Turns, metric: Metric): MetricLogs {
  const all = turns.arms.map((_, arm) => {
    const log = logOf(turns, metric, arm * turns.blocks);
    return series(turns.complete.length, (i) => log(at(turns.complete, i)));
  });
  const usable = series(turns.complete.length, (i) => (all.every((logs) => Number.isFinite(at(logs, i))) ? 1 : 0));
  const unusable = usable.length - usable.reduce((sum, one) => sum + one, 0);
  return { metric, byArm: unusable === 0 ? all : all.map((logs) => logs.filter((__, i) => at(usable, i) === 1)), unusable };
}

function logOf(turns: Turns, metric: Metric, offset: number): (block: number) => number {
  switch (metric) {
    case 'cpu':
      return (block) => Math.log(at(turns.cpuNs, offset + block));
    case 'wall':
      return (block) => Math.log(at(turns.wallNs, offset + block));
    case 'latency':
      // The mean of the batch's logarithms: one value per batch, because its containers share one fate.
      return (block) => at(turns.latencyLogs, offset + block) / turns.perTurn;
  }
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
