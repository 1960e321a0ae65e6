import type { Comparison, ControlCheck, Estimate } from '../model/analysis.js';
import { holm } from './holm.js';
import { FEWEST_FOR_YUEN } from './estimate.js';
import { metricName, percent, probability } from './wording.js';

/** Effects from 5 % on are visibly shrunk by carry-over when starts follow each other without a pause. */
const CARRY_OVER = Math.log1p(0.05);
const SIGNIFICANT = 0.05;

/** How the containers were run, as far as it bears on a comparison. */
export interface Running {
  readonly parallel: boolean;
  readonly pauseMs: number;
}

/** What to know before trusting a comparison, one sentence each. */
export function comparisonWarnings(comparisons: readonly Comparison[], running: Running): string[] {
  return [
    ...comparisons.flatMap((comparison) => oneComparison(comparison, running.parallel)),
    ...carryOver(comparisons, running),
    ...manyArms(comparisons, running.parallel),
  ];
}

function oneComparison({ arm, metric, estimate }: Comparison, parallel: boolean): string[] {
  if (estimate === null) return [];
  const subject = `${arm}, ${metricName(metric, parallel)}`;
  return [...tails(subject, estimate), ...dependence(subject, estimate), ...noSpread(subject, estimate)];
}

function tails(subject: string, { tailDiffers, tailZ, meanLogRatio, logRatio }: Estimate): string[] {
  if (!tailDiffers || tailZ === null) return [];
  return [`${subject}: the tails differ (z = ${tailZ.toFixed(1)}; mean ${percent(meanLogRatio)}, trimmed mean ${percent(logRatio)}): rare slow starts are part of the effect, so look at the distributions beside the ratio.`];
}

function dependence(subject: string, { dependent, lag1 }: Estimate): string[] {
  if (!dependent || lag1 === null) return [];
  return [`${subject}: neighbouring blocks resemble each other (lag-1 autocorrelation ${lag1.toFixed(2)}): the interval was taken over means of 5 blocks; run again on a quieter machine for a sharper one.`];
}

function noSpread(subject: string, { low, high, blocks }: Estimate): string[] {
  if (low !== high || blocks < FEWEST_FOR_YUEN) return [];
  return [`${subject}: most blocks gave exactly the same ratio, so the interval has no width: the times are coarser than the effect, or not measured.`];
}

function carryOver(comparisons: readonly Comparison[], { parallel, pauseMs }: Running): string[] {
  if (parallel || pauseMs > 0) return [];
  const large = comparisons.filter(({ estimate, verdict }) =>
    (verdict === 'faster' || verdict === 'slower') && Math.abs(estimate?.logRatio ?? 0) > CARRY_OVER);
  if (large.length === 0) return [];
  const arms = [...new Set(large.map(({ arm }) => arm))].join(', ');
  return [`${arms}: without a pause a start pays for part of the one before it, so an effect this large shows about a twentieth too small in wall time, a hundredth in CPU time: --pause 5 removes most of that.`];
}

/** With several arms in the primary metric, 1 of 20 true equals looks different by chance: Holm's adjustment says which may be. */
function manyArms(comparisons: readonly Comparison[], parallel: boolean): string[] {
  const primary = comparisons.flatMap(({ arm, metric, verdict, estimate }) =>
    (metric === 'cpu' && estimate !== null ? [{ arm, verdict, p: estimate.p }] : []));
  const adjusted = holm(primary.map(({ p }) => p));
  return primary.flatMap(({ arm, verdict }, index) => {
    const p = adjusted[index] ?? 1;
    if ((verdict !== 'faster' && verdict !== 'slower') || p <= SIGNIFICANT) return [];
    return [`${arm}, ${metricName('cpu', parallel)}: ${primary.length} arms were tested together, and adjusted for that (Holm) the difference is not significant (${probability(p)}): confirm it in a run with this arm alone.`];
  });
}

/** What the A/A checks found; nothing where they are ok. */
export function controlWarnings(controls: readonly ControlCheck[], parallel: boolean): string[] {
  return controls.flatMap(({ metric, state, estimate }) => {
    if (state === 'ok' || estimate === null) return [];
    const name = metricName(metric, parallel);
    if (state === 'unknown') return [`Control, ${name}: too few blocks to check that equal arms measure equal.`];
    const found = `Control, ${name}: equal arms differ by ${percent(estimate.logRatio)} (${probability(estimate.p)})`;
    return [state === 'invalid'
      ? `${found}: comparisons in ${name} are invalid.`
      : `${found}: that happens in 1 of 100 honest runs; keep the data, but run again before you rely on it.`];
  });
}
