import type { AnalysedRun } from '../model/analysis/analysis.js';
import type { BreakRow } from '../model/analysis/break-analysis.js';
import type { RunEnd } from '../model/results/ledger.js';
import { FEWEST_FOR_TRIMMED } from '../model/analysis/judgement.js';
import { counted, DASH, formatChange, formatCount, pText } from './text/format.js';
import { metricWords } from './words/names.js';
import { left, right, type Table } from './run/tables.js';

/** How the part before a break had ended; `null`: it was killed. */
const ENDS: Readonly<Record<RunEnd, string>> = {
  complete: 'complete',
  rule: 'a rule',
  maxFailures: '--max-failures',
  failedBlocks: 'failed blocks',
  runtimeChanged: 'another runtime',
  interrupted: 'stopped',
  error: 'an error',
};

/** Where the run was resumed, and whether anything changed there; `null`: it ran in one part. */
export function breaksTable(analysed: AnalysedRun): Table | null {
  const { run, analysis } = analysed;
  const resumed = (run.breaks ?? []).filter((one) => one.kind === 'resumed');
  if (resumed.length === 0) return null;
  const { kind } = run.plan.scenario;
  const rows = resumed.flatMap(({ block, at, after }) => {
    const place = [formatCount(block), at, after === null ? 'killed' : ENDS[after]];
    const looked = analysis.breaks?.find((one) => one.at === at && one.block === block);
    if (looked === undefined) return [[...place, DASH, DASH, DASH, 'nothing before or after it']];
    return looked.rows.map((row) => [...place, ...rowCells(row, kind), foundWords(row)]);
  });
  return {
    title: 'Where the run was resumed',
    columns: [
      left('Before block'),
      left('Resumed at'),
      left('Part before'),
      left('Compared'),
      right('After against before'),
      right('Test (Holm)'),
      left('Found'),
    ],
    rows,
    note:
      'Arms are compared within each block, so a change of the whole machine between two parts cancels out. ' +
      'A changed effect does not cancel out: the estimate is then a mix of both parts.',
    folded: true,
  };
}

function rowCells({ kind, arm, metric, estimate, adjusted }: BreakRow, scenario: 'sequential' | 'parallel') {
  const what = kind === 'effect' ? `effect of ${arm}` : `time of ${arm}`;
  return [
    `${what}, ${metricWords(metric, scenario)}`,
    estimate === null ? DASH : formatChange(estimate.logRatio),
    adjusted === null ? DASH : pText(adjusted),
  ];
}

function foundWords({ kind, estimate, changed }: BreakRow): string {
  if (estimate === null) return `fewer than ${FEWEST_FOR_TRIMMED} complete blocks before or after it`;
  if (!changed) return 'no clear change';
  return kind === 'effect' ? 'changed' : 'changed, as times of a machine do';
}

/** `resumed twice`; nothing where the run ran in one part. */
export function resumedWords({ run: { breaks = [] } }: AnalysedRun): readonly string[] {
  const times = breaks.filter(({ kind }) => kind === 'resumed').length;
  if (times === 0) return [];
  return [times === 1 ? 'resumed once' : `resumed ${counted(times, 'time')}`];
}
