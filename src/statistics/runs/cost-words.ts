import type { Amount, FilterCost } from '../../model/analysis/workload-analysis.js';
import { metricName } from '../verdict/names.js';

/** What was predicted of an arm, what was measured, and whether the one is the other; one sentence. */
export function costSentence({
  arm,
  baseline,
  metric,
  start,
  calls,
  predicted,
  measured,
  agree,
}: Omit<FilterCost, 'sentence'>): string {
  const name = metricName(metric, false);
  if (measured === null) return `${arm} against ${baseline}: no block is complete, so nothing is there to be explained`;
  const found =
    measured.ns < 0
      ? `${arm} takes ${spanText(negated(measured))} less ${name} than ${baseline}`
      : `${arm} takes ${spanText(measured)} more ${name} than ${baseline}`;
  if (predicted === null || start === null || calls === null) {
    const known = [
      ...(start === null ? [] : [`its start alone ${spanText(start)}`]),
      ...(calls === null ? [] : [`its system calls ${spanText(calls)}`]),
    ];
    return `${found}${known.length === 0 ? '; nothing was predicted of it' : `; of that ${known.join(' and ')}`}`;
  }
  const sum = `predicted are ${spanText(predicted)}: ${spanText(start)} at its start and ${spanText(calls)} for its system calls`;
  if (agree === null) return `${found}; ${sum}; too few blocks to hold one against the other`;
  return `${found}; ${sum}; ${agree ? 'the two agree' : measured.ns > predicted.ns ? "the rest is not the filter's work on system calls" : 'it costs less than predicted'}`;
}

const negated = ({ ns, low, high }: Amount): Amount => ({
  ns: -ns,
  low: high === null ? null : -high,
  high: low === null ? null : -low,
});

/** `1.23 ms [1.10, 1.36]`, in the unit of its size. */
export function spanText({ ns, low, high }: Amount): string {
  const [unit, divisor] = unitOf(Math.max(Math.abs(ns), Math.abs(low ?? 0), Math.abs(high ?? 0)));
  const number = (value: number): string => {
    const text = (value / divisor).toFixed(2);
    return text === '-0.00' ? '0.00' : text.replace('-', '\u2212');
  };
  return low === null || high === null
    ? `${number(ns)} ${unit}`
    : `${number(ns)} ${unit} [${number(low)}, ${number(high)}]`;
}

function unitOf(size: number): readonly [string, number] {
  if (size >= 1e9) return ['s', 1e9];
  if (size >= 1e6) return ['ms', 1e6];
  return size >= 1e3 ? ['\u00b5s', 1e3] : ['ns', 1];
}
