import type { Estimate, Verdict } from '../../model/analysis/analysis.js';
import type { CallPrice, PercallAnalysis } from '../../model/analysis/percall-analysis.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { FEWEST_FOR_VERDICT } from '../../model/run/scenario.js';
import { holm } from './family.js';
import type { GateOptions } from '../../model/run/gate.js';
import { isDecided, type GateOutcome } from './gate.js';
import { decide } from './verdict.js';

/** The price of a call under a filter against the call without one, and what it means. */
export interface JudgedPrice {
  readonly price: CallPrice;
  readonly estimate: Estimate;
  /** By p adjusted for all prices of the run (Holm). */
  readonly verdict: Verdict;
}

/** The outcome for the job, as of comparisons. */
export interface PriceGateOutcome {
  readonly state: GateOutcome['state'];
  readonly prices: readonly JudgedPrice[];
}

/**
 * Slower: a call costs more than without a filter, still so after Holm, with the whole interval beyond the limit.
 * Unevaluated: a limit was given, and a price is not decided, or there is none. Unresolved: a price that is
 * inconclusive, invalid or described.
 */
export function gatePrices(
  analysis: PercallAnalysis,
  { failIfSlower, strict }: Pick<GateOptions, 'failIfSlower' | 'strict'>,
): PriceGateOutcome {
  const judged = judgePrices(analysis);
  if (failIfSlower !== null) {
    const limit = Math.log1p(failIfSlower);
    const slower = judged.filter(({ verdict, estimate }) => verdict === 'slower' && estimate.low > limit);
    if (slower.length > 0) return { state: 'slower', prices: slower };
    const unanswered = judged.filter(({ verdict }) => !isDecided(verdict));
    if (unanswered.length > 0 || judged.length === 0) return { state: 'unevaluated', prices: unanswered };
  }
  const open = strict ? judged.filter(({ verdict }) => OPEN.includes(verdict)) : [];
  return open.length > 0 ? { state: 'unresolved', prices: open } : { state: 'passed', prices: judged };
}

const OPEN: readonly Verdict[] = ['inconclusive', 'invalid', 'described'];

/** Every price with a ratio, judged together. */
function judgePrices(analysis: PercallAnalysis): readonly JudgedPrice[] {
  const rows = analysis.prices.flatMap((price) =>
    price.ratio === null ? [] : [{ price, estimate: price.ratio, untested: untestedVerdict(price, analysis) }],
  );
  const tested = rows.filter(({ untested }) => untested === null);
  const adjusted = holm(tested.map(({ estimate }) => estimate.p));
  return rows.map((row) => {
    const { price, estimate, untested } = row;
    return { price, estimate, verdict: untested ?? decide(estimate, adjusted[tested.indexOf(row)] ?? 1) };
  });
}

/** The verdict of a price that tests nothing; `null` for one that does. */
function untestedVerdict(
  { arm, reference, ratio }: CallPrice,
  { run: { host }, controls, doubted }: PercallAnalysis,
): Verdict | null {
  const control = controls.find(({ call }) => call === reference);
  if (doubted.includes(arm) || control?.state === 'differs') return 'invalid';
  if (emulationOfHost(host) !== null) return 'functional';
  return (ratio?.blocks ?? 0) < FEWEST_FOR_VERDICT ? 'described' : null;
}
