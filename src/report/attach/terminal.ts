import { LOAD_PARTS } from '../../model/filter/attaching.js';
import type { FilterAttach } from '../../model/filter/attaching.js';
import { plainLine } from '../../model/plain-text.js';
import type { Table } from '../run/tables.js';
import { left, right } from '../run/tables.js';
import { arrange, wrapped } from '../text/columns.js';
import { amountText, DASH, formatCount, formatPercent, formatTime } from '../text/format.js';
import { BOLD, painter, tableWidthOf, widthOf } from '../text/look.js';
import type { Look } from '../text/look.js';
import { attachAnswer, attachedFilter, attachSentences, PART_NOTES, PART_WORDS } from './words.js';

const FIRST_COLUMN = 20;

/** What a load takes, by part, for terminals of 60 columns or more; ends with a newline. */
export function renderAttach(attach: FilterAttach, look: Look): string {
  const [width, tableWidth] = [widthOf(look.columns), tableWidthOf(look.columns)];
  const bold = painter(look.colour);
  const text = (sentences: readonly string[]): readonly string[] =>
    sentences.flatMap((one) => wrapped(plainLine(one), width));
  const table = (rows: readonly (readonly string[])[]): readonly string[] =>
    arrange(rows, { width: tableWidth, first: FIRST_COLUMN, align: 'left' });
  const lines = [
    ...text([attachAnswer(attach)]).map((line) => bold(BOLD, line)),
    ...text([attachedFilter(attach)]),
    '',
    ...table([['part', 'time [95 %]', 'share', ''], ...partRows(attach)]),
    '',
    ...table([['part', 'per instruction', 'fixed', 'expected'], ...lineRows(attach)]),
    '',
    ...text(attachSentences(attach)),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function partRows({ parts, whole }: FilterAttach): readonly (readonly string[])[] {
  const rows = LOAD_PARTS.flatMap((part) => {
    const own = parts.find((one) => one.part === part);
    if (own === undefined) return [];
    return [[PART_WORDS[part], amountText(own), formatPercent(own.ns / whole.ns, 2), PART_NOTES[part]]];
  });
  return [...rows, ['in all', amountText(whole), '', 'measured as a whole']];
}

const lineRows = ({ lines }: FilterAttach): readonly (readonly string[])[] =>
  lines.map(({ part, perInstruction, fixed, expectedNs }) => [
    PART_WORDS[part],
    amountText(perInstruction),
    amountText(fixed),
    formatTime(expectedNs),
  ]);

/** A page shows no indent: there it is said in words. */
const unindented = (cell: string): string => (cell.startsWith('  ') ? `of it: ${cell.trim()}` : cell);

/** The same as tables of a page. */
export function attachTables(attach: FilterAttach): readonly [parts: Table, lines: Table, sweep: Table] {
  const { lines, sweep } = attach;
  const drawn = lines.map(({ part }) => part);
  return [
    {
      title: 'Parts of a load',
      columns: [left('Part'), right('Time [95 %]'), right('Share'), left('What')],
      rows: partRows(attach).map((row) => row.map(unindented)),
    },
    {
      title: 'Lines over instructions',
      columns: [left('Part'), right('Per instruction [95 %]'), right('Fixed [95 %]'), right('Expected of the filter')],
      rows: lineRows(attach).map((row) => row.map(unindented)),
    },
    {
      title: 'Filters of other sizes',
      columns: [right('Instructions'), ...drawn.map((part) => right(PART_WORDS[part].trim()))],
      rows: sweep.map(({ instructions, parts }) => [
        formatCount(instructions),
        ...drawn.map((part) => {
          const own = parts.find((one) => one.part === part);
          return own === undefined ? DASH : amountText(own);
        }),
      ]),
    },
  ];
}
