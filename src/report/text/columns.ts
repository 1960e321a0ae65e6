/** How rows become columns of a terminal. */
export interface Arrangement {
  /** No line gets longer. */
  readonly width: number;
  /** Most characters of the first column. */
  readonly first: number;
  /** Of every column but the first. */
  readonly align: 'left' | 'right';
}

/** Text of at most `width` characters, an ellipsis where something was cut. */
export const clipped = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}\u2026`;

/** Rows as lines of equal columns, two spaces between them. */
export function arrange(rows: readonly (readonly string[])[], { width, first, align }: Arrangement): readonly string[] {
  const cells = rows.map((row) => row.map((cell, column) => (column === 0 ? clipped(cell, first) : cell)));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const padded = (cell: string, column: number): string =>
    column === 0 || align === 'left' ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return cells.map((row) => clipped(row.map(padded).join('  ').trimEnd(), width));
}

/** Text broken between words into lines of at most `width` characters; a longer word is cut into pieces. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ').flatMap((one) => pieces(one, width))) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

const pieces = (word: string, width: number): readonly string[] =>
  word.length <= width ? [word] : [word.slice(0, width), ...pieces(word.slice(width), width)];
