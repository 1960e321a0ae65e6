import type {
  ArmCallTable,
  CallAnalysis,
  CallComparison,
  CallDifference,
  CallRow,
  DifferenceState,
  PartTable,
  Spread,
} from '../../model/analysis/call-analysis.js';
import type { CounterName, PartSplit } from '../../model/results/syscalls.js';
import { counted, DASH, plain, sentence, signed, threeDigits, withThousands } from '../text/format.js';
import { callSentences, spreadWords } from '../words/calls.js';
import { left, right, type Table } from '../run/tables.js';

/** Before a count that is not the same in every run. */
export const VARIES = '~';

export const COUNTER_WORDS: Readonly<Record<CounterName, string>> = {
  strace: 'strace -f',
  'perf-trace': 'perf trace -s',
  'perf-stat': 'perf stat -e raw_syscalls:sys_enter',
};

export const SPLIT_WORDS: Readonly<Record<PartSplit, string>> = {
  exec:
    "The container's calls begin after the exec of the payload; all calls before, and that exec, are the " +
    "runtime's.",
  thread:
    "Whole threads are counted: the payload's thread is the container's, including what it did as part of the " +
    'runtime before its exec.',
  attached: "The server's own calls, from the moment it was ready to the end of the load.",
  none: 'One number for all calls of all processes: runtime and container are not separated.',
};

const STATE_WORDS: Readonly<Record<DifferenceState, string>> = {
  same: 'same',
  differs: 'differs exactly',
  apart: 'differs more than it varies',
  overlaps: 'varies',
};

/** `40`, or `~38..44` where it varies. */
export const spreadText = (spread: Spread): string =>
  `${spread.min === spread.max ? '' : VARIES}${spreadWords(spread)}`;
const orDash = (spread: Spread | null): string => (spread === null ? DASH : spreadText(spread));

/** Blank where there are none, as in strace. */
const errorsText = (errors: Spread | null): string =>
  errors === null ? DASH : errors.max === 0 ? '' : spreadText(errors);

const usecsText = (usecs: number | null): string => (usecs === null ? DASH : plain(usecs, 0));

/** The cells of a row as strace -c has them: % time, seconds, usecs/call, calls, errors, syscall. */
export const straceCells = ({ name, calls, errors, seconds, usecsPerCall, timeShare }: CallRow): readonly string[] => [
  timeShare === null ? DASH : plain(100 * timeShare, 2),
  seconds === null ? DASH : plain(seconds, 6),
  usecsText(usecsPerCall),
  spreadText(calls),
  errorsText(errors),
  name,
];

export const STRACE_HEADS = ['% time', 'seconds', 'usecs/call', 'calls', 'errors', 'syscall'] as const;

/** The tables of a run's counting runs: what differs, then every arm in full; none where nothing was counted. */
export function callTables(calls: CallAnalysis | undefined): readonly Table[] {
  if (calls === undefined) return [];
  return [
    ...slowdownTable(calls),
    ...calls.comparisons.map((one) => differencesTable(one)),
    ...calls.arms.map((arm) => armTable(arm, calls)),
  ];
}

function slowdownTable({ arms, counter, refusals, notes, notCounted }: CallAnalysis): readonly Table[] {
  const rows = arms.map(({ arm, repeats, parts, slowdown }) => [
    arm,
    String(repeats),
    parts.map(({ part, total }) => `${part} ${spreadText(total.calls)}`).join(', '),
    ...(slowdown === null
      ? [DASH, DASH, DASH]
      : [slowdown.uncountedNs / 1e6, slowdown.countedNs / 1e6, slowdown.ratio].map((one) =>
          withThousands(threeDigits(one)),
        )),
  ]);
  return [
    {
      title: 'System calls',
      columns: [
        left('Arm'),
        right('Counting runs'),
        left('Calls by part'),
        right('Wall uncounted, ms'),
        right('Wall counted, ms'),
        right('Slow-down'),
      ],
      rows: [...rows, ...notCounted.map(({ arm, reason }) => [arm, '0', `not counted: ${reason}`, DASH, DASH, DASH])],
      note: [
        `Counted with ${COUNTER_WORDS[counter.name]} (${counter.version}), in untimed runs. \
${SPLIT_WORDS[counter.split]} ${VARIES} marks what varied between an arm's runs (fewest..most).`,
        'The slowdown is the median wall time of counted runs divided by that of uncounted runs: the cost of ' +
          'counting, not a property of the arms.',
        ...refusals.map(({ name, reason, fix }) =>
          sentence(`${COUNTER_WORDS[name]} not used: ${reason}${fix === null ? '' : ` (${fix})`}`),
        ),
        ...notes.map(sentence),
      ].join(' '),
    },
  ];
}

/** Calls that differ more than they vary from run to run; the note has the others. */
function differencesTable(comparison: CallComparison): Table {
  const { arm, baseline, calls, operations } = comparison;
  const shown = [...calls, ...operations].filter(({ state }) => state === 'differs' || state === 'apart');
  return {
    title: `System calls: ${arm} against ${baseline}`,
    columns: [
      left('Part'),
      left('Call'),
      right(`Calls, ${baseline}`),
      right(`Calls, ${arm}`),
      right('Difference'),
      right(`Errors, ${baseline}`),
      right(`Errors, ${arm}`),
      right(`usecs/call, ${baseline}`),
      right(`usecs/call, ${arm}`),
      left('Verdict'),
    ],
    rows:
      shown.length === 0
        ? [['all', 'all', DASH, DASH, '0', DASH, DASH, DASH, DASH, 'no call differs more than it varies']]
        : shown.map((one) => [
            one.part,
            one.name,
            spreadText(one.before),
            spreadText(one.after),
            changeText(one),
            orDash(one.errorsBefore),
            orDash(one.errorsAfter),
            usecsText(one.usecsBefore),
            usecsText(one.usecsAfter),
            STATE_WORDS[one.state],
          ]),
    note: `${callSentences(comparison).map(sentence).join(' ')} Times per call include the work of the counter.`,
  };
}

/** `+3`, exactly; `−68..−13` where one of them varies. */
export function changeText({ before, after }: Pick<CallDifference, 'before' | 'after'>): string {
  const [least, most] = [after.min - before.max, after.max - before.min];
  return least === most ? signed(least, 0) : `${signed(least, 0)}..${signed(most, 0)}`;
}

function armTable({ arm, repeats, parts }: ArmCallTable, { counter }: CallAnalysis): Table {
  const rowsOf = ({ part, rows, total }: PartTable): readonly (readonly string[])[] =>
    [...rows, total].map((row) => [part, ...straceCells(row)]);
  return {
    title: `System calls of ${arm}`,
    columns: [left('Part'), ...STRACE_HEADS.map((head) => (head === 'syscall' ? left(head) : right(head)))],
    rows: parts.flatMap(rowsOf),
    note: `${counted(repeats, 'counting run')} with ${COUNTER_WORDS[counter.name]}. Seconds: wall time in the call as \
the \
counter saw it (as strace -c -w), including the work of the counter; median of the runs. Calls are counted when \
they begin, so \
exit_group is included, which strace -c leaves out.`,
    folded: true,
  };
}
