import type { AnalysedRun, FailureCount } from '../../model/analysis/analysis.js';
import type { ArmLedger, FailureStage, Ledger, Reconciliation } from '../../model/results/ledger.js';
import { left, right, type Table } from './tables.js';

/** Where a container failed, to a reader. */
const STAGE_WORDS: Readonly<Record<FailureStage, string>> = {
  launch: 'launch: the runtime could not be started',
  run: 'run',
  convert: 'convert the profile',
  write: 'write the bundle',
  create: 'create',
  start: 'start',
  exit: 'run inside',
  remove: 'remove',
};

/**
 * The place in a few words, `in create, ENOSPC`; nothing where it is the runtime's work as a whole and no errno is
 * known beyond the cause.
 */
export function placeWords({ stage, errno, cause }: FailureCount): string {
  const parts = [
    ...(stage === 'run' || stage === 'launch' ? [] : [`in ${stage}`]),
    ...(errno === null || cause.includes(errno) ? [] : [errno]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** `12 planned = 9 ok + 1 failed + 2 not run`; parts that are 0 are left out, ok excepted. */
export function armLedgerWords({ planned, ok, failed, timedOut, interrupted, notRun }: ArmLedger): string {
  const parts = (
    [
      ['failed', failed],
      ['timed out', timedOut],
      ['interrupted', interrupted],
      ['not run', notRun],
    ] as const
  ).filter(([, count]) => count > 0);
  return `${planned} planned = ${[`${ok} ok`, ...parts.map(([word, count]) => `${count} ${word}`)].join(' + ')}`;
}

const isWhole = ({ planned, ok }: ArmLedger): boolean => planned === ok;

/** Lines for a terminal, of the arms that lost containers; none where all is well. */
export const ledgerLines = ({ arms }: Ledger): readonly string[] =>
  arms.filter((arm) => !isWhole(arm)).map((arm) => `${arm.arm}: ${armLedgerWords(arm)}`);

/** What the engine's own lists said, in one sentence. */
export function engineListWords(engine: Reconciliation): string {
  if (engine.state === 'unknown')
    return `Whether the engine lists containers of this run is not known: ${engine.reason}.`;
  if (engine.leaked.length === 0)
    return 'The engine listed nothing after the run that it had not listed before: 0 leaked.';
  return `${engine.leaked.length} leaked, by the engine's own list: ${engine.leaked.join(', ')}; ${engine.left.length === 0 ? 'all were removed' : `still there: ${engine.left.join(', ')}`}.`;
}

/** Where every planned container went; `null` where all went well and nothing is known of the engine's lists. */
export function ledgerTable({ analysis: { ledger } }: AnalysedRun): Table | null {
  if (ledger.arms.every(isWhole) && ledger.engine.state === 'unknown') return null;
  return {
    title: 'Ledger',
    columns: [
      left('Arm'),
      right('Planned'),
      right('OK'),
      right('Failed'),
      right('Timed out'),
      right('Interrupted'),
      right('Not run'),
    ],
    rows: ledger.arms.map(({ arm, ...counts }) => [
      arm,
      ...[counts.planned, counts.ok, counts.failed, counts.timedOut, counts.interrupted, counts.notRun].map(String),
    ]),
    note: `Planned is the sum of the others. ${engineListWords(ledger.engine)}`,
  };
}

/** Failed containers by arm, stage, errno and cause; `null` where none failed. */
export function failuresTable({ analysis: { failures } }: AnalysedRun): Table | null {
  if (failures.length === 0) return null;
  return {
    title: 'Failures',
    columns: [left('Arm'), right('Count'), left('Stage'), left('errno'), left('Cause'), left('Last words on stderr')],
    rows: failures.map(({ arm, count, stage, errno, cause, stderr }) => [
      arm,
      String(count),
      STAGE_WORDS[stage],
      errno ?? '\u2013',
      cause,
      stderr,
    ]),
    note: "A failed container is counted and never timed. The errno is the launcher's own, or read off what the runtime wrote.",
  };
}
