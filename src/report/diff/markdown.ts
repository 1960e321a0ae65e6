import { escaped } from '../text/markdown.js';
import { ARROW, sentenceCase } from '../text/format.js';
import { listed } from '../words/arguments.js';
import { priceNote, priceRows } from './prices.js';
import type { PricedDifference } from './prices.js';
import { kindTitle } from './terminal.js';
import type { ToldDiff } from './terminal.js';
import type { ChangeRow, KindView } from './rows.js';
import { viewOf } from './view.js';
import type { DiffView } from './view.js';

/** The comparison for a pull request: what was opened stands open, the rest is folded. Ends with a newline. */
export function diffMarkdown({ before, after, machines, notes, price }: ToldDiff, limit: number): string {
  const view = viewOf(machines);
  const heading = `### ${escaped(`${before} ${ARROW} ${after} on ${view.machines}`)}`;
  const about = [...view.notes, ...notes, ...(price === null ? [] : [priceNote(price)])];
  const list = about.map((note) => `- ${escaped(note)}`).join('\n');
  const prices = price === null ? [] : [priceTable(price)];
  return `${[heading, ...changeParts(view, limit), ...prices, folded('About the filters', list)].join('\n\n')}\n`;
}

function changeParts({ kinds, nothing, abis }: DiffView, limit: number): readonly string[] {
  if (nothing !== null) return [`**${nothing}.**`];
  const [opened, ...others] = kinds;
  const counts = kinds.filter(({ rows }) => rows.length > 0).map(kindTitle);
  const head = opened?.rows.length === 0 ? ['Nothing opened', ...counts] : counts;
  return [
    `**${head.join('. ')}.**`,
    ...(opened === undefined || opened.rows.length === 0 ? [] : [table(opened, abis, limit)]),
    ...others.filter(({ rows }) => rows.length > 0).map((kind) => folded(kindTitle(kind), table(kind, abis, limit))),
  ];
}

function priceTable(price: PricedDifference): string {
  const [heading = [], ...rows] = priceRows(price).map((cells) => `| ${cells.map(escaped).join(' | ')} |`);
  return [heading, '| --- | ---: | ---: | ---: |', ...rows].join('\n');
}

function table({ kind, rows }: KindView, all: readonly string[], limit: number): string {
  const shown = limit === 0 ? rows : rows.slice(0, limit);
  const more = rows.length - shown.length;
  const lines = shown.map(({ calls, abis, text }: ChangeRow) => {
    const cells = [
      calls.length === 0 ? 'all' : listed(calls, limit),
      abis.length === all.length ? 'all' : abis.join(', '),
    ];
    return `| ${[...cells, text].map(escaped).join(' | ')} |`;
  });
  return [
    `| ${sentenceCase(kind)} | ABIs | Change |`,
    '| --- | --- | --- |',
    ...lines,
    ...(more > 0 ? [`| and ${more} more | | |`] : []),
  ].join('\n');
}

const folded = (title: string, body: string): string => `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
