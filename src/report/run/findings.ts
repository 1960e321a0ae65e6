import type { AnalysedRun, Diagnostic, ExactComparison } from '../../model/analysis/analysis.js';
import { countedThing } from '../../model/run/scenario.js';
import type { StoppingRule } from '../../model/run/stopping.js';
import { instructionsOf, isCommand } from '../../model/filter/instructions.js';
import { ARROW, DASH, formatCount, formatPercent, marginText, signed, withThousands } from '../text/format.js';
import { diagnosticSentence, stoppingSentence } from '../words/diagnostics.js';
import { left, right } from './tables.js';
import type { Table } from './tables.js';
import { metricWords } from '../words/names.js';

const QUANTITY_WORDS: Readonly<Record<ExactComparison['quantity'], string>> = {
  architectures: 'architectures in the spec',
  specBytes: 'bytes of the spec',
  filterInstructions: 'BPF instructions',
  writtenBytes: 'bytes written at every start',
  writtenLines: 'lines written at every start',
  writtenSections: 'sections written at every start',
};

/** Counts that differ: `BPF instructions 1,647 → 1,015, ...`; empty where none does. */
export const countedChanges = (exact: readonly ExactComparison[]): string =>
  exact
    .filter(({ value, baselineValue }) => value !== null && baselineValue !== null && value !== baselineValue)
    .map(
      ({ quantity, value, baselineValue }) =>
        `${QUANTITY_WORDS[quantity]} ${formatCount(baselineValue ?? 0)} ${ARROW} ${formatCount(value ?? 0)}`,
    )
    .join(', ');

/** Counts of every arm and its baseline; `null` where no spec was recorded, or the arms are commands without one. */
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
      : `${formatCount(value)}${quantity === 'filterInstructions' && predicted.has(arm) ? ' predicted' : ''}`;
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
    note:
      'Counted exactly, so there is no interval and no test. Instructions are those of the loaded filters, ' +
      'unless marked as predicted.',
  };
}

/** `−61.4 %`, `+146,650 %`: a decimal where it tells counts apart. */
function exactChange(value: number | null, baseline: number | null): string {
  if (value === null || baseline === null || baseline === 0) return DASH;
  const percent = 100 * (value / baseline - 1);
  return `${withThousands(signed(percent, Math.abs(percent) < 1000 ? 1 : 0))} %`;
}

/** The smallest effects the run could have found; `null` where nothing has an interval. */
export function resolutionTable({ run, analysis: { resolution } }: AnalysedRun): Table | null {
  if (resolution.length === 0) return null;
  return {
    title: 'Smallest change this run could detect',
    columns: [left('Arm'), left('Metric'), right('Blocks'), right('With 80 % power'), right('With 90 % power')],
    rows: resolution.map(({ arm, metric, blocks, detectable80, detectable90 }) => [
      arm,
      metricWords(metric, run.plan.scenario.kind),
      formatCount(blocks),
      formatPercent(detectable80, 2),
      formatPercent(detectable90, 2),
    ]),
    note:
      'With this spread and number of blocks, 80 or 90 of 100 runs find a true change of this size (at 5 %, ' +
      'two-sided). A smaller change may go undetected.',
  };
}

/** A stopping rule as it is given on the command line. */
export function ruleWords(rule: StoppingRule): string {
  switch (rule.kind) {
    case 'halfWidth':
      return `--until ${marginText(rule.width)}`;
    case 'decided':
      return '--until decided';
    case 'budget':
      return `--budget ${rule.milliseconds / 1000}s`;
    case 'time':
      return `--for ${rule.milliseconds / 1000}s`;
  }
}

/** Every rule that could have ended the run and its outcome; `null` where the count was fixed beforehand. */
export function stoppingTable({ analysis: { stopping } }: AnalysedRun): Table | null {
  if (stopping.length === 0) return null;
  return {
    title: 'How the run ended',
    columns: [left('Rule'), left('Outcome'), left('Effect on the numbers')],
    rows: stopping.map((outcome) => [
      ruleWords(outcome.rule),
      outcome.state === 'reached' ? 'reached' : 'not reached',
      stoppingSentence(outcome),
    ]),
    note: 'All rules are fixed before the first block; none stops a run just because p is small.',
  };
}

const KIND_WORDS: Readonly<Record<Diagnostic['kind'], string>> = {
  slot: 'place in the block',
  drift: 'drift',
  carryOver: 'carry-over',
  dependence: 'dependent blocks',
  tails: 'tails',
};

/** What the series show besides the effect, clear findings first; `null` where the run was too short for any. */
export function diagnosticsTable({ run, analysis: { diagnostics } }: AnalysedRun): Table | null {
  if (diagnostics.length === 0) return null;
  const clear = diagnostics.filter((one) => one.clear);
  return {
    title: `Diagnostics (${clear.length} of ${diagnostics.length} clear)`,
    columns: [left('What'), left('Metric'), left('Clear'), left('Meaning')],
    rows: [...clear, ...diagnostics.filter((one) => !one.clear)].map((one) => [
      KIND_WORDS[one.kind],
      metricWords(one.metric, run.plan.scenario.kind),
      one.clear ? 'yes' : 'no',
      diagnosticSentence(one, run.plan.scenario.kind, countedThing(run.plan.scenario)),
    ]),
    note: 'Clear: beyond chance and large enough to matter.',
    folded: true,
  };
}
