import type { FilterDiff } from '../../model/filter/diff.js';
import { escaped } from '../run/markdown.js';
import { ARROW, counted, sentenceCase } from '../text/format.js';
import { listed } from '../words/arguments.js';
import type { DiffNames } from './terminal.js';
import type { ChangeRow, KindView } from './rows.js';
import { viewOf } from './view.js';
import type { DiffView } from './view.js';

/** The comparison for a pull request: what was opened stands open, the rest is folded. Ends with a newline. */
export function diffMarkdown(
  diffs: readonly FilterDiff[],
  notes: readonly string[],
  { before, after }: DiffNames,
  limit: number,
): string {
  const view = viewOf(diffs);
  const heading = `### ${escaped(`${before} ${ARROW} ${after} on ${view.machines}`)}`;
  const list = [...view.notes, ...notes].map((note) => `- ${escaped(note)}`).join('\n');
  return `${[heading, ...changeParts(view, limit), folded('About the filters', list)].join('\n\n')}\n`;
}

function changeParts({ kinds, nothing, abis }: DiffView, limit: number): readonly string[] {
  if (nothing !== null) return [`**${nothing}.**`];
  const [opened, ...others] = kinds;
  const counts = kinds.filter(({ rows }) => rows.length > 0).map(({ kind, calls }) => `${calls} ${kind}`);
  const head = opened?.rows.length === 0 ? ['nothing opened', ...counts] : counts;
  return [
    `**${sentenceCase(head.join(', '))}.**`,
    ...(opened === undefined || opened.rows.length === 0 ? [] : [table(opened, abis, limit)]),
    ...others
      .filter(({ rows }) => rows.length > 0)
      .map((kind) => folded(`${sentenceCase(kind.kind)}: ${counted(kind.calls, 'call')}`, table(kind, abis, limit))),
  ];
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
