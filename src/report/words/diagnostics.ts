import type { Diagnostic, Resolution, RunWarning, StoppingOutcome } from '../../model/analysis/analysis.js';
import { BUSY_SHARE, STOLEN_SHARE } from '../../model/host/use.js';
import type { RunConditions } from '../../model/results/conditions.js';
import type { Scenario } from '../../model/run/scenario.js';
import {
  counted,
  formatBudget,
  formatChange,
  formatCount,
  formatDuration,
  formatPercent,
  intervalText,
  pText,
} from '../text/format.js';
import { metricShort, metricWords, someOf } from './names.js';

/** What a diagnostic found and what it means for the comparison. */
export function diagnosticSentence(
  diagnostic: Diagnostic,
  kind: Scenario['kind'],
  thing: 'container' | 'exec' = 'container',
): string {
  const name = metricWords(diagnostic.metric, kind);
  const { clear } = diagnostic;
  const one = thing === 'exec' ? 'exec' : 'start';
  switch (diagnostic.kind) {
    case 'slot':
      return `Turn ${diagnostic.position + 1} of a block measures ${formatChange(diagnostic.logRatio)} in ${name} \
(${pText(diagnostic.p)}). ${
        clear
          ? 'The shuffled order spreads that evenly over the arms; `--pause 5ms` may remove it.'
          : 'The position in the block makes no difference here.'
      }`;
    case 'drift':
      return `The level of the machine moved by ${formatChange(diagnostic.logRatio)} in ${name} from the first to \
the last \
quarter of the run. ${
        clear
          ? 'This affects medians and totals, but not ratios within blocks.'
          : 'This is too little to affect medians, and never affects ratios within blocks.'
      }`;
    case 'carryOver':
      return `${diagnostic.arm}: the ${one} right after it measures ${formatChange(diagnostic.logRatio)} in ${name} \
(${intervalText(diagnostic)}, ${counted(diagnostic.blocks, 'block')}). ${
        clear
          ? `The shuffled order spreads part of this over every arm, so the change looks about \
${formatPercent(diagnostic.shrinksBy, 2)} too small. Use \`--pause 5ms\`.`
          : 'This is within chance and needs no correction.'
      }`;
    case 'dependence':
      return `${diagnostic.arm}, ${name}: ${
        clear
          ? `neighbouring blocks are similar (lag-1 autocorrelation ${diagnostic.lag1.toFixed(2)}). The \
interval is computed from means of 5 blocks; a quieter machine gives a narrower interval.`
          : `blocks look independent (lag-1 autocorrelation ${diagnostic.lag1.toFixed(2)}).`
      }`;
    case 'tails':
      return `${diagnostic.arm}, ${name}: ${
        clear
          ? `the tails differ (z = ${diagnostic.z.toFixed(1)}; mean ${formatChange(diagnostic.meanLogRatio)}, trimmed \
mean ${formatChange(diagnostic.logRatio)}). Rare slow ${one}s are part of the effect: look at the distributions too.`
          : `mean and trimmed mean agree (z = ${diagnostic.z.toFixed(1)}), so the tails do not differ.`
      }`;
  }
}

/** How this rule ended the run, and how that affects the numbers. */
export function stoppingSentence({ rule, state, blocks, most }: StoppingOutcome): string {
  const after = `after ${formatCount(blocks)} of at most ${counted(most, 'block')}`;
  const more = 'Use more `--blocks`.';
  switch (rule.kind) {
    case 'halfWidth':
      return state === 'reached'
        ? `Stopped ${after}: the interval is within ±${formatPercent(rule.width)}. It is widened by 5 %, because \
a run that stops at a given width stops slightly too early.`
        : `Not within ±${formatPercent(rule.width)} ${after}. ${more}`;
    case 'decided':
      return state === 'reached'
        ? `Decided ${after}. p and equivalence use the O'Brien-Fleming boundary for this look; the interval is \
nominal and, after an early stop, biased away from 0.`
        : `Not decided ${after}. ${more}`;
    case 'budget':
      return state === 'reached'
        ? `Stopped ${after}: the budget of ${formatBudget(rule.milliseconds)} was spent. A budget does not \
depend on results, so the numbers need no correction.`
        : `All blocks were run within the budget of ${formatBudget(rule.milliseconds)}.`;
    case 'time':
      return state === 'reached'
        ? `Stopped after ${counted(blocks, 'block')}: no more fit into ${formatBudget(rule.milliseconds)}, with what \
comes before and after them. A time does not depend on results, so the numbers need no correction.`
        : `The run ended within ${formatBudget(rule.milliseconds)}, after ${counted(blocks, 'block')}.`;
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

type Of<Code extends RunWarning['code']> = Extract<RunWarning, { readonly code: Code }>;

const MOST_RUNS = 3;

/** The causes are among the failures. */
const FAILED_BLOCKS =
  'The run ended early: every container of several blocks in a row failed. The results so far are kept.';

/** What kept the blocks of a run from following one another evenly, and what to do. */
export function evennessSentence(warning: Of<'failedBlocks' | 'paused' | 'runtimeChanged' | 'hostBusy'>): string {
  switch (warning.code) {
    case 'failedBlocks':
      return FAILED_BLOCKS;
    case 'runtimeChanged':
      return `${warning.path ?? 'The runtime'} was replaced while the run went on, which ended it. Its comparisons are \
invalid: run again.`;
    case 'paused':
      return pausedSentence(warning);
    case 'hostBusy':
      return `The machine was busy during the run: ${busyWords(warning)}. Intervals are wider than on a quiet machine.`;
  }
}

function pausedSentence({ times, blocks, gapNs, left }: Of<'paused'>): string {
  const often = times === 1 ? 'once' : `${times} times`;
  const stood = `The machine, bench or a container stood still ${often} (at most ${formatDuration(gapNs / 1e9)})`;
  if (left === 0) return `${stood}. ${blocks === 1 ? 'The block was' : 'Those blocks were'} run again.`;
  const are = left === 1 ? 'One block stood' : `${left} blocks stood`;
  return `${stood}. ${are} still in the last attempt too and ${left === 1 ? 'counts' : 'count'} as measured: find \
out what stops it, and run again.`;
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;

/** What a machine did besides the run: `other programs used 38 % of the CPU time`. */
export function busyWords(conditions: Omit<RunConditions, 'loadAfter'>): string {
  const { othersShare, stolenShare, otherRuns, loadBefore, processors } = conditions;
  const busy = (othersShare ?? loadBefore / processors) > BUSY_SHARE;
  const load = `load average ${loadBefore.toFixed(1)} on ${counted(processors, 'CPU')} before it`;
  const others = othersShare === null ? load : `other programs used ${percent(othersShare)} of the CPU time`;
  const runs = `${counted(otherRuns.length, 'other run')} of bench (${someOf(otherRuns, MOST_RUNS)})`;
  return [
    ...(busy ? [others] : []),
    ...((stolenShare ?? 0) > STOLEN_SHARE ? [`the hypervisor took ${percent(stolenShare ?? 0)} of the CPU time`] : []),
    ...(otherRuns.length > 0 ? [runs] : []),
  ].join(', ');
}
