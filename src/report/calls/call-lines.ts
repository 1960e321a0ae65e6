import type {
  ArmCallTable,
  CallAnalysis,
  CallComparison,
  CallDifference,
  CallRow,
  ClientSigns,
  Slowdown,
} from '../../model/analysis/call-analysis.js';
import { changeText, COUNTER_WORDS, SPLIT_WORDS, spreadText, STRACE_HEADS, straceCells, VARIES } from './calls.js';
import { arrange, clipped, wrapped } from '../text/columns.js';
import { counted, DASH, sentence, threeDigits } from '../text/format.js';
import { BOLD, painter, tableWidthOf, widthOf, type Look } from '../text/look.js';
import { callSentences, clientWords } from '../words/calls.js';
import { plainLine } from '../../model/plain-text.js';

export interface CallLook extends Look {
  /** Every call; else the 10 of each part that took the most time. */
  readonly all: boolean;
}

const MOST_ROWS = 10;
const MOST_NAME = 30;
/** Wider than any table gets. */
const WIDEST = 400;
const ADVICE =
  'To count the container, use `bench syscalls count --engine docker --arms before,unconfined`: it traces the daemon ' +
  'and all processes it starts, and separates them.';

/**
 * The counting runs of a run, for terminals of 60 columns or more: what differs, then a table per arm as strace -c
 * prints it. Ends with a newline.
 */
export function renderCalls(calls: CallAnalysis, look: CallLook): string {
  const width = widthOf(look.columns);
  const bold = boldIn(look);
  const { counter, arms, comparisons, notCounted, notes } = calls;
  return `${[
    ...wrapped(
      `System calls, counted with ${COUNTER_WORDS[counter.name]} ${counter.version} in untimed runs`,
      width,
    ).map(bold),
    ...wrapped(
      `${SPLIT_WORDS[counter.split]}${arms.some(varies) ? ` ${VARIES}: varies between the runs of an arm.` : ''}`,
      width,
    ),
    ...notes.flatMap((note) => wrapped(sentence(plainLine(note)), width)),
    ...arms.flatMap((arm) => (arm.slowdown === null ? [] : wrapped(slowdownWords(arm, arm.slowdown), width))),
    ...notCounted.flatMap(({ arm, reason }) =>
      wrapped(`${plainLine(arm)} was not counted: ${plainLine(reason)}`, width),
    ),
    ...comparisons.flatMap((one) => ['', ...comparisonLines(one, look)]),
    ...arms.flatMap((arm) => armLines(arm, look)),
  ].join('\n')}\n`;
}

function slowdownWords({ arm, repeats, requests }: ArmCallTable, { ratio, countedNs, uncountedNs }: Slowdown): string {
  const [slow, fast] = [countedNs, uncountedNs].map((ns) => threeDigits(ns / 1e6));
  const times = `${slow ?? ''} ms instead of ${fast ?? ''} ms`;
  const thing = requests === undefined ? 'start' : 'request';
  return `${plainLine(arm)}: ${counted(repeats, 'run')}; counting made a ${thing} take ${threeDigits(ratio)} times as \
long (${times})`;
}

/** Comparisons of saved counts, after doubts about them. Ends with a newline. */
export function renderComparisons(
  comparisons: readonly CallComparison[],
  { doubts, warnings }: CountsDoubts,
  look: CallLook,
): string {
  const width = widthOf(look.columns);
  const reasons = [...new Set(doubts.map(({ signs }) => clientWords(signs)))];
  const files = (reason: string): string =>
    doubts
      .filter(({ signs }) => clientWords(signs) === reason)
      .map(({ file }) => plainLine(file))
      .join(' and ');
  const head = reasons.flatMap((reason) => [...wrapped(`${files(reason)}: ${plainLine(reason)}.`, width), '']);
  const advice = reasons.length === 0 ? [] : ['', ...wrapped(ADVICE, width)];
  const compared = comparisons.flatMap((one, index) => [...(index === 0 ? [] : ['']), ...comparisonLines(one, look)]);
  const warned = warnings.flatMap((warning) => wrapped(`Warning: ${plainLine(warning)}.`, width));
  return `${[...head, ...compared, ...advice, ...(warned.length === 0 ? [] : ['', ...warned])].join('\n')}\n`;
}

/** What a reader of compared counts must know of their files. */
interface CountsDoubts {
  /** Files with the counts of something else than a container. */
  readonly doubts: readonly { readonly file: string; readonly signs: ClientSigns }[];
  /** What is missing in a table, one line each. */
  readonly warnings: readonly string[];
}

const varies = ({ parts }: ArmCallTable): boolean =>
  parts.some(({ rows }) => rows.some(({ calls: { min, max } }) => min !== max));
const boldIn =
  ({ colour }: CallLook) =>
  (text: string): string =>
    painter(colour)(BOLD, text);

