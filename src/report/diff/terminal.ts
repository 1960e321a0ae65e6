import type { FilterDiff } from '../../model/filter/diff.js';
import { ARROW, counted, sentenceCase } from '../text/format.js';
import { wrapped } from '../text/columns.js';
import { BOLD, painter, tableWidthOf, widthOf, type Look } from '../text/look.js';
import { listed } from '../words/arguments.js';
import { priceLines, priceNote } from './prices.js';
import type { PricedDifference } from './prices.js';
import type { ChangeRow, KindView } from './rows.js';
import { viewOf } from './view.js';
import { plainLine } from '../../model/plain-text.js';

/** A comparison, as the user named its sides, and what is to be said with it. */
export interface ToldDiff {
  readonly before: string;
  readonly after: string;
  readonly machines: readonly FilterDiff[];
  /** Sentences about the sides. */
  readonly notes: readonly string[];
  /** `null`: nothing was timed. */
  readonly price: PricedDifference | null;
}

/** How much of it is shown. */
export interface DiffLook extends Look {
  /** Rows of each kind, and calls in a row; 0: all. */
  readonly limit: number;
}

const INDENT = 2;
const DEEPER = 4;

/** What changed, what was opened first; for terminals of 60 columns or more. Ends with a newline. */
export function renderDiff({ before, after, machines, notes, price }: ToldDiff, look: DiffLook): string {
  const width = widthOf(look.columns);
  const bold = (text: string): string => painter(look.colour)(BOLD, text);
  const view = viewOf(machines);
  const blocks = [
    wrapped(plainLine(`${before} ${ARROW} ${after} on ${view.machines}`), width).map(bold),
    ...(view.nothing === null ? [] : [[bold(view.nothing)]]),
    ...view.kinds
      .filter(({ rows }) => rows.length > 0)
      .map((kind) => kindLines(kind, view.abis, { limit: look.limit, width, bold })),
    ...(price === null ? [] : [priceLines(price, tableWidthOf(look.columns))]),
    [...view.notes, ...notes, ...(price === null ? [] : [priceNote(price)])].flatMap((note) =>
      hanging(plainLine(note), width, 0, INDENT),
    ),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

interface Page {
  readonly width: number;
  readonly bold: (text: string) => string;
}

function kindLines(
  { kind, calls, numbers, rows }: KindView,
  abis: readonly string[],
  { limit, width, bold }: Page & { readonly limit: number },
): readonly string[] {
  const shown = limit === 0 ? rows : rows.slice(0, limit);
  const more = rows.length - shown.length;
  return [
    bold(kindTitle({ kind, calls, numbers })),
    ...shown.flatMap((row) => hanging(rowText(row, abis, limit), width, INDENT, DEEPER)),
    ...(more > 0 ? [`${' '.repeat(INDENT)}and ${more} more: --limit 0 lists all`] : []),
  ];
}

/** ABIs named in a row before they are only counted. */
const MOST_ABIS = 6;

/** `socket (x86_64, x32): ...`; ABIs only where it is not all of them. */
function rowText({ calls, abis, text }: ChangeRow, all: readonly string[], limit: number): string {
  const names = abis.length > MOST_ABIS && limit !== 0 ? `${abis.length} of ${all.length} ABIs` : abis.join(', ');
  if (calls.length === 0) return plainLine(`${names}: ${text}`);
  return plainLine(`${listed(calls, limit)}${abis.length === all.length ? '' : ` (${names})`}: ${text}`);
}

/** `Opened: 3 calls and numbers without a name` */
export function kindTitle({ kind, calls, numbers }: Pick<KindView, 'kind' | 'calls' | 'numbers'>): string {
  const parts = [...(calls > 0 ? [counted(calls, 'call')] : []), ...(numbers ? ['numbers without a name'] : [])];
  return `${sentenceCase(kind)}: ${parts.join(' and ')}`;
}

function hanging(text: string, width: number, first: number, next: number): readonly string[] {
  return wrapped(text, width - next).map((line, at) => `${' '.repeat(at === 0 ? first : next)}${line}`);
}
