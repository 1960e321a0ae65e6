import type { Trend } from '../../model/analysis/trend.js';
import type { DamagedLine } from '../../model/results/history.js';
import type { Picture } from '../charts/picture.js';
import { drawn, type ReportContents } from '../contents.js';
import type { PageAssets } from '../page/assets.js';
import { pageHtml } from '../page/document.js';
import { figureHtml, type Images } from '../page/figure.js';
import { html, NOTHING, sentenceHtml, type Html } from '../page/markup.js';
import { Outline } from '../page/outline.js';
import { warningsHtml } from '../page/report-page.js';
import { headingHtml, sectionHtml } from '../page/section.js';
import { escaped as escapedMarkdown } from '../text/markdown.js';
import { sentence } from '../text/format.js';
import { trendPicture, type HrefOf } from './picture.js';
import { damagedLines } from './terminal.js';
import { changeSentence, leftOutSentence, newsOf, searchedWords, trendIdentity, trendTitle } from './words.js';

/** All that a history's page shows. */
export interface HistoryView {
  readonly trends: readonly Trend[];
  readonly damaged: readonly DamagedLine[];
  /** Numbers of lines whose run an earlier line has. */
  readonly repeated: readonly number[];
  /** The address of a run's report as seen from the page; `null`: it has none. */
  readonly hrefOf: HrefOf;
}

const METHOD: readonly string[] = [
  'A point is a run: the time of one arm over that of its baseline, from pairs within blocks, with its 95 % ' +
    'interval. A click on it opens the report of the run, and so does its name among the numbers. ' +
    'Ratios are kept and not times, because times differ from machine to machine and from day to day.',
  'Changes are found by E-divisive (Matteson & James 2014): the cut with the largest energy distance between both ' +
    'sides, tested by 999 shuffled copies at 1 %. Each level has at least 3 runs, so the newest two runs alone ' +
    'never make one.',
  'The size of a change is the difference of the means of both levels; its 95 % interval comes from the scatter of ' +
    'the runs around their levels.',
];

/** Makes the page of a history, its summary in Markdown, every trend as PNG and SVG; `summary` becomes summary.json. */
export async function historyContents(view: HistoryView, summary: object): Promise<ReportContents> {
  const pictures = view.trends.map((trend, index) => trendPicture(trend, index, view.hrefOf));
  const { images, files, assets, notDrawn } = await drawn(pictures);
  files.set('index.html', historyHtml(view, { pictures, images, assets }));
  files.set('summary.md', historyMarkdown(view));
  return { files, notDrawn, summaryFor: (names) => ({ ...summary, files: names }) };
}

interface Making {
  /** One per trend. */
  readonly pictures: readonly Picture[];
  readonly images: Images;
  readonly assets: PageAssets;
}

function historyHtml(view: HistoryView, { pictures, images, assets }: Making): string {
  const outline = new Outline();
  const ids = view.trends.map((_, index) => outline.reserve(`trend-${index + 1}`));
  const overview = view.trends.map(
    (trend, index) =>
      html`<li>
        <a href="#${ids[index] ?? ''}"><b>${trendTitle(trend.key)}</b></a
        >: ${newsOf(trend)}
      </li>`,
  );
  const trends = view.trends.map((trend, index) => {
    const picture = pictures[index];
    if (picture === undefined) return NOTHING;
    const id = ids[index] ?? picture.id;
    outline.begin(id, trendTitle(trend.key));
    outline.end();
    return trendHtml(trend, id, figureHtml(picture, images.get(picture.id)));
  });
  const main = html`<header>
      <h1>History</h1>
      <ul class="verdicts">
        ${overview}
      </ul>
    </header>
    ${warningsHtml(damagedLines(view.damaged, view.repeated).map(sentence))} ${trends} ${methodHtml(outline)}
    <footer>Made by bench from the history alone; nothing on this page is fetched.</footer>`;
  return pageHtml({ title: 'History', main, outline, pictures, assets });
}

const methodHtml = (outline: Outline): Html =>
  sectionHtml(
    'How changes are found',
    html`<ul>
      ${METHOD.map((note) => html`<li>${note}</li>`)}
    </ul>`,
    outline,
  );

function trendHtml(trend: Trend, id: string, figure: Html): Html {
  const changes = trend.changes
    .toReversed()
    .map((change) => html`<li>${sentenceHtml(sentence(changeSentence(trend, change)))}</li>`);
  const leftOut = leftOutSentence(trend);
  return html`<section class="card" id="${id}">
    ${headingHtml(trendTitle(trend.key), id, 2)}
    <p class="identity">${trendIdentity(trend)}.</p>
    <p>${sentence(searchedWords(trend))}</p>
    ${
      changes.length === 0
        ? NOTHING
        : html`<ul>
            ${changes}
          </ul>`
    }
    ${figure} ${leftOut === null ? NOTHING : html`<p class="note">${sentence(leftOut)}</p>`}
  </section>`;
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
