import type { AnalysedRun, RunWarning, UnfinishedRun } from '../../model/analysis/analysis.js';
import { emulationWarning } from '../../model/run/emulation.js';
import { countedThing } from '../../model/run/scenario.js';
import type { Scenario } from '../../model/run/scenario.js';
import { ARROW, counted, formatChange, formatCount, pText, sentenceCase } from '../text/format.js';
import { diagnosticSentence, evennessSentence, stoppingSentence } from './diagnostics.js';
import { FORM_OF_FILTER, madeWords } from './filters.js';
import { metricWords, someOf } from './names.js';
import { endSentence } from '../run-end.js';

type Of<Code extends RunWarning['code']> = Extract<RunWarning, { readonly code: Code }>;

/** A run's warnings in words, those of its results folder last. */
export const warningsOf = ({ run, analysis }: AnalysedRun): readonly string[] => [
  ...sentencesOf(analysis.warnings, run.plan.scenario),
  ...run.warnings,
];

/** The warnings that decide whether any other figure can be believed. */
export const controlWarningsOf = ({ run, analysis }: AnalysedRun): readonly string[] =>
  sentencesOf(analysis.warnings.filter(isControlWarning), run.plan.scenario);

/** One sentence per warning; all metrics without an A/A check share one. */
export function sentencesOf(warnings: readonly RunWarning[], scenario: Scenario): readonly string[] {
  const { kind } = scenario;
  const unchecked = warnings.filter((one): one is Of<'controlUnchecked'> => one.code === 'controlUnchecked');
  return warnings.flatMap((warning) => {
    if (warning.code !== 'controlUnchecked') return [warningSentence(warning, kind, countedThing(scenario))];
    return warning === unchecked[0] ? [uncheckedSentence(unchecked, kind)] : [];
  });
}

const uncheckedSentence = (warnings: readonly Of<'controlUnchecked'>[], kind: Scenario['kind']): string =>
  `A/A check, ${warnings.map(({ metric }) => metricWords(metric, kind)).join(', ')}: too few blocks to check that \
equal arms give equal results.`;

/** The A/A check, whether the run has ended, and whether it is one run: they decide whether any figure counts. */
const isControlWarning = ({ code }: RunWarning): boolean =>
  ['controlDiffers', 'controlUnchecked', 'unended', 'interrupted', 'effectAtBreak'].includes(code);

function breakSentence({ block, arm, metric, logRatio, p }: Of<'effectAtBreak'>, kind: Scenario['kind']): string {
  const size = `${formatChange(logRatio)} (${pText(p)}, adjusted)`;
  return `The effect of ${arm} in ${metricWords(metric, kind)} changed by ${size} where the run was resumed, before \
block ${formatCount(block)}. The estimate is a mix of both parts: measure again in one run.`;
}

const isUnfinished = (warning: RunWarning): warning is UnfinishedRun =>
  warning.code === 'interrupted' || warning.code === 'unended';

/** What happened, what it means for the figures, and what to do. */
export function warningSentence(warning: RunWarning, kind: Scenario['kind'], thing?: 'container' | 'exec'): string {
  if (warning.code === 'effectAtBreak') return breakSentence(warning, kind);
  if (isUnfinished(warning)) return endSentence(warning);
  switch (warning.code) {
    case 'emulated':
      return emulationWarning(warning.emulation);
    case 'filterNotSeen':
    case 'otherFilter':
    case 'otherForm':
    case 'sameFilter':
      return filterSentence(warning);
    case 'diagnostic':
      return diagnosticSentence(warning.diagnostic, kind, thing);
    case 'failedBlocks':
    case 'paused':
    case 'runtimeChanged':
    case 'hostBusy':
      return evennessSentence(warning);
    case 'ruleNotReached':
      return stoppingSentence(warning.outcome);
    default:
      return isCompleteness(warning) ? completenessSentence(warning, thing) : estimateSentence(warning, kind);
  }
}

/** What the loaded filters show. */
function filterSentence(warning: Of<'filterNotSeen' | 'otherFilter' | 'otherForm' | 'sameFilter'>): string {
  switch (warning.code) {
    case 'filterNotSeen':
      return warning.isPredicted
        ? `${warning.arm}: the loaded filter is predicted, not seen (${warning.reason}).`
        : `${warning.arm}: it is not known which filter is loaded (${warning.reason}).`;
    case 'otherFilter':
      return `${warning.arm}: the loaded filter (${counted(warning.loaded, 'instruction')}) is not the one predicted \
(${madeWords(warning.predicted)}). Nothing that was predicted applies to it.`;
    case 'otherForm':
      return `${warning.arm}: ${warning.runtime ?? 'the runtime'} loads ${FORM_OF_FILTER[warning.form]}, \
which its version does not tell. What is predicted follows the loaded filter.`;
    case 'sameFilter':
      return sameFilterSentence(warning);
  }
}

const COMPLETENESS = [
  'maxFailures',
  'endedByError',
  'leaked',
  'blocksFailed',
  'blocksNotRun',
  'warmupFailed',
  'armMissing',
] as const;
type Completeness = Of<(typeof COMPLETENESS)[number]>;

const isCompleteness = (warning: RunWarning): warning is Completeness =>
  (COMPLETENESS as readonly string[]).includes(warning.code);

const byArm = (failures: Of<'blocksFailed'>['failures']): string =>
  failures.map(({ arm, count }) => `${arm} ${formatCount(count)}`).join(', ');

const ofPlanned = ({ blocks, planned }: Pick<Of<'blocksFailed'>, 'blocks' | 'planned'>): string =>
  `${formatCount(blocks)} of ${counted(planned, 'block')} ${blocks === 1 ? 'was' : 'were'}`;

