import type { Comparison, TreatmentFault, VerdictReason } from '../../model/analysis/analysis.js';
import { EMULATION_WORDS } from '../../model/run/emulation.js';
import type { Scenario } from '../../model/run/scenario.js';
import { counted, formatChange, formatPercent, formatSize, intervalText, pText } from '../text/format.js';
import { metricWords } from './names.js';

/** What sentences about a run depend on. */
export interface Telling {
  readonly kind: Scenario['kind'];
  /** A share: 0.01 = 1 %. */
  readonly margin: number;
}

type Of<Code extends VerdictReason['code']> = Extract<VerdictReason, { readonly code: Code }>;

/** Why this verdict was reached, and what to do next. */
export function verdictSentence(comparison: Comparison, telling: Telling): string {
  const { reason } = comparison;
  switch (reason.code) {
    case 'runtimeChanged':
    case 'treatment':
    case 'failures':
    case 'tooFewBlocks':
    case 'control':
      return invalidSentence(comparison, reason, telling);
    case 'noBlock':
    case 'hidden':
    case 'notRecorded':
    case 'emulated':
    case 'fewBlocks':
      return undecidedSentence(comparison, reason, telling);
    case 'difference':
    case 'withinMargin':
    case 'unresolved':
      return estimateSentence(comparison, telling);
  }
}

type Invalid = 'runtimeChanged' | 'treatment' | 'failures' | 'tooFewBlocks' | 'control';

function invalidSentence(
  { arm, baseline, control, metric }: Comparison,
  reason: Of<Invalid>,
  { kind }: Telling,
): string {
  switch (reason.code) {
    case 'runtimeChanged':
      return `${reason.path ?? 'The runtime'} was replaced while the run went on, so its blocks are not all of the \
same runtime. Run again.`;
    case 'treatment':
      return `${faultWords(reason.fault)}. The arms are not what their names suggest: see the proof of treatment, \
fix the arm and run again.`;
    case 'failures': {
      const run = kind === 'parallel' ? counted(reason.run, 'batch', 'batches') : counted(reason.run, 'container');
      return `${arm} failed in ${reason.failed} of ${run}, the others in ${reason.othersFailed} of \
${reason.othersRun}. Chance does not explain this, and the rest cannot be compared: fix the cause and run again.`;
    }
    case 'tooFewBlocks':
      return `Only ${reason.blocks} of ${counted(reason.planned, 'planned block')} are complete, and a verdict needs \
${reason.needed}. Let the run finish, or fix what made its containers fail.`;
    case 'control': {
      const { logRatio, p } = reason;
      const by = logRatio === null || p === null ? '' : ` by ${formatChange(logRatio)} (${pText(p)})`;
      return `${baseline} and its copy ${control ?? 'control'} differ${by} in ${metricWords(metric, kind)}, so \
something other than the spec affects the result. Stop other work on this machine, then run again with \`--pause \
5ms\`.`;
    }
  }
}

function undecidedSentence(
  { arm, baseline, metric }: Comparison,
  reason: Of<'noBlock' | 'hidden' | 'notRecorded' | 'emulated' | 'fewBlocks'>,
  { kind }: Telling,
): string {
  const name = metricWords(metric, kind);
  switch (reason.code) {
    case 'noBlock':
      return 'No block is complete, so nothing can be compared. Fix the failures and run again.';
    case 'hidden':
      return `The ${name} of the containers is smaller than that of bench, and Linux reports the larger of the two, so \
it cannot be compared. Measure it with another tool.`;
    case 'notRecorded':
      return `No ${name} above 0 was recorded. Use another engine for this metric.`;
    case 'emulated':
      return `${arm} and ${baseline} ran under an emulator (${EMULATION_WORDS[reason.emulation]}), so their \
${name} is not compared. The run shows that both work; measure on real hardware for a verdict.`;
    case 'fewBlocks':
      return `${counted(reason.blocks, 'block')} ${reason.blocks === 1 ? 'is' : 'are'} too few. \
Use \`--blocks ${reason.needed}\` or more.`;
  }
}

function estimateSentence(comparison: Comparison, { margin, kind }: Telling): string {
  const { arm, baseline, metric, estimate, reason, settlement } = comparison;
  if (estimate === null) return '';
  const name = metricWords(metric, kind);
  const { logRatio, blocks } = estimate;
  const interval = `${intervalText(estimate)}, ${counted(blocks, 'block')}`;
  if (reason.code === 'withinMargin')
    return `${arm} and ${baseline} differ by less than the margin of ${formatPercent(margin)} in ${name} \
(${formatChange(logRatio)}, ${interval}). Treat them as equal, or use a smaller \`--margin\`.`;
  if (reason.code === 'difference') {
    const found = `${arm} takes ${formatSize(logRatio)} ${logRatio < 0 ? 'less' : 'more'} ${name} than ${baseline} \
(${interval})`;
    return reason.small
      ? `${found}. The difference is real but smaller than the margin of ${formatPercent(margin)}.`
      : `${found}. Chance does not explain this; repeat with another \`--seed\` before you publish it.`;
  }
  const more =
    settlement === null
      ? 'Run more blocks (`--blocks`).'
      : `About ${counted(settlement.moreBlocks, 'more block')} (${counted(settlement.moreContainers, 'container')}) \
would decide it: use \`--blocks ${settlement.blocks}\`.`;
  return `${arm} against ${baseline}: ${formatChange(logRatio)} in ${name} (${interval}). This shows neither a \
difference nor equality within ${formatPercent(margin)}. ${more}`;
}

function faultWords(fault: TreatmentFault): string {
  switch (fault.code) {
    case 'noSeccomp':
      return `The containers of ${fault.arm} ran without seccomp`;
    case 'noFilter':
      return `No filter was loaded in the containers of ${fault.arm}`;
    case 'sameFilter':
      return `${fault.arm} and ${fault.baseline} had the same spec and loaded the same filter`;
    case 'notACopy':
      return `${fault.control} is not a copy of ${fault.baseline}: ${
        fault.what === 'spec' ? 'their specs differ' : 'it loaded another filter'
      }`;
    case 'cacheNotShown':
      return `Only ${fault.shown} of ${counted(fault.containers, 'container')} of ${fault.arm} were shown to start \
${fault.state}`;
  }
}
