import type { Trend, TrendPoint } from '../../model/analysis/trend.js';
import type { DamagedLine } from '../../model/results/history.js';
import type { ReportContents } from '../contents.js';
import { readAssets } from '../page/assets.js';
import type { PageAssets } from '../page/assets.js';
import { pageHtml } from '../page/document.js';
import { escaped, raw, sentenceHtml } from '../page/markup.js';
import { Outline } from '../page/outline.js';
import { escaped as escapedMarkdown } from '../text/markdown.js';
import { counted, sentence } from '../text/format.js';
import { VERDICT_WORDS } from '../words/run.js';
import { damagedLines } from './terminal.js';
import { trendSvg } from './trend-svg.js';
import {
  changeSentence,
  dayOf,
  leftOutSentence,
  pointText,
  searchedWords,
  shortCommit,
  trendIdentity,
  trendTitle,
} from './words.js';

/** All that a history's page shows. */
export interface HistoryView {
  readonly trends: readonly Trend[];
  readonly damaged: readonly DamagedLine[];
  /** Numbers of lines whose run an earlier line has. */
  readonly repeated: readonly number[];
  /** The address of a run's report as seen from the page; `null`: it has none. */
  readonly hrefOf: (point: TrendPoint) => string | null;
}

const METHOD: readonly string[] = [
  'A point is a run: the time of one arm over that of its baseline, from pairs within blocks, with its 95 % ' +
    'interval. Ratios are kept and not times, because times differ from machine to machine and from day to day.',
  'Changes are found by E-divisive (Matteson & James 2014): the cut with the largest energy distance between both ' +
    'sides, tested by 999 shuffled copies at 1 %. Each level has at least 3 runs, so the newest two runs alone ' +
    'never make one.',
  'The size of a change is the difference of the means of both levels; its 95 % interval comes from the scatter of ' +
    'the runs around their levels.',
];

/** Makes the page of a history, its summary in Markdown and every trend as SVG; `summary` becomes summary.json. */
export async function historyContents(view: HistoryView, summary: object): Promise<ReportContents> {
  const { FONT_FILES } = await import('../canvas.js');
  const files = new Map<string, string | Buffer>();
  for (const [index, trend] of view.trends.entries())
    files.set(`trend-${index + 1}.svg`, `${trendSvg(trend, () => null)}\n`);
  files.set('index.html', historyHtml(view, readAssets(FONT_FILES)));
  files.set('summary.md', historyMarkdown(view));
  return { files, notDrawn: [], summaryFor: (names) => ({ ...summary, files: names }) };
}

function historyHtml(view: HistoryView, assets: PageAssets): string {
  const warnings = damagedLines(view.damaged, view.repeated)
    .map((words) => `<p class="warning"><b>Warning</b> ${escaped(sentence(words))}</p>`)
    .join('');
  const overview = view.trends
    .map((trend, index) => {
      const link = `<a href="#trend-${index + 1}"><b>${escaped(trendTitle(trend.key))}</b></a>`;
      return `<li>${link}: ${escaped(newsOf(trend))}</li>`;
    })
    .join('');
  const main = `<header><h1>History</h1><ul class="verdicts">${overview}</ul></header>${warnings}
${view.trends.map((trend, index) => trendHtml(trend, index, view)).join('\n')}
<section class="card"><h2>How changes are found</h2><ul>${METHOD.map((one) => `<li>${escaped(one)}</li>`).join('')}\
</ul></section>
<footer>Made by bench from the history alone; nothing on this page is fetched.</footer>`;
  return pageHtml({ title: 'History', main: raw(main), outline: new Outline(), pictures: [], assets });
}

/** The newest change, or that there is none. */
function newsOf(trend: Trend): string {
  const change = trend.changes.at(-1);
  return sentence(change === undefined ? searchedWords(trend) : changeSentence(trend, change));
}

function trendHtml(trend: Trend, index: number, view: HistoryView): string {
  const changes = trend.changes
    .toReversed()
    .map((change) => `<li>${sentenceHtml(sentence(changeSentence(trend, change))).text}</li>`)
    .join('');
  const leftOut = leftOutSentence(trend);
  const note = leftOut === null ? '' : `<p class="note">${escaped(sentence(leftOut))}</p>`;
  return `<section class="card" id="trend-${index + 1}"><h2>${escaped(trendTitle(trend.key))}</h2>\
<p class="identity">${escaped(trendIdentity(trend))}.</p>\
<p>${escaped(sentence(searchedWords(trend)))}</p>${changes === '' ? '' : `<ul>${changes}</ul>`}\
<div class="scroll" tabindex="0">${trendSvg(trend, view.hrefOf)}</div>${note}\
<details><summary>${escaped(counted(trend.points.length, 'run'))}</summary>${tableHtml(trend, view)}</details>\
</section>`;
}

const HEADS = ['Commit', 'Date', 'Change [95 %]', 'Verdict', 'Blocks', 'Run'] as const;

/** Newest first; the run's name leads to its report. */
function tableHtml({ points, changes }: Trend, { hrefOf }: HistoryView): string {
  const rows = points
    .map((point, index) => {
      const href = hrefOf(point);
      const run = href === null ? escaped(point.name) : `<a href="${escaped(href)}">${escaped(point.name)}</a>`;
      const mark = changes.some(({ at }) => at === index) ? ' (new level)' : '';
      const label = point.commit?.label;
      const commit = `${label === null || label === undefined ? '' : `${label} `}${shortCommit(point)}${mark}`;
      const cells = [commit, dayOf(point.date), pointText(point), VERDICT_WORDS[point.verdict], String(point.blocks)];
      return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}<td>${run}</td></tr>`;
    })
    .toReversed();
  const head = HEADS.map((text) => `<th scope="col">${escaped(text)}</th>`).join('');
  const table = `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
  return `<div class="scroll" tabindex="0">${table}</div>`;
}

function historyMarkdown({ trends, damaged, repeated }: HistoryView): string {
  return `${[
    '# bench: history',
    ...damagedLines(damaged, repeated).map((words) => `> **Warning:** ${escapedMarkdown(sentence(words))}`),
    ...trends.map((trend) =>
      [
        `## ${escapedMarkdown(trendTitle(trend.key))}`,
        `${escapedMarkdown(trendIdentity(trend))}.`,
        [searchedWords(trend), ...trend.changes.toReversed().map((change) => changeSentence(trend, change))]
          .map((words) => `* ${escapedMarkdown(sentence(words))}`)
          .join('\n'),
      ].join('\n\n'),
    ),
  ].join('\n\n')}\n`;
}
