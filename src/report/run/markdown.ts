import { sentenceCase } from '../text/format.js';
import { PUBLISHED_SOURCE } from './published.js';
import type { Table } from './tables.js';
import type { ReportView, RunView } from './view.js';
import { VERDICT_WORDS } from '../words/run.js';
import { plainLine } from '../../model/plain-text.js';

/**
 * The report as GitHub Markdown, for a step summary: verdicts first, then tables; no pictures, which a step summary
 * cannot show.
 */
export function renderMarkdown(report: ReportView): string {
  const several = report.runs.length > 1;
  return (
    [
      `# bench: ${escaped(report.title)}`,
      ...(report.nodes === null ? [] : [tableMarkdown(report.nodes)]),
      ...report.sweeps.map(({ table }) => tableMarkdown(table)),
      ...report.runs.map((run) => runMarkdown(run, several)),
    ].join('\n\n') + '\n'
  );
}

const runMarkdown = (run: RunView, several: boolean): string =>
  [
    several ? `## ${escaped(run.title)}` : '',
    ...headlineParts(run),
    ...identityParts(run),
    ...warningParts(run),
    ...run.tables.map(tableMarkdown),
    ...(run.caveats.length === 0 ? [] : [`Published: ${PUBLISHED_SOURCE}. ${escaped(run.caveats.join(' '))}`]),
    tableMarkdown(run.host),
  ]
    .filter((part) => part !== '')
    .join('\n\n');

/** The verdict on each arm, a paragraph each. */
const headlineParts = ({ headlines }: RunView): readonly string[] =>
  headlines.map(
    ({ verdict, claim, figures, because, loaded }) =>
      `**${sentenceCase(VERDICT_WORDS[verdict])}**: ${escaped(claim)}: ${escaped(figures)}. ` +
      sentenceMarkdown(because) +
      (loaded === null ? '' : ` ${escaped(loaded)}`),
  );

/** What was run, on what, and what could be seen; the last may be empty. */
export const identityParts = (run: RunView): readonly string[] => [
  `${escaped(run.subtitle)}; ${escaped(run.completeness)}.\n\n${escaped(run.arms)}.`,
  sentenceMarkdown(run.remarks.join(' ')),
];

/** A quoted paragraph each. */
export const warningParts = ({ warnings }: RunView): readonly string[] =>
  warnings.map((warning) => `> **Warning:** ${sentenceMarkdown(warning)}`);

/** A table with its title. */
export function tableMarkdown(table: Table): string {
  const lines = [tableLines(table), ...(table.note === undefined ? [] : [sentenceMarkdown(table.note)])];
  return (
    table.folded === true
      ? [`<details><summary>${escaped(table.title)}</summary>`, ...lines, '</details>']
      : [`### ${escaped(table.title)}`, ...lines]
  ).join('\n\n');
}

function tableLines({ columns, rows }: Table): string {
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
