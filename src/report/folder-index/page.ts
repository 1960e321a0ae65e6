import { htmlFile } from '../page/document.js';
import { html, NOTHING, type Html } from '../page/markup.js';
import { STYLE } from '../page/style/index.js';
import { counted, DASH, effectText } from '../text/format.js';
import type { Change, IndexEntry, Outcome } from './entry.js';
import { sparkline } from './sparkline.js';
import { INDEX_STYLE } from './style.js';

/** In the `generator` of every index page. */
const GENERATOR = 'seccomp-bench-index';

/** Reports that a page shows at most; the newest. */
const MOST_REPORTS = 500;
/** Outcomes of one report. */
const MOST_OUTCOMES = 6;

/** The page over the reports of a folder, the newest first; nothing on it is fetched, and it has no script. */
export function renderIndex(entries: readonly IndexEntry[]): string {
  const newestFirst = [...entries].sort(byAge);
  const shown = newestFirst.slice(0, MOST_REPORTS);
  const left = newestFirst.length - shown.length;
  return htmlFile({
    title: 'reports',
    style: `${STYLE}${INDEX_STYLE}`,
    generator: GENERATOR,
    body: html`<main class="page index">
      <h1>Reports</h1>
      <p class="identity">
        ${counted(entries.length, 'report')}, the newest first${left === 0 ? '' : `; the oldest ${left} are not shown`}.
        bench writes this page with every report.
      </p>
      ${shown.length === 0 ? NOTHING : tableOf(shown, newestFirst)}
    </main>`,
  });
}

/** Whether a file is an index page of bench, by its beginning: nothing else is replaced by one. */
export const isIndexPage = (text: string): boolean =>
  text.startsWith(beginningOf(renderIndex([]))) && text.trimEnd().endsWith('</html>');

const beginningOf = (page: string): string => page.slice(0, page.indexOf(GENERATOR) + GENERATOR.length + 2);

const byAge = (left: IndexEntry, right: IndexEntry): number =>
  compare(right.startedAt, left.startedAt) || compare(left.folder, right.folder);

const compare = (left: string, right: string): number => Number(left > right) - Number(left < right);

function tableOf(shown: readonly IndexEntry[], newestFirst: readonly IndexEntry[]): Html {
  const series = seriesOf(newestFirst);
  const rows = shown.map(
    (entry) =>
      html`<tr>
        <td class="when">${whenHtml(entry.startedAt)}</td>
        <td class="what">
          <a href="${encodeURIComponent(entry.folder)}/index.html">${entry.title}</a
          ><span class="about"
            >${[entry.about, entry.folder === entry.title ? '' : entry.folder].filter(Boolean).join('; ')}</span
          >
        </td>
        <td class="outcomes">${outcomesHtml(entry, series)}</td>
      </tr>`,
  );
  return html`<div class="card">
    <table>
      <thead>
        <tr>
          <th scope="col">Started</th>
          <th scope="col">Report</th>
          <th scope="col">Verdict, and the change from report to report</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

const whenHtml = (startedAt: string): Html =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(startedAt)
    ? html`<time datetime="${startedAt}">${startedAt.slice(0, 10)} ${startedAt.slice(11, 16)}</time>`
    : html`${DASH}`;

/** An outcome in its series: it, and those before it. */
type Series = ReadonlyMap<Outcome, readonly Change[]>;

function seriesOf(newestFirst: readonly IndexEntry[]): Series {
  const soFar = new Map<string, readonly Change[]>();
  const found = new Map<Outcome, readonly Change[]>();
  for (const outcome of [...newestFirst].reverse().flatMap(({ outcomes }) => outcomes)) {
    if (outcome.change === null) continue;
    const until = [...(soFar.get(outcome.series) ?? []), outcome.change];
    soFar.set(outcome.series, until);
    found.set(outcome, until);
  }
  return found;
}

function outcomesHtml({ outcomes }: IndexEntry, series: Series): Html {
  if (outcomes.length === 0) return html`<span class="about">no verdict</span>`;
  const items = outcomes.slice(0, MOST_OUTCOMES).map((outcome) => {
    const { verdict, words, sentence, change } = outcome;
    const mark = verdict === 'none' ? NOTHING : html`<span class="badge ${verdict}">${words}</span> `;
    const figures = change === null ? NOTHING : html`<b class="change">${effectText(change)}</b>`;
    return html`<li class="${verdict}">
      <span>${mark}${figures}<span class="about">${sentence}</span></span
      >${sparkline(series.get(outcome) ?? [])}
    </li>`;
  });
  const left = outcomes.length - items.length;
  return html`<ul>
    ${items}${left === 0 ? NOTHING : html`<li class="about">and ${left} more</li>`}
  </ul>`;
}