/** Two arms, or two files: sentences, then the calls that differ or vary. */
function comparisonLines(comparison: CallComparison, look: CallLook): readonly string[] {
  const { arm, baseline, calls, operations } = comparison;
  const width = widthOf(look.columns);
  const rows = [...calls, ...operations].filter(({ state }) => state !== 'same');
  const first = rows.filter(({ state }) => state !== 'overlaps');
  const shown = look.all ? rows : first;
  const more = rows.length - shown.length;
  return [
    ...wrapped(`${plainLine(arm)} against ${plainLine(baseline)}`, width).map(boldIn(look)),
    ...callSentences(comparison).flatMap((one) => wrapped(sentence(plainLine(one)), width)),
    ...(shown.length === 0 ? [] : differenceRows(shown, tableWidthOf(look.columns))),
    ...(more === 0
      ? []
      : wrapped(
          `${counted(more, 'call')} left out: ${more === 1 ? 'it varies' : 'they vary'} only between runs.`,
          width,
        )),
  ];
}

/**
 * The name of a part on its own line, its calls below. Errors in separate columns, in brackets after the calls, or not
 * at all: the first form that fits.
 */
function differenceRows(rows: readonly CallDifference[], width: number): readonly string[] {
  const laid = layoutsOf(rows).map((layout) =>
    arrange([layout.heads, ...rows.map(layout.cells)], { width: WIDEST, first: MOST_NAME, align: 'right' }),
  );
  const [head = '', ...lines] = (
    laid.find((all) => all.every((line) => line.length <= width)) ??
    laid.at(-1) ??
    []
  ).map((line) => clipped(line, width));
  return [
    head,
    ...lines.flatMap((line, index) => {
      const part = rows[index]?.part;
      return part === rows[index - 1]?.part || part === undefined ? [line] : [`${part}:`, line];
    }),
  ];
}

interface Layout {
  readonly heads: readonly string[];
  readonly cells: (one: CallDifference) => readonly string[];
}

function layoutsOf(rows: readonly CallDifference[]): readonly Layout[] {
  const named = (one: CallDifference): string => `  ${plainLine(one.name)}`;
  const plainCells = (one: CallDifference): readonly string[] => [
    named(one),
    spreadText(one.before),
    spreadText(one.after),
  ];
  const error = (errors: CallDifference['errorsBefore']): string => (errors === null ? DASH : spreadText(errors));
  const bracketed = (calls: CallDifference['before'], errors: CallDifference['errorsBefore']): string =>
    `${spreadText(calls)}${errors === null || errors.max === 0 ? '' : ` (${spreadText(errors)})`}`;
  const heads = ['call', 'before', 'after', 'difference'];
  const withErrors: readonly Layout[] = [
    {
      heads: [...heads, 'errors before', 'after'],
      cells: (one) => [...plainCells(one), changeText(one), error(one.errorsBefore), error(one.errorsAfter)],
    },
    {
      heads: ['call', 'before (errors)', 'after (errors)', 'difference'],
      cells: (one) => [
        named(one),
        bracketed(one.before, one.errorsBefore),
        bracketed(one.after, one.errorsAfter),
        changeText(one),
      ],
    },
  ];
  const hasErrors = rows.some(({ errorsBefore, errorsAfter }) => errorsBefore !== null || errorsAfter !== null);
  return [
    ...(hasErrors ? withErrors : []),
    { heads, cells: (one) => [...plainCells(one), changeText(one)] },
    { heads: heads.slice(0, 3), cells: plainCells },
  ];
}

function armLines({ arm, parts }: ArmCallTable, look: CallLook): readonly string[] {
  const width = tableWidthOf(look.columns);
  return parts.flatMap(({ part, rows, total }) => {
    const shown = look.all ? rows : rows.slice(0, MOST_ROWS);
    const more = rows.length - shown.length;
    return [
      '',
      boldIn(look)(clipped(`${plainLine(arm)}: ${part}`, width)),
      ...straceLines(shown, total, width),
      ...(more === 0 ? [] : [clipped(`(${counted(more, 'call')} with less time left out)`, width)]),
    ];
  });
}

/** As strace -c prints it: the name last, and lines of dashes; without seconds where not all columns fit. */
function straceLines(rows: readonly CallRow[], total: CallRow, width: number): readonly string[] {
  const all = [[...STRACE_HEADS], ...[...rows, total].map(straceCells)];
  const full = straceLook(all);
  return full.every((line) => line.length <= width)
    ? full
    : straceLook(all.map((cells) => cells.filter((_, column) => STRACE_HEADS[column] !== 'seconds'))).map((line) =>
        clipped(line, width),
      );
}

function straceLook(body: readonly (readonly string[])[]): readonly string[] {
  const widths = (body[0] ?? []).map((_, column) => Math.max(...body.map((cells) => cells[column]?.length ?? 0)));
  const dashes = widths.map((one) => '-'.repeat(one)).join(' ');
  const lines = body.map((cells) =>
    cells
      .map((cell, column) => (column === cells.length - 1 ? plainLine(cell) : cell.padStart(widths[column] ?? 0)))
      .join(' ')
      .trimEnd(),
  );
  return [lines[0] ?? '', dashes, ...lines.slice(1, -1), dashes, lines.at(-1) ?? ''];
}
