import type { BetweenRow } from '../../model/analysis/between.js';
import { FEWEST_FOR_TRIMMED } from '../../model/analysis/judgement.js';
import { formatChange, intervalText, marginText, pText } from '../text/format.js';
import { metricWords } from './names.js';

/** What a row of a comparison of two runs shows; `margin` is a share. */
export function betweenSentence({ kind, arm, metric, estimate, verdict }: BetweenRow, margin: number): string {
  const name = metricWords(metric, 'sequential');
  if (estimate === null)
    return `${arm}, ${name}: not compared, because both runs need at least ${FEWEST_FOR_TRIMMED} complete blocks.`;
  if (verdict === 'functional')
    return `${arm}, ${name}: not compared, because one of the runs was emulated; both show that it works.`;
  const change = `${formatChange(estimate.logRatio)} (${intervalText(estimate)})`;
  if (kind === 'level')
    return estimate.low > 0 || estimate.high < 0
      ? `${arm}: ${change} ${name} in the candidate run, more than the level moved within either run. The runs were \
not interleaved, so this may be drift between them; \`bench ab\` interleaves them.`
      : `${arm}: ${change} ${name}, no more than the level moves within the runs.`;
  switch (verdict) {
    case 'faster':
    case 'slower':
      return `The effect of ${arm} differs by ${change} in ${name} (${pText(estimate.p)}). Drift that affects \
all arms of a run equally cancels out.`;
    case 'equivalent':
      return `The effect of ${arm} is the same in ${name} within ${marginText(margin)}: ${change}.`;
    case 'inconclusive':
    case 'invalid':
    case 'described':
      return `The effect of ${arm} differs by ${change} in ${name}: these runs are too short to decide. \`bench ab\` \
interleaves the two and detects smaller changes.`;
  }
}
