import type { Analysis, Comparison, Metric, Verdict } from '../../model/analysis/analysis.js';
import { familyWarnings } from './comparison-warnings.js';
import { decide } from './verdict.js';

/** Of comparisons that test nothing. */
const UNTESTED: readonly Verdict[] = ['invalid', 'described', 'functional'];

/** Rows that only describe: counting more must not make the others harder to prove. */
const DESCRIBING: readonly Metric[] = ['pageFaults', 'userInstructions', 'kernelInstructions'];

/** A comparison that takes part: it has a p, and a verdict that rests on it. */
const isTested = ({ metric, estimate, verdict }: Comparison): boolean =>
  estimate !== null && !UNTESTED.includes(verdict) && !DESCRIBING.includes(metric);

/**
 * Judges all rows of a report together: p adjusted by Holm (1979), so that for any number of rows without a difference
 * one is called faster or slower in at most 5 % of reports, however the rows depend on each other.
 * Equivalence is a claim of each row alone.
 */
export function judgeTogether(comparisons: readonly Comparison[]): Comparison[] {
  const adjusted = holm(comparisons.filter(isTested).map(({ estimate }) => estimate?.p ?? 1));
  let next = 0;
  return comparisons.map((comparison) => {
    if (comparison.estimate === null || !isTested(comparison)) return { ...comparison, family: null };
    const p = adjusted[next++] ?? 1;
    return { ...comparison, family: { p, verdict: decide(comparison.estimate, p), rows: adjusted.length } };
  });
}

/** The same analyses, with the rows of all of them judged as one family: for a report of several runs. */
export function judgeReport(analyses: readonly Analysis[]): Analysis[] {
  const judged = judgeTogether(analyses.flatMap(({ comparisons }) => comparisons));
  let from = 0;
  return analyses.map((analysis) => {
    const comparisons = judged.slice(from, from + analysis.comparisons.length);
    from += comparisons.length;
    return { ...analysis, comparisons, warnings: renewed(analysis.warnings, comparisons) };
  });
}

/** The warnings of the smaller family no longer apply. */
const renewed = (warnings: Analysis['warnings'], comparisons: readonly Comparison[]): Analysis['warnings'] => [
  ...warnings.filter(({ code }) => code !== 'notByHolm'),
  ...familyWarnings(comparisons),
];

/** Holm's step-down adjustment (1979) of p values tested together, in the order given. */
export function holm(values: readonly number[]): number[] {
  const order = values.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(values.length).fill(1);
  let largest = 0;
  order.forEach(({ p, index }, rank) => {
    largest = Math.max(largest, Math.min(1, (values.length - rank) * p));
    adjusted[index] = largest;
  });
  return adjusted;
}
