import type { Diagnostic, Resolution, StoppingOutcome } from '../../model/analysis/analysis.js';
import type { Scenario } from '../../model/run/scenario.js';
import {
  counted,
  formatBudget,
  formatChange,
  formatCount,
  formatPercent,
  intervalText,
  pText,
} from '../text/format.js';
import { metricShort, metricWords } from './names.js';

/** What a diagnostic found and what it means for the comparison. */
export function diagnosticSentence(diagnostic: Diagnostic, kind: Scenario['kind']): string {
  const name = metricWords(diagnostic.metric, kind);
  const { clear } = diagnostic;
  switch (diagnostic.kind) {
    case 'slot':
      return `Turn ${diagnostic.position + 1} of a block measures ${formatChange(diagnostic.logRatio)} in ${name} \
(${pText(diagnostic.p)}). ${
        clear
          ? 'The shuffled order spreads that evenly over the arms; `--pause 5` may remove it.'
          : 'The place in the block does not matter here.'
      }`;
    case 'drift':
      return `The machine's level moved by ${formatChange(diagnostic.logRatio)} in ${name} from the first to the last \
quarter of the run. ${
        clear
          ? 'Ratios within blocks are not affected, medians and totals are.'
          : 'That is too little to affect medians; ratios within blocks are never affected.'
      }`;
    case 'carryOver':
      return `${diagnostic.arm}: a start right after it measures ${formatChange(diagnostic.logRatio)} in ${name} \
(${intervalText(diagnostic)}, ${counted(diagnostic.blocks, 'block')}). ${
        clear
          ? `The shuffled order gives a part of that to every arm, so the change looks about \
${formatPercent(diagnostic.shrinksBy, 2)} too small. Use \`--pause 5\`.`
          : 'That is within chance, so there is nothing to correct for.'
      }`;
    case 'dependence':
      return `${diagnostic.arm}, ${name}: ${
        clear
          ? `neighbouring blocks resemble each other (lag-1 autocorrelation ${diagnostic.lag1.toFixed(2)}). The \
interval is taken over means of 5 blocks; a quieter machine gives a narrower one.`
          : `blocks look independent (lag-1 autocorrelation ${diagnostic.lag1.toFixed(2)}).`
      }`;
    case 'tails':
      return `${diagnostic.arm}, ${name}: ${
        clear
          ? `the tails differ (z = ${diagnostic.z.toFixed(1)}; mean ${formatChange(diagnostic.meanLogRatio)}, trimmed \
mean ${formatChange(diagnostic.logRatio)}). Rare slow starts are part of the effect: look at the distributions too.`
          : `mean and trimmed mean agree (z = ${diagnostic.z.toFixed(1)}), so the tails do not differ.`
      }`;
  }
}

/** How the run ended by this rule, and what that did to the numbers. */
export function stoppingSentence({ rule, state, blocks, most }: StoppingOutcome, kind: Scenario['kind']): string {
  const after = `after ${formatCount(blocks)} of at most ${counted(most, 'block')}`;
  const more = `Use a larger \`${kind === 'parallel' ? '--rounds' : '--count'}\`.`;
  switch (rule.kind) {
    case 'halfWidth':
      return state === 'reached'
        ? `Ended by rule ${after}: the interval is within ±${formatPercent(rule.width)}. It is widened by 5 %, because \
a run that stops at a width stops slightly too early.`
        : `Not within ±${formatPercent(rule.width)} ${after}. ${more}`;
    case 'decided':
      return state === 'reached'
        ? `Decided ${after}. p and equivalence use O'Brien and Fleming's boundary for this look; the interval is the \
nominal one and, after an early stop, biased away from 0.`
        : `Not decided ${after}. ${more}`;
    case 'budget':
      return state === 'reached'
        ? `Ended ${after}, when the budget of ${formatBudget(rule.milliseconds)} was spent. A budget looks at no \
result, so the numbers need no correction.`
        : `All blocks were run within the budget of ${formatBudget(rule.milliseconds)}.`;
  }
}

/** The smallest effects of one arm in one metric. */
export const resolutionSentence = (
  { arm, metric, detectable80, detectable90 }: Resolution,
  kind: Scenario['kind'],
): string =>
  `${arm}: the smallest change this run could detect in ${metricWords(metric, kind)} is \
${formatPercent(detectable80, 2)} with 80 % power and ${formatPercent(detectable90, 2)} with 90 %.`;

/** The same of the whole run: of CPU and wall time the arm with the largest; `null` where nothing has an interval. */
export function detectableText(resolution: readonly Resolution[], kind: Scenario['kind']): string | null {
  const parts = (['cpu', 'wall'] as const).flatMap((metric) => {
    const effects = resolution.filter((one) => one.metric === metric).map(({ detectable80 }) => detectable80);
    return effects.length === 0 ? [] : [`${formatPercent(Math.max(...effects), 2)} ${metricShort(metric, kind)}`];
  });
  return parts.length === 0 ? null : `Smallest change this run could detect (80 % power): ${parts.join(', ')}`;
}
