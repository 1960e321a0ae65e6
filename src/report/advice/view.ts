import type { Advice, AdviceOption, OptionResult } from '../../model/analysis/advice.js';
import { dotAxis } from '../charts/axis.js';
import { numbersOf } from '../charts/numbers.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import type { RowsSpec } from '../charts/spec.js';
import { ARROW, counted, DASH, effectOf, estimateText, formatCount, formatTime } from '../text/format.js';
import { editWords, foreknownWords } from './foreknown.js';
import type { PlainReport } from '../plain-report.js';
import { notesTable } from '../run/notes.js';
import { left, right } from '../run/tables.js';
import type { Table } from '../run/tables.js';

/** What each option changes in the profile, or in how its filter is made. */
export const OPTION_WORDS: Readonly<Record<AdviceOption, string>> = {
  hostOnly: "Only the host's architectures (against all)",
  trim: "The explicit list cut to the host's architectures",
  nativeOnly: 'Without compat architectures',
  tree: 'Binary tree instead of a chain',
  ordered: 'Rules in the order of observed counts',
  prebuilt: 'Precompiled filter',
};

/** What each option means for security, in one line. */
export const SECURITY: Readonly<Record<AdviceOption, string>> = {
  hostOnly:
    'Nothing changes for programs of this machine: calls of an architecture that is not in a filter end the process, ' +
    "and this machine's kernel runs no program of the dropped ones.",
  trim:
    'Nothing changes for programs of this machine: calls of an architecture that is not in a filter end the process, ' +
    "and this machine's kernel runs no program of the dropped ones. The file no longer serves other machines.",
  nativeOnly:
    'Programs of the dropped architectures (32-bit, x32) are killed at their first call. What needs them stops ' +
    'working, and their entries into the kernel are closed.',
  tree: "The rules are the same; libseccomp's code for trees is trusted instead of its code for chains.",
  ordered: 'The rules are the same; only the order in which they are tried changes.',
  prebuilt:
    'The file is the filter: anyone who can write it decides what is allowed. It fits this kind of machine alone: on ' +
    'another architecture its first call ends the process. Build it again when the profile, the kernel or libseccomp ' +
    'changes.',
};

type Measured = Extract<OptionResult, { readonly state: 'measured' }>;

/** `1,001 → 1,246 instructions`. */
export function lengthWords({ instructions: [without, withIt] }: Measured): string {
  if (without === null || withIt === null) return 'filter not seen';
  return without === withIt
    ? `${formatCount(without)} instructions, unchanged`
    : `${formatCount(without)} ${ARROW} ${formatCount(withIt)} instructions`;
}

/** The option, and what it is compared with where that is not the unchanged profile. */
export const optionLabel = ({ option, against }: Measured): string =>
  against === undefined ? OPTION_WORDS[option] : `${OPTION_WORDS[option]}, both precompiled`;

/** `16.2 ms → 8.1 ms` */
export const startWords = ([without, withIt]: readonly [number | null, number | null]): string =>
  without === null || withIt === null ? DASH : `${formatTime(without)} ${ARROW} ${formatTime(withIt)}`;

/** The engine, and whether its starts found a compiled filter. */
export const engineOfAdvice = ({ engine, cache }: Advice): string =>
  cache === null ? engine : `${engine} (${cache} starts)`;

const FINISHED_METHOD =
  'This runtime builds only its own form. Another form was built before the run and given to it finished, so its ' +
  'starts are compared with those of the precompiled plain filter, and its calls with those of the unchanged profile.';

const foldersOf = ({ results: { starts, calls, actions } }: Advice): readonly string[] =>
  [starts, calls, actions].filter((folder) => typeof folder === 'string');

/** The report of `bench advise`. */
export function adviceReport(advice: Advice): PlainReport {
  const measured = advice.options.filter((option) => option.state === 'measured');
  return {
    title: `What could be saved: ${advice.profile}`,
    subtitle: `${engineOfAdvice(advice)}, ${counted(advice.blocks.starts, 'block')} of starts and \
${formatCount(advice.blocks.calls)} of calls. Each option against the profile with the host's architectures; results \
in ${foldersOf(advice).join(', ')}.`,
    findings: [],
    warnings: [...foreknownWords(advice.foreknown), ...advice.warnings],
    pictures: measured.length === 0 ? [] : [changeOf(measured)],
    tables: [
      startsTable(measured),
      ...(advice.results.calls === null ? [] : [callsTable(measured)]),
      securityTable(advice.options),
      ...editTable(advice),
      ...orderTable(advice),
      ...notesOf(advice),
    ],
    method: [
      'Starts: one container of every arm per block, in an order shuffled from the seed, with the built-in engine ' +
        'unless ' +
        'another is named. The time includes building the filter with libseccomp, namespaces, loading and the payload.',
      ...(measured.some(({ against }) => against !== undefined) ? [FINISHED_METHOD] : []),
      'The estimate is the same as for any run: paired log ratios against two arms of the unchanged profile, trimmed ' +
        'means, t interval.',
      'Calls: priced as by bench percall, against the unchanged profile.',
    ],
  };
}

