import type { AnalysedRun, Diagnostic, ExactComparison } from '../../model/analysis/analysis.js';
import type { StoppingRule } from '../../model/run/stopping.js';
import { instructionsOf, isCommand } from '../../model/filter/instructions.js';
import { marginText, percentText, signed } from '../text/format.js';
import { left, right } from './tables.js';
import type { Table } from './tables.js';
import { metricWords } from '../text/words.js';

const QUANTITY_WORDS: Readonly<Record<ExactComparison['quantity'], string>> = {
  architectures: 'architectures in the spec',
  specBytes: 'bytes of the spec',
  filterInstructions: 'BPF instructions',
  writtenBytes: 'bytes written at every start',
  writtenLines: 'lines written at every start',
  writtenSections: 'sections written at every start',
};

/** What is counted and differs: `BPF instructions 1647 → 1015, ...`; empty where nothing is known to. */
export const countedChanges = (exact: readonly ExactComparison[]): string =>
  exact
    .filter(({ value, baselineValue }) => value !== null && baselineValue !== null && value !== baselineValue)
    .map(
      ({ quantity, value, baselineValue }) =>
        `${QUANTITY_WORDS[quantity]} ${baselineValue ?? ''} \u2192 ${value ?? ''}`,
    )
    .join(', ');

/**
 * What is counted of every arm beside its baseline; `null` where no spec was recorded, or the arms are commands, which
 * have none.
 */
export function exactTable({ run, analysis }: AnalysedRun): Table | null {
  const commands = new Set(run.evidence.filter(isCommand).map(({ arm }) => arm));
  const known = analysis.exact.filter(
    ({ arm, baseline, value, baselineValue }) =>
      !commands.has(arm) && !commands.has(baseline) && (value !== null || baselineValue !== null),
  );
  if (known.length === 0) return null;
  const predicted = new Set(
    run.evidence.filter((one) => instructionsOf(one).state === 'predicted').map(({ arm }) => arm),
  );
  const cell = (arm: string, quantity: ExactComparison['quantity'], value: number | null): string =>
    value === null
      ? 'unknown'
      : `${value}${quantity === 'filterInstructions' && predicted.has(arm) ? ' predicted' : ''}`;
  return {
    title: 'Compared exactly',
    columns: [left('Arms'), left('Quantity'), right('Baseline'), right('Arm'), right('Change'), left('Verdict')],
    rows: known.map(({ arm, baseline, quantity, value, baselineValue, verdict }) => [
      `${arm} / ${baseline}`,
      QUANTITY_WORDS[quantity],
      cell(baseline, quantity, baselineValue),
      cell(arm, quantity, value),
      exactChange(value, baselineValue),
      verdict,
    ]),
    note: 'Counted, not sampled: there is no interval and nothing to test. Instructions are of the filters really loaded, unless predicted is said.',
  };
}

const exactChange = (value: number | null, baseline: number | null): string =>
  value === null || baseline === null || baseline === 0 ? '–' : `${signed(100 * (value / baseline - 1), 1)} %`;

/** The smallest effects that the run would have found; `null` where nothing has an interval. */
export function resolutionTable({ run, analysis: { resolution } }: AnalysedRun): Table | null {
  if (resolution.length === 0) return null;
  return {
    title: 'What this run could have seen',
    columns: [left('Arm'), left('Metric'), right('Blocks'), right('With 80 % power'), right('With 90 % power')],
    rows: resolution.map(({ arm, metric, blocks, detectable80, detectable90 }) => [
      arm,
      metricWords(metric, run.plan.scenario.kind),
      String(blocks),
      percentText(detectable80),
      percentText(detectable90),
    ]),
    note: 'A true change of this size is found (at 5 %, two-sided) by 80 or 90 of 100 runs with this spread and so many blocks; a smaller one may be there and stay unseen.',
  };
}

/** A stopping rule as it was asked for. */
export function ruleWords(rule: StoppingRule): string {
  switch (rule.kind) {
    case 'halfWidth':
      return `--until ${marginText(rule.width)}`;
    case 'decided':
      return '--until decided';
    case 'budget':
      return `--budget ${rule.milliseconds / 1000}s`;
  }
}

/** Every rule that could have ended the run and what came of it; `null` where the count was fixed beforehand. */
export function stoppingTable({ analysis: { stopping } }: AnalysedRun): Table | null {
  if (stopping.length === 0) return null;
  return {
    title: 'How the run ended',
    columns: [left('Rule'), left('Outcome'), left('What it did to the numbers')],
    rows: stopping.map(({ rule, state, sentence }) => [
      ruleWords(rule),
      state === 'reached' ? 'reached' : 'not reached',
      sentence,
    ]),
    note: 'Every rule follows a plan made before the first block; none ends a run because p happens to be small.',
  };
}

const KIND_WORDS: Readonly<Record<Diagnostic['kind'], string>> = {
  slot: 'place in the block',
  drift: 'drift',
  carryOver: 'carry-over',
  dependence: 'dependent blocks',
  tails: 'tails',
};

/** What the series show beside the effect, the clear findings first; `null` where the run was too short for any. */
export function diagnosticsTable({ run, analysis: { diagnostics } }: AnalysedRun): Table | null {
  if (diagnostics.length === 0) return null;
  const clear = diagnostics.filter((one) => one.clear);
  return {
    title: `What else was seen (${clear.length} of ${diagnostics.length} clear)`,
    columns: [left('What'), left('Metric'), left('Clear'), left('Meaning')],
    rows: [...clear, ...diagnostics.filter((one) => !one.clear)].map(
      ({ kind, metric, clear: beyondChance, meaning }) => [
        KIND_WORDS[kind],
        metricWords(metric, run.plan.scenario.kind),
        beyondChance ? 'yes' : 'no',
        meaning,
      ],
    ),
    note: 'Clear: beyond chance and large enough to matter.',
    folded: true,
  };
}
