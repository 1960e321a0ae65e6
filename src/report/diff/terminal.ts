import type { FilterDiff } from '../../model/filter/diff.js';
import { ARROW, counted, printable, sentenceCase } from '../text/format.js';
import { wrapped } from '../text/columns.js';
import { BOLD, painter, widthOf, type Look } from '../text/look.js';
import { listed } from '../words/arguments.js';
import type { ChangeRow, KindView } from './rows.js';
import { viewOf } from './view.js';

/** What is compared, as the user named it. */
export interface DiffNames {
  readonly before: string;
  readonly after: string;
}

/** How much of it is shown. */
export interface DiffLook extends Look {
  /** Rows of each kind, and calls in a row; 0: all. */
  readonly limit: number;
}

const INDENT = 2;
const DEEPER = 4;

/** What changed, what was opened first; for terminals of 60 columns or more. Ends with a newline. */
export function renderDiff(
  diffs: readonly FilterDiff[],
  notes: readonly string[],
  { before, after }: DiffNames,
  look: DiffLook,
): string {
  const width = widthOf(look.columns);
  const bold = (text: string): string => painter(look.colour)(BOLD, text);
  const view = viewOf(diffs);
  const blocks = [
    wrapped(printable(`${before} ${ARROW} ${after} on ${view.machines}`), width).map(bold),
    ...(view.nothing === null ? [] : [[bold(view.nothing)]]),
    ...view.kinds
      .filter(({ rows }) => rows.length > 0)
      .map((kind) => kindLines(kind, view.abis, { limit: look.limit, width, bold })),
    [...view.notes, ...notes].flatMap((note) => hanging(printable(note), width, 0, INDENT)),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

interface Page {
  readonly width: number;
  readonly bold: (text: string) => string;
}

function kindLines(
  { kind, calls, rows }: KindView,
  abis: readonly string[],
  { limit, width, bold }: Page & { readonly limit: number },
): readonly string[] {
  const shown = limit === 0 ? rows : rows.slice(0, limit);
  const more = rows.length - shown.length;
  return [
    bold(`${sentenceCase(kind)}: ${counted(calls, 'call')}`),
    ...shown.flatMap((row) => hanging(rowText(row, abis, limit), width, INDENT, DEEPER)),
    ...(more > 0 ? [`${' '.repeat(INDENT)}and ${more} more: --limit 0 lists all`] : []),
  ];
}

/** ABIs named in a row before they are only counted. */
const MOST_ABIS = 6;

/** `socket (x86_64, x32): ...`; ABIs only where it is not all of them. */
function rowText({ calls, abis, text }: ChangeRow, all: readonly string[], limit: number): string {
  const names = abis.length > MOST_ABIS && limit !== 0 ? `${abis.length} of ${all.length} ABIs` : abis.join(', ');
  if (calls.length === 0) return printable(`${names}: ${text}`);
  return printable(`${listed(calls, limit)}${abis.length === all.length ? '' : ` (${names})`}: ${text}`);
}

function hanging(text: string, width: number, first: number, next: number): readonly string[] {
  return wrapped(text, width - next).map((line, at) => `${' '.repeat(at === 0 ? first : next)}${line}`);
}
