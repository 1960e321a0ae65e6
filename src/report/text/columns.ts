import { LONGEST_TEXT, plainBlock, plainLine } from '../../model/plain-text.js';

/** How rows become columns of a terminal. */
export interface Arrangement {
  /** No line gets longer. */
  readonly width: number;
  /** Most characters of the first column. */
  readonly first: number;
  /** Of every column but the first. */
  readonly align: 'left' | 'right';
}

// Text from outside is in any of these texts, so all are made plain here, where lines are made.

/** Text of at most `width` characters on one line, an ellipsis where something was cut. */
export const clipped = (text: string, width: number): string => cut(flat(text), width);

/** One plain line; spaces stay, because lines of columns are clipped too. */
const flat = (text: string): string =>
  text.length > LONGEST_TEXT ? plainLine(text) : plainBlock(text).replaceAll('\n', ' ');

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}\u2026`;

/** Rows as lines of equal columns, two spaces between them. */
export function arrange(rows: readonly (readonly string[])[], { width, first, align }: Arrangement): readonly string[] {
  const cells = rows.map((row) => row.map((cell, column) => (column === 0 ? clipped(cell, first) : flat(cell))));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const padded = (cell: string, column: number): string =>
    column === 0 || align === 'left' ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return cells.map((row) => cut(row.map(padded).join('  ').trimEnd(), width));
}

/**
 * Text broken between words into lines of at most `width` characters. A number stays with its unit; a longer word is
 * cut into pieces.
 */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of flat(text)
    .replaceAll(BEFORE_UNIT, NO_BREAK)
    .split(' ')
    .flatMap((one) => pieces(one, width))) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line) => line.replaceAll(NO_BREAK, ' '));
}

const NO_BREAK = '\u00a0';
/** The space of `18 %`, `3.1 ms` or `12 KiB`. */
const BEFORE_UNIT = /(?<=\d) (?=(?:%|[nµm]?s|min|[KMG]iB|[kMG]B)(?:[^\w]|$))/g;

const pieces = (word: string, width: number): readonly string[] =>
  Array.from({ length: Math.max(1, Math.ceil(word.length / width)) }, (_, index) =>
    word.slice(index * width, (index + 1) * width),
  );
