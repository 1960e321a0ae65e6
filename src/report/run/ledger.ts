import type { AnalysedRun, FailureCount } from '../../model/analysis/analysis.js';
import type { ArmLedger, FailureStage, Ledger, Reconciliation } from '../../model/results/ledger.js';
import { counted, DASH, formatCount } from '../text/format.js';
import { left, right, type Table } from './tables.js';

/** Where a container failed. */
const STAGE_WORDS: Readonly<Record<FailureStage, string>> = {
  launch: 'launch (the runtime could not be started)',
  run: 'run',
  convert: 'convert the profile',
  write: 'write the bundle',
  sandbox: "make the pod's sandbox",
  create: 'create',
  start: 'start',
  exit: 'run the payload',
  remove: 'remove',
};

/** The place in a few words, `(in create, ENOSPC)`; empty where neither a stage nor an errno is known. */
export function placeWords({ stage, errno, cause }: FailureCount): string {
  const parts = [
    ...(stage === 'run' || stage === 'launch' ? [] : [`in ${stage}`]),
    ...(errno === null || cause.includes(errno) ? [] : [errno]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** `12 planned = 9 ok + 1 failed + 2 not run`; parts that are 0 are left out, except ok. */
function armLedgerWords({ planned, ok, failed, timedOut, interrupted, notRun }: ArmLedger): string {
  const parts = (
    [
      ['failed', failed],
      ['timed out', timedOut],
      ['interrupted', interrupted],
      ['not run', notRun],
    ] as const
  ).filter(([, count]) => count > 0);
  const sum = [`${formatCount(ok)} ok`, ...parts.map(([word, count]) => `${formatCount(count)} ${word}`)].join(' + ');
  return `${formatCount(planned)} planned = ${sum}`;
}

const isWhole = ({ planned, ok }: ArmLedger): boolean => planned === ok;

/** Lines for a terminal, one per arm that lost containers. */
export const ledgerLines = ({ arms }: Ledger): readonly string[] =>
  arms.filter((arm) => !isWhole(arm)).map((arm) => `${arm.arm}: ${armLedgerWords(arm)}`);

/** What the engine's own lists of containers show. */
function engineListWords(engine: Reconciliation): string {
  if (engine.state === 'unknown')
    return `It is unknown whether the engine still has containers of this run (${engine.reason}).`;
  if (engine.leaked.length === 0) return 'No container leaked: the engine lists no new containers.';
  const fate = engine.left.length === 0 ? 'all were removed' : `still there: ${engine.left.join(', ')}`;
  return `${counted(engine.leaked.length, 'container')} leaked according to the engine's list: \
${engine.leaked.join(', ')}; \
${fate}.`;
}

/** What became of every planned container; `null` where all ran and the engine's lists are unknown. */
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
      ...[counts.planned, counts.ok, counts.failed, counts.timedOut, counts.interrupted, counts.notRun].map(
        formatCount,
      ),
    ]),
    note: `Planned is the sum of the others. ${engineListWords(ledger.engine)}`,
  };
}

/** Failed containers by arm, stage, errno and cause; `null` where none failed. */
export function failuresTable({ analysis: { failures } }: AnalysedRun): Table | null {
  if (failures.length === 0) return null;
  return {
    title: 'Failures',
    columns: [left('Arm'), right('Count'), left('Stage'), left('errno'), left('Cause'), left('End of stderr')],
    rows: failures.map(({ arm, count, stage, errno, cause, stderr }) => [
      arm,
      formatCount(count),
      STAGE_WORDS[stage],
      errno ?? DASH,
      cause,
      stderr,
    ]),
    note:
      'Failed containers are counted and never timed. The errno comes from the launcher or from ' + 'runtime wrote.',
  };
}
