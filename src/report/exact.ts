import type { ExactFigures, ExactReport, ExactRow } from '../model/filter/exact.js';
import type { ArchitecturePolicy } from '../model/profile/seccomp.js';
import { arrange, wrapped } from './text/columns.js';
import { DASH, formatCount, signed } from './text/format.js';
import { widthOf, type Look } from './text/look.js';
import { plainLine } from '../model/plain-text.js';

const ARMS: Readonly<Record<ArchitecturePolicy, string>> = {
  all: 'before',
  host: 'after',
  trim: 'trim',
  native: 'native',
};

/**
 * Before, after and native of every machine; one row each where there are several. For terminals of 60 columns or more;
 * ends with a newline.
 */
export function renderExact(report: ExactReport, { columns }: Look): string {
  const width = widthOf(columns);
  const { profile, read, dialect, libseccomp, rows, unknown } = report;
  const [first] = rows;
  const table = rows.length === 1 && first !== undefined ? oneMachine(first, width) : manyMachines(rows, width);
  const notes = [
    ...leftOutNotes(rows),
    ...noSpecNotes(rows),
    ...unknownMachines(rows).map(
      (machine) => `libseccomp ${libseccomp} does not know ${machine}, so its instructions cannot be counted.`,
    ),
    ...(unknown.length === 0 ? [] : [`libseccomp ${libseccomp} does not know ${unknown.join(', ')}.`]),
  ];
  const lines = [
    ...wrapped(`${plainLine(profile)}, converted as by ${dialect}, libseccomp ${libseccomp}`, width),
    ...(read === undefined ? [] : wrapped(plainLine(read), width)),
    '',
    ...table,
    '',
    ...notes.flatMap((note) => wrapped(plainLine(note), width)),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** Figures down, arms across, with their change against before. */
function oneMachine({ machine, figures }: ExactRow, width: number): readonly string[] {
  const row = (
    name: string,
    value: (one: Extract<ExactFigures, { state: 'known' }>) => number | null,
  ): readonly string[] => {
    const values = figures.map((one) => (one.state === 'known' ? value(one) : null));
    return [name, ...values.map((one, index) => (index === 0 ? numberText(one) : withChange(one, values[0] ?? null)))];
  };
  return arrange(
    [
      [machine, ...figures.map(({ policy }) => ARMS[policy])],
      row('architectures', ({ architectures }) => architectures),
      row('bytes of OCI JSON', ({ specBytes }) => specBytes),
      row("bytes of lcr's file", ({ lxc }) => lxc?.bytes ?? null),
      row('lines in it', ({ lxc }) => lxc?.lines ?? null),
      row('sections in it', ({ lxc }) => lxc?.sections ?? null),
      row('BPF instructions', ({ instructions }) => instructions?.plain ?? null),
      row('as a binary tree', ({ instructions }) => instructions?.tree ?? null),
    ],
    { width, first: 26, align: 'right' },
  );
}

/** One row a machine, in as many tables as fit. */
function manyMachines(rows: readonly ExactRow[], width: number): readonly string[] {
  const cell = ({ figures }: ExactRow, value: Figure): string =>
    figures.map((one) => numberText(one.state === 'known' ? value(one) : null)).join('/');
  const table = (columns: readonly (readonly [string, Figure])[], atMost = width): readonly string[] =>
    arrange(
      [
        ['machine', ...columns.map(([name]) => name)],
        ...rows.map((row) => [row.machine, ...columns.map(([, value]) => cell(row, value))]),
      ],
      { width: atMost, first: 11, align: 'right' },
    );
  const whole = table(COLUMNS, Infinity);
  const [sizes, lengths] = [COLUMNS.slice(0, 2), COLUMNS.slice(2)];
  return [
    ...wrapped(
      hasTrim(rows)
        ? 'Each cell: before/after/trim/native (all architectures of the profile; its explicit list, which is kept ' +
            'whole; the list cut to the machine and its compat architectures; the machine alone).'
        : 'Each cell: before/after/native (all architectures of the profile; the machine with its compat ' +
            'architectures; the machine alone).',
      width,
    ),
    '',
    ...(whole.every((line) => line.length <= width) ? whole : [...table(sizes), '', ...table(lengths)]),
  ];
}

const hasTrim = (rows: readonly ExactRow[]): boolean =>
  rows.some(({ figures }) => figures.some(({ policy }) => policy === 'trim'));

type Figure = (one: Extract<ExactFigures, { state: 'known' }>) => number | null;
const COLUMNS: readonly (readonly [string, Figure])[] = [
  ['JSON bytes', ({ specBytes }) => specBytes],
  ['lcr lines', ({ lxc }) => lxc?.lines ?? null],
  ['instructions', ({ instructions }) => instructions?.plain ?? null],
  ['as a tree', ({ instructions }) => instructions?.tree ?? null],
];

const numberText = (value: number | null): string => (value === null ? DASH : formatCount(value));

function withChange(value: number | null, before: number | null): string {
  if (value === null || before === null || before === 0) return numberText(value);
  return `${formatCount(value)} (${signed((100 * (value - before)) / before, 0)} %)`;
}

/** By reason, of which there are few. */
function leftOutNotes(rows: readonly ExactRow[]): readonly string[] {
  if (rows.length > 1)
    return [
      'Instructions do not include architectures of the other byte order, which libseccomp cannot mix; the JSON does.',
    ];
  return rows.flatMap(({ figures }) =>
    figures.flatMap((one) => {
      if (one.state !== 'known' || one.leftOut.length === 0) return [];
      const byReason = new Map<string, string[]>();
      for (const { what, reason } of one.leftOut) byReason.set(reason, [...(byReason.get(reason) ?? []), what]);
      return [
        `${ARMS[one.policy]}: in the JSON but not among the instructions: ${[...byReason]
          .map(([reason, names]) => `${names.join(', ')} (${reason})`)
          .join('; ')}.`,
      ];
    }),
  );
}

/** Machines whose filter this libseccomp cannot build. */
const unknownMachines = (rows: readonly ExactRow[]): readonly string[] =>
  rows
    .filter(({ figures }) => figures.some((one) => one.state === 'known' && one.instructions === null))
    .map(({ machine }) => machine);

const noSpecNotes = (rows: readonly ExactRow[]): readonly string[] =>
  rows.flatMap(({ machine, figures }) =>
    figures.flatMap((one) =>
      one.state === 'none' ? [`${machine}, ${ARMS[one.policy]}: no spec (${one.reason}).`] : [],
    ),
  );
