import type { Metric } from '../../model/analysis/analysis.js';

/**
 * A log ratio as signed percent: -36.9 % for ln(0.631). Two decimals below 10 %, one above; what rounds to 0 has no
 * sign.
 */
export function percent(logRatio: number): string {
  const text = size(logRatio);
  return text === '0.00 %' ? text : `${logRatio < 0 ? '-' : '+'}${text}`;
}

/** The same without its sign. */
export function size(logRatio: number): string {
  const value = Math.abs(100 * Math.expm1(logRatio));
  return `${value.toFixed(value < 10 ? 2 : 1)} %`;
}

/** A share as plain percent, three digits at most: 1 % for 0.01. */
export const share = (value: number): string => `${Number((100 * value).toPrecision(3))} %`;

/** The metric's name in a sentence. */
export function metricName(metric: Metric, parallel: boolean): string {
  switch (metric) {
    case 'cpu':
      return parallel ? 'CPU time of a batch' : 'CPU time';
    case 'wall':
      return parallel ? 'makespan' : 'wall time';
    case 'latency':
      return 'container latency';
    case 'maxRss':
      return 'peak memory';
    case 'contextSwitches':
      return parallel ? 'context switches of a batch' : 'context switches';
  }
}

/** A count with its noun: 1 block, 1,400 blocks. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count.toLocaleString('en-US')} ${count === 1 ? noun : plural}`;

/** A p value for a sentence; never a bare 0. */
export const probability = (p: number): string => (p < 0.0001 ? 'p < 0.0001' : `p = ${Number(p.toPrecision(2))}`);
