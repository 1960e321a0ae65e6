import type { Analysis, Comparison, Metric, Verdict } from '../../model/analysis/analysis.js';
import type { GateMetric, GateOptions } from '../../model/run/gate.js';

/** The outcome for the job: `slower` goes before `unevaluated`, and that before `unresolved`. */
export interface GateOutcome {
  readonly state: 'passed' | 'slower' | 'unevaluated' | 'unresolved';
  /** Those that decided it; `unevaluated` without one: there was nothing to compare. */
  readonly comparisons: readonly Comparison[];
}

/**
 * Asks of analyses what a job wants to know.
 *
 * `slower`: still slower after Holm, with the whole interval beyond the limit, so that noise alone fails a job in at
 * most 5 % of honest runs. `unevaluated`: a limit was given, and a comparison is not decided: invalid,
 * inconclusive, too few blocks, emulated, not recorded. `unresolved`: `strict` was asked for, and a comparison is
 * inconclusive, invalid or described.
 */
export function gate(analyses: readonly Analysis[], { failIfSlower, strict, metric }: GateOptions): GateOutcome {
  const required = analyses.flatMap(({ comparisons }) => requiredOf(comparisons, metric));
  if (failIfSlower !== null) {
    const limit = Math.log1p(failIfSlower);
    const slower = analyses
      .flatMap(({ comparisons }) => comparisons.filter((one) => isAsked(one, metric ?? 'both')))
      .filter(({ family, estimate }) => family?.verdict === 'slower' && (estimate?.low ?? 0) > limit);
    if (slower.length > 0) return { state: 'slower', comparisons: slower };
    const open = required.filter((one) => !isDecided(verdictOf(one)));
    if (open.length > 0 || required.length === 0) return { state: 'unevaluated', comparisons: open };
  }
  const open = strict ? required.filter((one) => UNRESOLVED.includes(verdictOf(one))) : [];
  return open.length > 0 ? { state: 'unresolved', comparisons: open } : { state: 'passed', comparisons: required };
}

const UNRESOLVED: readonly Verdict[] = ['inconclusive', 'invalid', 'described'];

/** The verdict as one of all tests of the report. */
const verdictOf = ({ verdict, family }: Comparison): Verdict => family?.verdict ?? verdict;

/** Whether a verdict answers how an arm compares with its baseline. */
export const isDecided = (verdict: Verdict): boolean =>
  verdict === 'faster' || verdict === 'slower' || verdict === 'equivalent';

/** Latency describes; memory and switches are no times. */
const isAsked = ({ metric }: Comparison, asked: GateMetric): boolean =>
  asked === 'both' ? metric === 'cpu' || isWall(metric) : metric === asked || (asked === 'wall' && isWall(metric));

/** Under the load of the other arm wall time differs less than alone, so what is slower there is slower alone too. */
const isWall = (metric: Metric): boolean => metric === 'wall' || metric === 'duetWall';

/** Of the two rows of wall time that a run with duet blocks has, one that is decided is enough. */
function isToldByOther(own: Comparison, comparisons: readonly Comparison[]): boolean {
  if (!isWall(own.metric)) return false;
  const other = comparisons.find(({ arm, metric }) => arm === own.arm && isWall(metric) && metric !== own.metric);
  if (other === undefined) return false;
  const [isOwn, isOther] = [own, other].map((one) => isDecided(verdictOf(one)));
  return own.metric === 'wall' ? isOther === true || isOwn !== true : isOther === true && isOwn !== true;
}

/** The comparisons that have to be decided: of each arm CPU time, or wall time where no CPU time was recorded. */
function requiredOf(comparisons: readonly Comparison[], metric: GateMetric | undefined): readonly Comparison[] {
  if (metric !== undefined)
    return comparisons.filter((comparison) => isAsked(comparison, metric) && !isToldByOther(comparison, comparisons));
  return comparisons.flatMap((comparison) => {
    if (comparison.metric !== 'cpu') return [];
    if (comparison.estimate !== null || comparison.verdict === 'invalid') return [comparison];
    return [comparisons.find(({ arm, metric: own }) => arm === comparison.arm && own === 'wall') ?? comparison];
  });
}
