import type { Comparison, ControlCheck, Estimate, Metric } from '../model/analysis.js';
import { blocksToFind, roundedUp } from './planning.js';
import { FEWEST_FOR_VERDICT } from '../model/scenario.js';

/** What a sentence about a comparison needs beside the comparison. */
export interface Circumstances {
  readonly parallel: boolean;
  readonly margin: number;
  readonly check: ControlCheck | undefined;
  /** Complete blocks of the run, whether or not this metric could use them. */
  readonly blocksComplete: number;
}

/** A log ratio as signed percent: -36.9 % for ln(0.631). Two decimals below 10 %, one above; what rounds to 0 has no sign. */
export function percent(logRatio: number): string {
  const text = size(logRatio);
  return text === '0.00 %' ? text : `${logRatio < 0 ? '-' : '+'}${text}`;
}

/** The same without its sign. */
function size(logRatio: number): string {
  const value = Math.abs(100 * Math.expm1(logRatio));
  return `${value.toFixed(value < 10 ? 2 : 1)} %`;
}

/** A share as plain percent: 1 % for 0.01. */
export const share = (value: number): string => `${Number((100 * value).toPrecision(3))} %`;

/** The metric's name in a sentence. */
export function metricName(metric: Metric, parallel: boolean): string {
  if (metric === 'cpu') return parallel ? 'CPU time of a batch' : 'CPU time';
  if (metric === 'wall') return parallel ? 'makespan' : 'wall time';
  return 'container latency';
}

/** A count with its noun: 1 block, 1,400 blocks. */
export const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;

const interval = ({ low, high, blocks }: Estimate): string =>
  `95 % interval ${percent(low)} to ${percent(high)}, ${counted(blocks, 'block')}`;

/** A p value for a sentence; never a bare 0. */
export const probability = (p: number): string => (p < 0.0001 ? 'p < 0.0001' : `p = ${Number(p.toPrecision(2))}`);

/** One sentence: why this verdict, and what to do next. */
export function because(comparison: Omit<Comparison, 'because'>, circumstances: Circumstances): string {
  const { estimate, verdict, arm, baseline, metric } = comparison;
  const name = metricName(metric, circumstances.parallel);
  const margin = share(circumstances.margin);
  if (verdict === 'invalid') return invalid(comparison, circumstances, name);
  if (estimate === null || verdict === 'described') return described(estimate, circumstances, name);
  switch (verdict) {
    case 'faster':
    case 'slower':
      return `${arm} takes ${size(estimate.logRatio)} ${verdict === 'faster' ? 'less' : 'more'} ${name} than ${baseline} (${interval(estimate)}): ${
        estimate.equivalent
          ? `a real difference, but smaller than the margin of ${margin}; judge whether so little matters.`
          : 'more than chance explains on this machine; repeat with another --seed before you publish it.'}`;
    case 'equivalent':
      return `${arm} and ${baseline} differ by less than the margin of ${margin} in ${name} (${percent(estimate.logRatio)}, ${interval(estimate)}): treat them as equal, or ask again with a smaller --margin.`;
    case 'inconclusive':
      return `${arm} against ${baseline} is ${percent(estimate.logRatio)} in ${name} (${interval(estimate)}): neither a difference nor equality within ${margin} is shown; ${more(estimate, metric, circumstances)}.`;
  }
}

const optionFor = (parallel: boolean): string => (parallel ? '--rounds' : '--count');

function described(estimate: Estimate | null, { parallel, blocksComplete }: Circumstances, name: string): string {
  if (estimate === null) {
    return blocksComplete === 0
      ? 'No block is complete, so nothing can be compared: see the failures, cure their cause and run again.'
      : `No ${name} above 0 was recorded, so it cannot be compared: use another engine for this metric.`;
  }
  return `Only ${counted(estimate.blocks, 'complete block')}, so this describes and decides nothing: run at least ${FEWEST_FOR_VERDICT} (${optionFor(parallel)} ${FEWEST_FOR_VERDICT}).`;
}

function invalid({ baseline, control }: Omit<Comparison, 'because'>, { check }: Circumstances, name: string): string {
  const seen = check?.estimate ?? null;
  const difference = seen === null ? '' : ` by ${percent(seen.logRatio)} (${probability(seen.p)})`;
  return `${baseline} and its own copy ${control ?? 'control'} differ${difference} in ${name}, so something other than the spec decides: find what else ran or changed, then run again with --pause 5.`;
}

function more(estimate: Estimate, metric: Metric, { margin, parallel }: Circumstances): string {
  const needed = Math.max(blocksToFind(margin, estimate, metric) ?? 0, 2 * estimate.blocks);
  const blocks = roundedUp(needed);
  return `about ${counted(blocks, 'block')} would settle it (${optionFor(parallel)} ${blocks})`;
}
