import { plainLine } from '../../model/plain-text.js';
import type { Table } from '../run/tables.js';

/** A table with its title. */
export function tableMarkdown(table: Table): string {
  const lines = [tableLines(table), ...(table.note === undefined ? [] : [sentenceMarkdown(table.note)])];
  return (
    table.folded === true
      ? [`<details><summary>${escaped(table.title)}</summary>`, ...lines, '</details>']
      : [`### ${escaped(table.title)}`, ...lines]
  ).join('\n\n');
}

/** Its lines alone. */
export function tableLines({ columns, rows }: Pick<Table, 'columns' | 'rows'>): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(columns.map(({ head }) => escaped(head))),
    line(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
    ...rows.map((cells) => line(cells.map(escaped))),
  ].join('\n');
}

/** A space without width: GitHub makes no link of what it is in, not even of an entity or an escaped character. */
const UNLINKED = '&#8203;';

/**
 * Text that GitHub Markdown shows literally: no markup, no HTML, no formula, no cell border survives, and no link is
 * made of an address, a @name or a #number.
 */
export const escaped = (text: string): string =>
  plainLine(text)
    .replace(/[\\`*|~$]/g, '\\$&')
    .replace(/\](?=[(:])/g, '\\]')
    .replace(/(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\_')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    // At the beginning of a line: lists, headings, rules.
    .replace(/^(\d{1,9})([.)])(?=\s|$)/, '$1\\$2')
    .replace(/^[-+](?=\s|$)|^#(?=#{0,5}(?:\s|$))|^[-=](?=[-=\s]*$)/, '\\$&')
    .replace(/@(?=[\w-])|#(?=\d)|\b(?:GH(?=-\d)|www(?=\.)|(?:https?|ftp|mailto|xmpp):(?=\S))/gi, `$&${UNLINKED}`);

/** The same, but an option between backticks stays code. */
export const sentenceMarkdown = (text: string): string => escaped(text).replace(/\\`(--[\w .=%+-]+)\\`/g, '`$1`');
