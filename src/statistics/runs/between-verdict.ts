import type { Verdict } from '../../model/analysis/analysis.js';
import type { BetweenRow } from '../../model/analysis/between.js';
import { FEWEST_FOR_TRIMMED } from '../paired/estimate.js';
import { metricName, percent, probability, share } from '../verdict/names.js';

/**
 * The verdict of one row and the sentence that goes with it: only an effect is judged, a level may be drift, and an
 * emulator's times compare nothing.
 */
export function decideBetween(
  { kind, arm, metric, estimate }: Omit<BetweenRow, 'verdict' | 'because'>,
  margin: number,
  emulated: boolean,
): { readonly verdict: Verdict; readonly because: string } {
  const name = metricName(metric, false);
  if (estimate === null)
    return {
      verdict: 'described',
      because: `At least ${FEWEST_FOR_TRIMMED} complete blocks are needed in both runs to compare ${arm} in ${name}.`,
    };
  if (emulated)
    return {
      verdict: 'functional',
      because: `One of the runs was emulated, so their ${name} of ${arm} is not compared: both prove that it works, and no more.`,
    };
  const change = `${percent(estimate.logRatio)} (95 % interval ${percent(estimate.low)} to ${percent(estimate.high)})`;
  const clear = estimate.low > 0 || estimate.high < 0;
  if (kind === 'level') {
    return {
      verdict: 'described',
      because: clear
        ? `${arm} takes ${change} in ${name} in the candidate run, more than the level moved within either run; but the runs were not interleaved, so this can be drift between them: bench ab interleaves the two.`
        : `${arm} differs by ${change} in ${name}: no more than the level moves within the runs.`,
    };
  }
  if (clear) {
    return {
      verdict: estimate.high < 0 ? 'faster' : 'slower',
      because: `The change that ${arm} makes differs by ${change} in ${name} (${probability(estimate.p)}); drift that meets all arms of a run alike cancels out of it.`,
    };
  }
  if (estimate.equivalent)
    return {
      verdict: 'equivalent',
      because: `The change that ${arm} makes is the same in ${name} within ±${share(margin)}: ${change}.`,
    };
  return {
    verdict: 'inconclusive',
    because: `The change that ${arm} makes differs by ${change} in ${name}: these runs cannot tell; bench ab interleaves the two and sees more.`,
  };
}
