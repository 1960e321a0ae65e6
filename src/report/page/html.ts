import type { PageAssets } from './assets.js';
import type { ChartSpec } from '../charts/spec.js';
import { printable } from '../text/format.js';
import { METHOD_NOTES } from '../run/method.js';
import { PUBLISHED_SOURCE } from '../run/published.js';
import { STYLE } from './style.js';
import type { Table } from '../run/tables.js';
import { chartsOf } from '../run/view.js';
import type { ReportView, RunView } from '../run/view.js';
import { VERDICT_WORDS } from '../words/run.js';

/** Text that is nothing but text, in element content and in quoted attributes. */
export const escaped = (text: string): string =>
  printable(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');

/** The whole report as one HTML file that fetches nothing; `pictures` (PNG by chart id) stand where no script runs. */
export function renderHtml(report: ReportView, pictures: ReadonlyMap<string, Buffer>, assets: PageAssets): string {
  const figure = (spec: ChartSpec | null): string => (spec === null ? '' : figureHtml(spec, pictures.get(spec.id)));
  return pageHtml({
    title: report.title,
    assets,
    charts: chartsOf(report),
    main: `${report.nodes === null ? '' : cardHtml(report.nodes)}${report.runs.length === 1 ? '' : overviewHtml(report, figure)}
${report.runs.map((run) => runHtml(run, report.runs.length > 1, figure)).join('\n')}
<section class="card"><h2>How this was measured</h2><ul>${METHOD_NOTES.map((note) => `<li>${escaped(note)}</li>`).join('')}</ul></section>
<footer>Made by bench from the samples alone; nothing on this page is fetched. Published figures: ${escaped(PUBLISHED_SOURCE)}.</footer>`,
  });
}

/** What makes up a page. */
export interface Page {
  readonly title: string;
  /** HTML. */
  readonly main: string;
  /** By id, for the script that draws them into their figures. */
  readonly charts: ReadonlyMap<string, ChartSpec>;
  readonly assets: PageAssets;
}

/** One HTML file that fetches nothing. */
export function pageHtml({ title, main, charts, assets }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; font-src data:">
<meta name="color-scheme" content="light dark">
<title>bench: ${escaped(title)}</title>
<style>${fontFaces(assets)}${STYLE}</style>
</head>
<body>
<main>
${main}
</main>
<script type="application/json" id="charts">${inlineJson(Object.fromEntries(charts))}</script>
<script>${assets.script.replace(/<\/(script)/gi, '<\\/$1')}</script>
</body>
</html>
`;
}

type Figure = (spec: ChartSpec | null) => string;

function overviewHtml(report: ReportView, figure: Figure): string {
  const lines = report.runs.flatMap((run) =>
    run.headlines.map(
      (headline) =>
        `<li>${badge(headline.verdict)} <a href="#${escaped(run.slug)}"><b>${escaped(run.title)}</b></a>: ${escaped(headline.claim)}. <span class="figures">${escaped(headline.figures)}</span></li>`,
    ),
  );
  const looks = report.runs.flatMap(({ charts }) => (charts.measured === null ? [] : [figure(charts.measured)]));
  return `<header><h1>${escaped(report.title)} together</h1><ul class="verdicts">${lines.join('')}</ul></header>
${report.sweeps.map(({ table, chart }) => `<section class="card">${tableHtml(table)}</section><section class="card">${figure(chart)}</section>`).join('')}
<section class="card">${figure(report.overview)}</section>
<section><h2>In the published look</h2><div class="pair">${looks.join('')}</div></section>`;
}

function runHtml(run: RunView, several: boolean, figure: Figure): string {
  const heading = several ? `<h1 class="run">${escaped(run.title)}</h1>` : '';
  return `<article id="${escaped(run.slug)}">
<header>${heading}${run.headlines.map(headlineHtml).join('')}
<p class="identity">${several ? '' : `<b>${escaped(run.title)}</b>: `}${escaped(run.subtitle)}; ${escaped(run.completeness)}.<br>${escaped(run.arms)}.</p>${run.remarks.map((remark) => `<p class="remark">${escaped(remark)}</p>`).join('')}</header>
${run.warnings.map((warning) => `<p class="warning"><b>Warning</b> ${escaped(warning)}</p>`).join('')}
<section class="pair"><div class="card">${figure(run.charts.change)}</div><div class="card">${figure(run.charts.seconds)}</div></section>
${[...run.charts.stages, ...(run.charts.overhead === null ? [] : [run.charts.overhead])].map((spec) => `<section class="card">${figure(spec)}</section>`).join('')}
${lookHtml(run, figure)}
${[...run.tables, run.host].map(cardHtml).join('\n')}
</article>`;
}

function headlineHtml({ verdict, claim, figures, because }: RunView['headlines'][number]): string {
  return `<div class="verdict ${verdict}"><p class="claim">${badge(verdict)} ${escaped(claim)}.</p><p class="figures">${escaped(figures)}</p><p class="because">${escaped(because)}</p></div>`;
}

const badge = (verdict: keyof typeof VERDICT_WORDS): string =>
  `<span class="badge ${verdict}">${VERDICT_WORDS[verdict]}</span>`;

function lookHtml({ charts, caveats }: RunView, figure: Figure): string {
  if (charts.measured === null && charts.published === null) return '';
  const notes = caveats.map((caveat) => `<li>${escaped(caveat)}</li>`).join('');
  return `<section><h2>In the published look: ${charts.published === null ? 'measured' : 'published and measured'}</h2>
<div class="pair">${figure(charts.published)}${figure(charts.measured)}</div>${notes === '' ? '' : `<ul class="notes">${notes}</ul>`}</section>`;
}

/** What a chart shows, for those who do not see it. */
function wordsOf(spec: ChartSpec): string {
  switch (spec.kind) {
    case 'bars':
      return `${spec.title}. ${spec.bars.map(({ label, value }) => `${label} ${String(Number(value.toFixed(3)))} s`).join(', ')}. ${spec.note}`;
    case 'rows':
      return `${spec.title}. ${spec.rows.map(({ label, text }) => `${label} ${text}`).join('; ')}`;
    case 'scatter':
      return `${spec.title}. ${spec.groups.map(({ label, points }) => `${label}: ${points.map(({ x, y }) => `${String(Number(y.toFixed(1)))} at ${x}`).join(', ')}`).join('; ')}${spec.line === null ? '' : `. ${spec.line.label}`}`;
    case 'curve':
      return `${spec.title}. ${spec.subtitle}. ${[...spec.lines.map(({ label }) => label), ...spec.points.map(({ label, words }) => `${label}: ${words}`)].join('; ')}`;
    case 'lines':
      return `${spec.title}. ${spec.lines.map(({ label, values }) => `${label}: ${values.map((value, index) => `${spec.labels[index] ?? ''}: ${value === null ? 'none' : String(Number(value.toFixed(1)))}`).join(', ')}`).join('; ')}`;
  }
}

/** A place for a chart, with its picture where no script runs. */
export function figureHtml(spec: ChartSpec, picture: Buffer | undefined): string {
  const words = wordsOf(spec);
  const image =
    picture === undefined
      ? ''
      : `<img alt="${escaped(words)}" src="data:image/png;base64,${picture.toString('base64')}">`;
  return `<figure data-chart="${escaped(spec.id)}">${image}</figure>`;
}

/** A table in a card of its own. */
export const cardHtml = (table: Table): string =>
  table.folded === true
    ? `<details class="card"><summary>${escaped(table.title)}</summary>${tableHtml(table, false)}</details>`
    : `<section class="card">${tableHtml(table)}</section>`;

function tableHtml({ title, columns, rows, note }: Table, titled = true): string {
  const head = columns
    .map(({ head: text, align }) => `<th scope="col" class="${align}">${escaped(text)}</th>`)
    .join('');
  const body = rows
    .map(
      (cells) =>
        `<tr>${cells.map((cell, index) => `<td class="${columns[index]?.align ?? 'left'}">${escaped(cell)}</td>`).join('')}</tr>`,
    )
    .join('');
  return `${titled ? `<h2>${escaped(title)}</h2>` : ''}<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>${note === undefined ? '' : `<p class="note">${escaped(note)}</p>`}`;
}

const fontFaces = ({ fonts }: PageAssets): string =>
  fonts
    .map(
      ({ weight, data }) =>
        `@font-face{font-family:Carlito;font-weight:${weight};src:url(data:font/woff2;base64,${data.toString('base64')}) format("woff2")}`,
    )
    .join('');

/** JSON that cannot end its script element, with any text in it. */
const inlineJson = (value: unknown): string => JSON.stringify(value).replace(/</g, '\\u003c');
