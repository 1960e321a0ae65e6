import type { ArmCallTable, CallAnalysis, CallComparison, CallDifference, CallRow } from '../model/call-analysis.js';
import { changeText, COUNTER_WORDS, SPLIT_WORDS, spreadText, STRACE_HEADS, straceCells, VARIES } from './calls.js';
import { arrange, clipped, wrapped } from './columns.js';
import { counted, plain, printable, sentence } from './format.js';

export interface CallLook {
  readonly columns: number;
  readonly colour: boolean;
  /** Every call; else the {@link MOST_ROWS} of each part with most time. */
  readonly all: boolean;
}

const MOST_ROWS = 10;
const MOST_NAME = 30;
const ADVICE = 'To count the container: bench syscalls count --engine docker --arms before,unconfined traces the daemon and all it starts, and tells them apart.';

/** A run's counting runs for a terminal of 60 columns or more: what differs, then a table per arm as strace -c prints it. Ends with a newline. */
export function renderCalls(calls: CallAnalysis, look: CallLook): string {
  const width = widthOf(look);
  const bold = boldIn(look);
  const { counter, arms, comparisons, notCounted, notes } = calls;
  return `${[
    ...wrapped(`System calls, counted with ${COUNTER_WORDS[counter.name]} ${counter.version} in runs that are not timed`, width).map(bold),
    ...wrapped(`${SPLIT_WORDS[counter.split]}${arms.some(varies) ? ` ${VARIES}: varied between an arm's runs.` : ''}`, width),
    ...notes.flatMap((note) => wrapped(sentence(printable(note)), width)),
    ...arms.flatMap(({ arm, repeats, slowdown }) => (slowdown === null ? [] : wrapped(
      `${printable(arm)}: ${counted(repeats, 'run')}; counting made a start ${plain(slowdown.ratio, 2)} times as long (${plain(slowdown.countedNs / 1e6, 2)} ms over ${plain(slowdown.uncountedNs / 1e6, 2)} ms)`, width))),
    ...notCounted.flatMap(({ arm, reason }) => wrapped(`${printable(arm)}: not counted: ${printable(reason)}`, width)),
    ...comparisons.flatMap((one) => ['', ...comparisonLines(one, look)]),
    ...arms.flatMap((arm) => armLines(arm, look)),
  ].join('\n')}\n`;
}

/** Comparisons of saved counts, after what is doubtful about them. Ends with a newline. */
export function renderComparisons(comparisons: readonly CallComparison[], doubts: readonly { readonly file: string; readonly reason: string }[], look: CallLook): string {
  const width = widthOf(look);
  const reasons = [...new Set(doubts.map(({ reason }) => reason))];
  const files = (reason: string): string => doubts.filter((one) => one.reason === reason).map(({ file }) => printable(file)).join(' and ');
  const head = reasons.flatMap((reason) => [...wrapped(sentence(`${files(reason)}: ${reason}`), width), '']);
  const advice = reasons.length === 0 ? [] : ['', ...wrapped(ADVICE, width)];
  return `${[...head, ...comparisons.flatMap((one, index) => [...(index === 0 ? [] : ['']), ...comparisonLines(one, look)]), ...advice].join('\n')}\n`;
}

const varies = ({ parts }: ArmCallTable): boolean => parts.some(({ rows }) => rows.some(({ calls: { min, max } }) => min !== max));
const widthOf = ({ columns }: CallLook): number => Math.max(40, Math.min(columns, 100));
const boldIn = ({ colour }: CallLook) => (text: string): string => (colour ? `\u001b[1m${text}\u001b[0m` : text);

/** Two arms, or two files, beside each other: sentences, then the calls that differ or vary. */
export function comparisonLines({ arm, baseline, calls, operations, sentences }: CallComparison, look: CallLook): readonly string[] {
  const width = widthOf(look);
  const rows = [...calls, ...operations].filter(({ state }) => state !== 'same');
  const first = rows.filter(({ state }) => state !== 'overlaps');
  const shown = look.all ? rows : first;
  const more = rows.length - shown.length;
  return [
    ...wrapped(`${printable(arm)} against ${printable(baseline)}`, width).map(boldIn(look)), ...sentences.flatMap((one) => wrapped(sentence(printable(one)), width)),
    ...(shown.length === 0 ? [] : differenceRows(shown, width)),
    ...(more === 0 ? [] : wrapped(`${counted(more, 'call')} that only ${more === 1 ? 'varies' : 'vary'} between runs ${more === 1 ? 'is' : 'are'} left out here.`, width)),
  ];
}

function differenceRows(rows: readonly CallDifference[], width: number): readonly string[] {
  const errors = rows.some(({ errorsBefore, errorsAfter }) => errorsBefore !== null || errorsAfter !== null) && width >= 76;
  const error = (one: CallDifference['errorsBefore']): string => (one === null ? '\u2013' : spreadText(one));
  const cells = rows.map((one) => [
    `${one.part} ${printable(one.name)}`, spreadText(one.before), spreadText(one.after), changeText(one), ...(errors ? [error(one.errorsBefore), error(one.errorsAfter)] : []),
  ]);
  const heads = ['part, call', 'before', 'after', 'difference', ...(errors ? ['errors before', 'after'] : [])];
  return arrange([heads, ...cells], { width, first: width >= 76 ? 34 : 28, align: 'right' });
}

function armLines({ arm, parts }: ArmCallTable, look: CallLook): readonly string[] {
  const width = widthOf(look);
  return parts.flatMap(({ part, rows, total }) => {
    const shown = look.all ? rows : rows.slice(0, MOST_ROWS);
    const more = rows.length - shown.length;
    return ['', boldIn(look)(clipped(`${printable(arm)}: ${part}`, width)), ...straceLines(shown, total, width), ...(more === 0 ? [] : [clipped(`(${counted(more, 'call')} by name with less time left out)`, width)])];
  });
}

/** In the look of strace -c: the name last, and lines of dashes. */
function straceLines(rows: readonly CallRow[], total: CallRow, width: number): readonly string[] {
  const body = [[...STRACE_HEADS], ...[...rows, total].map(straceCells)];
  const widths = STRACE_HEADS.map((_, column) => Math.max(...body.map((cells) => cells[column]?.length ?? 0)));
  const dashes = widths.map((one, column) => '-'.repeat(column === widths.length - 1 ? Math.min(one, MOST_NAME) : one)).join(' ');
  const lines = body.map((cells) => cells.map((cell, column) => (column === cells.length - 1 ? printable(cell) : cell.padStart(widths[column] ?? 0))).join(' ').trimEnd());
  return [lines[0] ?? '', dashes, ...lines.slice(1, -1), dashes, lines.at(-1) ?? ''].map((line) => clipped(line, width));
}