function completenessSentence(warning: Completeness, thing: 'container' | 'exec' = 'container'): string {
  switch (warning.code) {
    case 'maxFailures':
      return `The run ended early: more ${thing}s failed than \`--max-failures ${warning.limit ?? 0}\` allows. \
The results so far are kept; \`bench resume\` continues the run.`;
    case 'endedByError':
      return 'An error ended the run early. The results so far are kept; `bench resume` continues the run.';
    case 'leaked':
      return leakedSentence(warning);
    case 'blocksFailed':
      return `${ofPlanned(warning)} not used because ${thing === 'exec' ? 'an exec' : 'a container'} failed \
(${byArm(warning.failures)}). Fix the cause before you trust a comparison of the rest.`;
    case 'blocksNotRun': {
      const interrupted = warning.interrupted === 0 ? '' : ` (${counted(warning.interrupted, thing)} interrupted)`;
      return `${ofPlanned(warning)} not run to the end: the run stopped early${interrupted}.`;
    }
    case 'warmupFailed':
      return `${sentenceCase(thing)}s failed during warm-up (${byArm(warning.failures)}): ${warning.cause}. \
They are not counted as measured ${thing}s.`;
    case 'armMissing':
      return `${warning.arm} has no sample although the plan names it and other arms have samples, so it \
cannot be compared. Was samples.jsonl cut or filtered?`;
  }
}

const MOST_LEAKED = 3;

function leakedSentence({ leaked, left }: Of<'leaked'>): string {
  return `The runtime left ${counted(leaked.length, 'container')} behind (${someOf(leaked, MOST_LEAKED)}), which can \
slow down later ones. ${fateOf(leaked.length, left)}`;
}

function fateOf(leaked: number, left: readonly string[]): string {
  if (left.length === 0) return leaked === 1 ? 'It was removed afterwards.' : 'They were removed afterwards.';
  if (leaked === 1) return 'It could not be removed.';
  return `${left.length === leaked ? 'None' : 'Not all'} could be removed (still there: ${someOf(left, MOST_LEAKED)}).`;
}

function sameFilterSentence({ arm, baseline, written }: Of<'sameFilter'>): string {
  const smaller =
    written === null
      ? ''
      : `Filtering makes the file written at every start smaller (${formatCount(written.baseline.bytes)} ${ARROW} \
${formatCount(written.arm.bytes)} bytes, ${written.baseline.sections} ${ARROW} ${written.arm.sections} sections), not \
the loaded filter. `;
  return `${arm} loads the same filter as ${baseline}. ${smaller}Only their files differ, so only the cost of \
writing and \
reading them can differ.`;
}

type EstimateCode =
  | 'fewBlocks'
  | 'controlUnchecked'
  | 'controlDiffers'
  | 'noSpread'
  | 'notByHolm'
  | 'underLoad'
  | 'aloneAtEnd'
  | 'noPause'
  | 'countersShared'
  | 'zeroValues';

function estimateSentence(warning: Of<EstimateCode>, kind: Scenario['kind']): string {
  switch (warning.code) {
    case 'fewBlocks':
      return warning.state === 'described'
        ? `${counted(warning.blocks, 'complete block')}: described without a verdict, which needs ${warning.needed}.`
        : `Fewer than ${warning.needed} blocks (${warning.blocks} complete): the estimate uses a rank method \
(Hodges-Lehmann) instead of trimmed means. More blocks make it more precise.`;
    case 'controlUnchecked':
      return uncheckedSentence([warning], kind);
    case 'controlDiffers': {
      const name = metricWords(warning.metric, kind);
      const found = `A/A check, ${name}: equal arms differ by ${formatChange(warning.logRatio)} (${pText(warning.p)})`;
      return warning.state === 'invalid'
        ? `${found}. Comparisons in ${name} are invalid.`
        : `${found}. This happens in 1 of 100 good runs: keep the data, but run again before you rely on it.`;
    }
    case 'noSpread':
      return `${warning.arm}, ${metricWords(warning.metric, kind)}: most blocks gave exactly the same ratio, so the \
interval has no width. The clock is too coarse for the effect, or the times were not measured.`;
    case 'notByHolm':
      return `${warning.arm}, ${metricWords(warning.metric, kind)}: not significant when adjusted (Holm) for the \
${warning.tests} tests in this report (${pText(warning.p)}). Confirm it in a new run with this arm alone, and \
choose this metric before you start.`;
    case 'underLoad':
      return `${warning.arms.join(', ')}: wall time under load shows that the arms differ, not by how much: the two \
share the machine, and the longer one is alone at its end. The size is that of wall time, from the solo blocks.`;
    case 'aloneAtEnd':
      return `${warning.arm}: duet blocks do not fit arms that differ so much. The longer one runs alone for \
${Math.round(100 * warning.share)} % of its time, so also the size in CPU time is off by a few percent of itself. Use \
\`--duet never\` for the size.`;
    case 'noPause':
      return `${warning.arms.join(', ')}: The previous container's teardown overlaps the next start, so this change \
looks about 5 % too small in wall time. Use \`--pause 5ms\`.`;
    case 'countersShared':
      return `Instructions are not known in ${formatCount(warning.blocks)} of \
${counted(warning.of, 'complete block')}: the processor did not count all of a start, as where another program uses \
its counters. Nothing is scaled; these blocks are left out of the rows of instructions.`;
    case 'zeroValues':
      return `${counted(warning.blocks, 'complete block')} not used for ${metricWords(warning.metric, kind)} because a \
value was 0: this engine or clock is too coarse.`;
  }
}
