import type { FilterWork, PricedRow, PricedTable } from '../../model/analysis/priced-table.js';
import { arrange, wrapped } from '../text/columns.js';
import { counted, DASH, formatCount, negated, rangeOfNs, rangeText } from '../text/format.js';
import { BOLD, painter, tableWidthOf, widthOf } from '../text/look.js';
import type { Look } from '../text/look.js';
import { answersSentences, noteSentence, shareSentences, unpricedSentences } from './words.js';
import { plainLine } from '../../model/plain-text.js';

export interface PriceLook extends Look {
  /** Every call; else the 20 with the largest totals. */
  readonly all: boolean;
}

const MOST_ROWS = 20;

/** What the calls of a table would pay, for terminals of 60 columns or more; ends with a newline. */
export function renderPrice(priced: PricedTable, look: PriceLook): string {
  const [width, tableWidth] = [widthOf(look.columns), tableWidthOf(look.columns)];
  const shown = look.all ? priced.rows : priced.rows.slice(0, MOST_ROWS);
  const more = priced.rows.length - shown.length;
  const text = (sentences: readonly string[]): readonly string[] =>
    sentences.flatMap((sentence) => wrapped(plainLine(sentence), width));
  const alerts = text(answersSentences(priced));
  const isMarked = shown.some(({ basis }) => basis === 'derived');
  const lines = [
    ...wrapped(plainLine(titleOf(priced)), width).map((line) => painter(look.colour)(BOLD, line)),
    ...wrapped(plainLine(pricesWords(priced)), width),
    '',
    ...(alerts.length === 0 ? [] : [...alerts, '']),
    ...(priced.rows.length === 0 ? [] : [...tableOf(priced, shown, tableWidth)]),
    ...(more === 0 ? [] : [`(${counted(more, 'call')} with smaller totals left out: --all)`]),
    ...(isMarked ? text([DERIVED]) : []),
    '',
    ...text([...unpricedSentences(priced), ...totalSentence(priced), ...shareSentences(priced)]),
    ...text(priced.notes.map((note) => `Warning: ${noteSentence(note)}`)),
    ...wrapped(`Prices: ${plainLine(priced.prices)}`, width),
  ];
  return `${lines.join('\n')}\n`;
}

const DERIVED =
  '* not timed itself: cached calls cost what timed cached ones do, others what a line through the timed ones gives ' +
  'at their instructions';

const titleOf = ({ table, profile, against }: PricedTable): string =>
  `Price of the system calls in ${table} under ${profile}, compared with ${against ?? 'no filter'}`;

const pricesWords = ({ blocks, machine, kernel }: PricedTable): string =>
  `Prices of ${counted(blocks, 'block')} on ${machine}, Linux ${kernel}`;

function totalSentence({ total, rows, against }: PricedTable): readonly string[] {
  if (total === null) return ['None of its calls has a price.'];
  const calls = counted(
    rows.reduce((sum, row) => sum + row.calls, 0),
    'call',
  );
  const other = against === null ? 'without a filter' : `under ${against}`;
  return total.longest.ns < 0
    ? [`${calls} cost ${rangeText(negated(total.longest), negated(total.shortest))} less than ${other}.`]
    : [`${calls} cost ${rangeText(total.shortest, total.longest)} more than ${other}.`];
}

/** How much of each row there is room for. */
interface Form {
  readonly heads: readonly string[];
  readonly cells: (row: PricedRow) => readonly string[];
  readonly first: number;
}

/** From the widest to the narrowest. */
const formsFor = (priced: PricedTable): readonly Form[] => [
  formOf(priced, { answer: true, perCall: true, total: true, first: 24 }),
  formOf(priced, { answer: true, perCall: true, total: false, first: 20 }),
  formOf(priced, { answer: false, perCall: false, total: false, first: 16 }),
];

/** What a form shows: the answer of the filter, the intervals of both prices. */
interface Shown {
  readonly answer: boolean;
  readonly perCall: boolean;
  readonly total: boolean;
  readonly first: number;
}

function formOf({ against }: PricedTable, { answer, perCall, total, first }: Shown): Form {
  const withInterval = (title: string, shown: boolean): string => (shown ? `${title} [95 %]` : title);
  return {
    heads: [
      'call',
      'calls',
      ...(answer ? ['answer'] : []),
      'instr.',
      ...(against === null ? [] : ['before']),
      withInterval('ns per call', perCall),
      withInterval('total', total),
    ],
    cells: (row) => [
      plainLine(row.call),
      formatCount(row.calls),
      ...(answer ? [answerText(row)] : []),
      pathText(row.work),
      ...(row.against === null ? [] : [pathText(row.against)]),
      perCallText(row, { interval: perCall }),
      rangeText(row.total.shortest, row.total.longest, { interval: total }),
    ],
    first,
  };
}

function tableOf(priced: PricedTable, rows: readonly PricedRow[], width: number): readonly string[] {
  const forms = formsFor(priced);
  const laid = ({ heads, cells, first }: Form, most: number): readonly string[] =>
    arrange([heads, ...rows.map(cells)], { width: most, first, align: 'right' });
  const fitting = forms.find((form) => laid(form, Infinity).every((line) => line.length <= width)) ?? forms.at(-1);
  return fitting === undefined ? [] : laid(fitting, width);
}

const ANSWERS: Readonly<Record<PricedRow['kind'], string>> = {
  allowed: 'allowed',
  depends: 'by arguments',
  denied: 'denied',
  stopped: 'stopped',
};

const answerText = ({ kind, work }: PricedRow): string => (work.cached ? 'cached' : ANSWERS[kind]);

const pathText = ({ cached, fewest, most }: FilterWork): string =>
  cached ? DASH : fewest === most ? String(most) : `${fewest}-${most}`;

/** `45.2 [44.0, 46.3]`, `45.2 to 61.0 [44.0, 63.1]`, in nanoseconds. */
function perCallText({ perCall, basis }: PricedRow, { interval }: { readonly interval: boolean }): string {
  const mark = basis === 'derived' ? ' *' : '  ';
  return `${rangeOfNs(perCall.shortest, perCall.longest, { interval })}${mark}`;
}