function startsTable(measured: readonly Measured[]): Table {
  return {
    title: 'At a start',
    columns: [
      left('Option'),
      right('CPU time [95 %]'),
      right('median CPU'),
      right('Wall time [95 %]'),
      right('median wall'),
      left('Filter'),
    ],
    rows: measured.map((one) => [
      optionLabel(one),
      estimateText(one.cpu),
      startWords(one.startNs.cpu),
      estimateText(one.wall),
      startWords(one.startNs.wall),
      lengthWords(one),
    ]),
  };
}

function callsTable(measured: readonly Measured[]): Table {
  return {
    title: 'Per call',
    columns: [left('Option'), left('Call'), left('Kind'), right('ns unchanged'), right('Change [95 %]')],
    rows: measured.flatMap((one) =>
      one.calls.length === 0
        ? [[OPTION_WORDS[one.option], DASH, DASH, DASH, 'the loaded filter is the same']]
        : one.calls.map(({ call, kind, ns, change }) => [
            OPTION_WORDS[one.option],
            call,
            kind,
            ns.toFixed(1),
            estimateText(change),
          ]),
    ),
  };
}

const securityTable = (options: readonly OptionResult[]): Table => ({
  title: 'Security, and options that were not measured',
  columns: [left('Option'), left('What it means'), left('Not measured because')],
  rows: options.map((one) => [OPTION_WORDS[one.option], one.security, one.state === 'measured' ? DASH : one.reason]),
});

function editTable({ foreknown: { edit } }: Advice): readonly Table[] {
  if (edit === null) return [];
  return [
    {
      title: 'Lines to edit for the shorter list',
      columns: [right('Line'), left('Entry'), left('Place')],
      rows: edit.remove.map(({ line, name, path }) => [String(line), name, path]),
      note: editWords(edit).join(' '),
    },
  ];
}

function orderTable({ counts }: Advice): readonly Table[] {
  if (counts === null) return [];
  return [
    {
      title: 'Order of rules',
      columns: [right('Place'), left('Call')],
      rows: counts.first.map((name, index) => [String(index + 1), name]),
      folded: true,
      note: `By the counts of ${counts.from}. Calls that the kernel has cached come last: they never reach the filter.`,
    },
  ];
}

function notesOf({ notes }: Advice): readonly Table[] {
  const table = notesTable([{ arm: 'profile', notes }]);
  return table === null ? [] : [table];
}

const changeOf = (measured: readonly Measured[]): Picture => {
  const spec = chartOf(measured);
  return pictureOf('change', spec, { sentence: changeSentence(measured), numbers: numbersOf(spec) });
};

/** The option that saves most, if one does. */
function changeSentence(measured: readonly Measured[]): string {
  const saving = measured
    .flatMap((one) => (one.cpu !== null && one.cpu.high < 0 ? [{ label: optionLabel(one), cpu: one.cpu }] : []))
    .sort((a, b) => a.cpu.logRatio - b.cpu.logRatio);
  const [most] = saving;
  return most === undefined
    ? 'No option was shown to save CPU time.'
    : `${most.label} saves most: ${estimateText(most.cpu)}.`;
}

function chartOf(measured: readonly Measured[]): RowsSpec {
  const rows = measured.map((one) => {
    const effect = one.cpu === null ? null : effectOf(one.cpu);
    return {
      label: optionLabel(one),
      text: estimateText(one.cpu),
      role: 'compared' as const,
      value: effect?.percent ?? null,
      low: effect?.low ?? null,
      high: effect?.high ?? null,
      marks: [],
    };
  });
  return {
    kind: 'rows',
    id: 'advise',
    title: 'Change of CPU time at a start',
    subtitle:
      "Each option against the profile with the host's architectures (the first against all of them), with 95 % " +
      'intervals. Negative is less.',
    axisTitle: 'change of CPU time, %',
    axis: dotAxis([0, ...rows.flatMap(({ value, low, high }) => [value ?? 0, low ?? 0, high ?? 0])]),
    noEffect: { margin: [-1, 1] },
    rows,
  };
}
