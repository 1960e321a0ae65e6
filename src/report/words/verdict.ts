import type { Comparison, TreatmentFault, VerdictReason } from '../../model/analysis/analysis.js';
import { settlementSentence } from './plan/settlement.js';
import { EMULATION_WORDS } from '../../model/run/emulation.js';
import type { Scenario } from '../../model/run/scenario.js';
import { counted, formatChange, formatPercent, formatSize, intervalText, pText } from '../text/format.js';
import { metricWords } from './names.js';

/** What sentences about a run depend on. */
export interface Telling {
  readonly kind: Scenario['kind'];
  /** What one sample is of. */
  readonly thing: 'container' | 'exec';
  /** A share: 0.01 = 1 %. */
  readonly margin: number;
  /** That the run was given with `--for`; absent: none. */
  readonly milliseconds?: number;
}

type Of<Code extends VerdictReason['code']> = Extract<VerdictReason, { readonly code: Code }>;

/** A verdict explained. */
export interface VerdictWords {
  /** Why it was reached; whole sentences. */
  readonly why: string;
  /** What to do next; whole sentences, empty where nothing has to be done. */
  readonly next: string;
}

/** Why this verdict was reached, and what to do next, as one text. */
export function verdictSentence(comparison: Comparison, telling: Telling): string {
  const { why, next } = verdictParts(comparison, telling);
  return [why, next].filter((part) => part !== '').join(' ');
}

/** The same in its two parts. */
export function verdictParts(comparison: Comparison, telling: Telling): VerdictWords {
  const { reason } = comparison;
  switch (reason.code) {
    case 'runtimeChanged':
    case 'treatment':
    case 'failures':
    case 'tooFewBlocks':
    case 'control':
      return invalidWords(comparison, reason, telling);
    case 'noBlock':
    case 'hidden':
    case 'notRecorded':
    case 'emulated':
    case 'fewBlocks':
      return undecidedWords(comparison, reason, telling);
    case 'difference':
    case 'withinMargin':
    case 'unresolved':
      return estimateWords(comparison, telling);
  }
}

type Invalid = 'runtimeChanged' | 'treatment' | 'failures' | 'tooFewBlocks' | 'control';

function invalidWords(
  { arm, baseline, control, metric }: Comparison,
  reason: Of<Invalid>,
  { kind, thing }: Telling,
): VerdictWords {
  switch (reason.code) {
    case 'runtimeChanged':
      return {
        why: `${reason.path ?? 'The runtime'} was replaced while the run went on, so its blocks are not all of the \
same runtime.`,
        next: 'Run again.',
      };
    case 'treatment':
      return {
        why: `${faultWords(reason.fault)}.`,
        next: 'The arms are not what their names suggest: see the proof of treatment, fix the arm and run again.',
      };
    case 'failures': {
      const run = kind === 'parallel' ? counted(reason.run, 'batch', 'batches') : counted(reason.run, thing);
      return {
        why: `${arm} failed in ${reason.failed} of ${run}, the others in ${reason.othersFailed} of \
${reason.othersRun}.`,
        next: 'Chance does not explain this, and the rest cannot be compared: fix the cause and run again.',
      };
    }
    case 'tooFewBlocks':
      return {
        why: `Only ${reason.blocks} of ${counted(reason.planned, 'planned block')} are complete, and a verdict needs \
${reason.needed}.`,
        next: 'Let the run finish, or fix what made its containers fail.',
      };
    case 'control': {
      const { logRatio, p } = reason;
      const by = logRatio === null || p === null ? '' : ` by ${formatChange(logRatio)} (${pText(p)})`;
      return {
        why: `${baseline} and its copy ${control ?? 'control'} differ${by} in ${metricWords(metric, kind)}, so \
something other than the spec affects the result.`,
        next: 'Stop other work on this machine, then run again with `--pause 5ms`.',
      };
    }
  }
}

function undecidedWords(
  { arm, baseline, metric }: Comparison,
  reason: Of<'noBlock' | 'hidden' | 'notRecorded' | 'emulated' | 'fewBlocks'>,
  { kind }: Telling,
): VerdictWords {
  const name = metricWords(metric, kind);
  switch (reason.code) {
    case 'noBlock':
      return { why: 'No block is complete, so nothing can be compared.', next: 'Fix the failures and run again.' };
    case 'hidden':
      return {
        why: `The ${name} of the containers is smaller than that of bench, and Linux reports the larger of the two, so \
it cannot be compared.`,
        next: 'Measure it with another tool.',
      };
    case 'notRecorded':
      return { why: `No ${name} above 0 was recorded.`, next: 'Use another engine for this metric.' };
    case 'emulated':
      return {
        why: `${arm} and ${baseline} ran under an emulator (${EMULATION_WORDS[reason.emulation]}), so their \
${name} is not compared.`,
        next: 'The run shows that both work; measure on real hardware for a verdict.',
      };
    case 'fewBlocks':
      return {
        why: `${counted(reason.blocks, 'block')} ${reason.blocks === 1 ? 'is' : 'are'} too few.`,
        next: `Use \`--blocks ${reason.needed}\` or more.`,
      };
  }
}

function estimateWords(comparison: Comparison, { margin, kind, milliseconds }: Telling): VerdictWords {
  const { arm, baseline, metric, estimate, reason, settlement } = comparison;
  if (estimate === null) return { why: '', next: '' };
  const name = metricWords(metric, kind);
  const { logRatio, blocks } = estimate;
  const interval = `${intervalText(estimate)}, ${counted(blocks, 'block')}`;
  if (reason.code === 'withinMargin')
    return {
      why: `${arm} and ${baseline} differ by less than the margin of ${formatPercent(margin)} in ${name} \
(${formatChange(logRatio)}, ${interval}).`,
      next: 'Treat them as equal, or use a smaller `--margin`.',
    };
  if (reason.code === 'difference') {
    const found = `${arm} takes ${formatSize(logRatio)} ${logRatio < 0 ? 'less' : 'more'} ${name} than ${baseline} \
(${interval}).`;
    return reason.small
      ? {
          why: found,
          next: `The difference is real but smaller than the margin of ${formatPercent(margin)}.`,
        }
      : { why: `${found} Chance does not explain this;`, next: 'repeat with another `--seed` before you publish it.' };
  }
  return {
    why: `${arm} against ${baseline}: ${formatChange(logRatio)} in ${name} (${interval}). This shows neither a \
difference nor equality within ${formatPercent(margin)}.`,
    next: settlement === null ? 'Run more blocks (`--blocks`).' : settlementSentence(settlement, milliseconds ?? null),
  };
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
