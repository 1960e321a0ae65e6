import type { Analysis, Comparison } from '../../model/analysis/analysis.js';
import { isTimed } from '../../model/analysis/judgement.js';

/** What a CI job asks of a run. */
export interface GateOptions {
  /** A share; `null` = do not ask. */
  readonly failIfSlower: number | null;
  readonly strict: boolean;
}

/** The outcome for the job; `slower` goes before `unresolved`. */
export type GateOutcome =
  | { readonly state: 'passed' }
  | { readonly state: 'slower' | 'unresolved'; readonly comparisons: readonly Comparison[] };

/**
 * Holds analyses to what was asked. Slower: CPU or wall time, still slower after Holm, with the whole interval beyond
 * the limit, so that noise alone fails a job in at most 5 % of honest runs. Unresolved: the primary metric of an arm is
 * inconclusive, invalid or described. An emulated run (`functional`) has no times to fail by, and is neither.
 */
export function gate(analyses: readonly Analysis[], { failIfSlower, strict }: GateOptions): GateOutcome {
  const all = analyses.flatMap(({ comparisons }) => comparisons);
  if (failIfSlower !== null) {
    const limit = Math.log1p(failIfSlower);
    const slower = all.filter(
      ({ metric, family, estimate }) =>
        isTimed(metric) && metric !== 'latency' && family?.verdict === 'slower' && (estimate?.low ?? 0) > limit,
    );
    if (slower.length > 0) return { state: 'slower', comparisons: slower };
  }
  const open = strict ? analyses.flatMap(({ comparisons }) => primaries(comparisons)).filter(isOpen) : [];
  return open.length > 0 ? { state: 'unresolved', comparisons: open } : { state: 'passed' };
}

/** Of each arm CPU time, or wall time where no CPU time was recorded. */
function primaries(comparisons: readonly Comparison[]): Comparison[] {
  return comparisons.flatMap((comparison) => {
    if (comparison.metric !== 'cpu') return [];
    if (comparison.estimate !== null || comparison.verdict === 'invalid') return [comparison];
    return [comparisons.find(({ arm, metric }) => arm === comparison.arm && metric === 'wall') ?? comparison];
  });
}

function isOpen({ verdict, family }: Comparison): boolean {
  const own = family?.verdict ?? verdict;
  return own === 'inconclusive' || own === 'invalid' || own === 'described';
}
