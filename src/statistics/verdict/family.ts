import type { Analysis, Comparison, Verdict } from '../../model/analysis/analysis.js';
import { familyWarnings } from './comparison-warnings.js';
import { holm } from '../distributions/holm.js';
import { decide } from './verdict.js';

/** Of comparisons that test nothing. */
const UNTESTED: readonly Verdict[] = ['invalid', 'described', 'functional'];

/** A comparison that takes part: it has a p, and a verdict that rests on it. */
const isTested = ({ estimate, verdict }: Comparison): boolean => estimate !== null && !UNTESTED.includes(verdict);

/**
 * Judges all rows of a report together: p adjusted by Holm (1979), so that among any number of rows without a
 * difference one is called
 * faster or slower in at most 5 % of reports, whatever depends on what. Equivalence is a claim of each row alone.
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
    return { ...analysis, comparisons, warnings: renewed(analysis, comparisons) };
  });
}

/** What was said of the smaller family no longer holds. */
function renewed({ comparisons: before, warnings }: Analysis, comparisons: readonly Comparison[]): string[] {
  // Latency is compared in parallel scenarios, and in them alone.
  const parallel = before.some(({ metric }) => metric === 'latency');
  const outdated = new Set(familyWarnings(before, parallel));
  return [...warnings.filter((warning) => !outdated.has(warning)), ...familyWarnings(comparisons, parallel)];
}
