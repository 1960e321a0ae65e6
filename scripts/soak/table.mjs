// The tables in docs/soak.md, each between its marks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = join(import.meta.dirname, '../../docs/soak.md');
const END = '<!-- end of what is made -->';

/** A table in Markdown. @param {readonly string[]} columns @param {readonly (readonly unknown[])[]} rows */
export const markdown = (columns, rows) =>
  [columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`).join('\n');

const cell = (value) => String(value).replaceAll('|', '\\|');

/** The same for a terminal, with columns below one another. */
export function plain(columns, rows) {
  const lines = [columns, ...rows].map((cells) => cells.map(String));
  const widths = columns.map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  return lines
    .map((cells) =>
      cells
        .map((one, column) => one.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Writes what a kind found between its marks. @param {string} kind @param {string} text */
export function publish(kind, text) {
  const page = readFileSync(PAGE, 'utf8');
  const mark = `<!-- made by npm run soak ${kind} -->`;
  const begin = page.indexOf(mark);
  const end = page.indexOf(END, begin);
  if (begin < 0 || end < 0) throw new Error(`${PAGE} does not have the marks ${mark} ... ${END}`);
  writeFileSync(PAGE, `${page.slice(0, begin + mark.length)}\n\n${text}\n\n${page.slice(end)}`);
}
