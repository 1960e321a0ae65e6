import type { Comparison, ControlCheck, Estimate } from '../../model/analysis/analysis.js';
import { isTimed } from '../../model/analysis/judgement.js';
import { FEWEST_FOR_TRIMMED } from '../paired/estimate.js';
import { metricName, percent, probability } from './names.js';

/** Effects from 5 % on are visibly shrunk by carry-over when starts follow each other without a pause. */
const CARRY_OVER = Math.log1p(0.05);

/** How the containers were run, as far as it bears on a comparison. */
export interface Running {
  readonly parallel: boolean;
  readonly pauseMs: number;
}

/** What to know before trusting a comparison, one sentence each. */
export function comparisonWarnings(comparisons: readonly Comparison[], running: Running): string[] {
  return [
    ...comparisons.flatMap((comparison) => noSpread(comparison, running.parallel)),
    ...familyWarnings(comparisons, running.parallel),
    ...carryOver(comparisons, running),
  ];
}

function carryOver(comparisons: readonly Comparison[], { parallel, pauseMs }: Running): string[] {
  if (parallel || pauseMs > 0) return [];
  const large = comparisons.filter(
    ({ metric, estimate, verdict }) =>
      isTimed(metric) &&
      (verdict === 'faster' || verdict === 'slower') &&
      Math.abs(estimate?.logRatio ?? 0) > CARRY_OVER,
  );
  if (large.length === 0) return [];
  const arms = [...new Set(large.map(({ arm }) => arm))].join(', ');
  return [
    `${arms}: without a pause a start pays for part of the one before it, so an effect this large shows about a twentieth too small in wall time, a hundredth in CPU time: --pause 5 removes most of that.`,
  ];
}

function noSpread({ arm, metric, estimate }: Comparison, parallel: boolean): string[] {
  // Counts repeat exactly without anything being wrong.
  if (estimate === null || !isTimed(metric) || !isPoint(estimate)) return [];
  return [
    `${arm}, ${metricName(metric, parallel)}: most blocks gave exactly the same ratio, so the interval has no width: the times are coarser than the effect, or not measured.`,
  ];
}

const isPoint = ({ low, high, blocks }: Estimate): boolean => low === high && blocks >= FEWEST_FOR_TRIMMED;

/** Where the rows tested together change a verdict: other rows, other warnings. */
export const familyWarnings = (comparisons: readonly Comparison[], parallel: boolean): string[] =>
  comparisons.flatMap((comparison) => many(comparison, parallel));

/** Of many rows 1 in 20 true equals looks different by chance: Holm's adjustment says which may be. */
function many({ arm, metric, verdict, family }: Comparison, parallel: boolean): string[] {
  if (family === null || family.verdict === verdict) return [];
  return [
    `${arm}, ${metricName(metric, parallel)}: ${family.rows} rows were tested together, and adjusted for that (Holm) the difference is not significant (${probability(family.p)}): confirm it in a run with this arm alone, with this metric named beforehand.`,
  ];
}

/** What the A/A checks found; nothing where they are ok. */
export function controlWarnings(controls: readonly ControlCheck[], parallel: boolean): string[] {
  return controls.flatMap(({ metric, state, estimate }) => {
    if (state === 'ok' || estimate === null) return [];
    const name = metricName(metric, parallel);
    if (state === 'unknown') return [`Control, ${name}: too few blocks to check that equal arms measure equal.`];
    const found = `Control, ${name}: equal arms differ by ${percent(estimate.logRatio)} (${probability(estimate.p)})`;
    return [
      state === 'invalid'
        ? `${found}: comparisons in ${name} are invalid.`
        : `${found}: that happens in 1 of 100 honest runs; keep the data, but run again before you rely on it.`,
    ];
  });
}
