import type { PageAssets } from './assets.js';
import { plainSpec, type ChartSpec } from '../charts/spec.js';
import { METHOD_NOTES } from '../run/method.js';
import { PUBLISHED_SOURCE } from '../run/published.js';
import { STYLE } from './style.js';
import type { Table } from '../run/tables.js';
import type { Picture } from '../charts/picture.js';
import { picturesIn } from '../run/view.js';
import type { ReportView, RunView } from '../run/view.js';
import { VERDICT_WORDS } from '../words/run.js';
import { plainLine } from '../../model/plain-text.js';

/** Plain text, in element content and in quoted attributes. */
export const escaped = (text: string): string =>
  plainLine(text)
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&#39;');

/** A sentence as element content: escaped, then `x` between backticks as code. */
export const sentenceHtml = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');

/** The whole report as one HTML file that fetches nothing; `images` (PNG by picture id) stand where no script runs. */
export function renderHtml(report: ReportView, images: ReadonlyMap<string, Buffer>, assets: PageAssets): string {
  const figure = ({ id, spec }: Picture): string => figureHtml(spec, images.get(id));
  return pageHtml({
    title: report.title,
    assets,
    charts: new Map([...picturesIn(report)].map(([id, { spec }]) => [id, spec])),
    main: mainHtml(report, figure),
  });
}

function mainHtml(report: ReportView, figure: Figure): string {
  const several = report.runs.length > 1;
  const nodes = report.nodes === null ? '' : cardHtml(report.nodes);
  const overview = report.runs.length === 1 ? '' : overviewHtml(report, figure);
  return `${nodes}${overview}
${report.runs.map((run) => runHtml(run, several, figure)).join('\n')}
<section class="card"><h2>How this was measured</h2><ul>${items(METHOD_NOTES)}</ul></section>
<footer>Made by bench from the samples alone; nothing on this page is fetched. \
Published figures: ${escaped(PUBLISHED_SOURCE)}.</footer>`;
}

const items = (texts: readonly string[]): string => texts.map((text) => `<li>${sentenceHtml(text)}</li>`).join('');

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
<meta http-equiv="Content-Security-Policy" content="\
default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; font-src data:">
<meta name="color-scheme" content="light dark">
<title>bench: ${escaped(title)}</title>
<style>${fontFaces(assets)}${STYLE}</style>
</head>
<body>
<main>
${main}
</main>
<script type="application/json" id="charts">${chartsJson(charts)}</script>
<script>${assets.script.replace(/<\/(script)/gi, '<\\/$1')}</script>
</body>
</html>
`;
}

const card = (html: string): string => `<section class="card">${html}</section>`;

type Figure = (picture: Picture) => string;

function overviewHtml(report: ReportView, figure: Figure): string {
  const lines = report.runs.flatMap((run) =>
    run.headlines.map(({ verdict, claim, figures }) => {
      const link = `<a href="#${escaped(run.slug)}"><b>${escaped(run.title)}</b></a>`;
      return `<li>${badge(verdict)} ${link}: ${escaped(claim)}. <span class="figures">${escaped(figures)}</span></li>`;
    }),
  );
  const bars = report.runs.flatMap(({ pictures }) =>
    inPublishedLook(pictures)
      .filter((one) => !isPublished(one))
      .map(figure),
  );
  const look = `<section><h2>In the published look</h2><div class="pair">${bars.join('')}</div></section>`;
  return `<header><h1>${escaped(report.title)} together</h1><ul class="verdicts">${lines.join('')}</ul></header>
${report.sweeps.map(({ table, pictures }) => `${card(tableHtml(table))}${pictures.map((one) => card(figure(one))).join('')}`).join('')}
${report.overview === null ? '' : card(figure(report.overview))}
${bars.length === 0 ? '' : look}`;
}

function runHtml(run: RunView, several: boolean, figure: Figure): string {
  const heading = several ? `<h1 class="run">${escaped(run.title)}</h1>` : '';
  const title = several ? '' : `<b>${escaped(run.title)}</b>: `;
  return `<article id="${escaped(run.slug)}">
<header>${heading}${run.headlines.map(headlineHtml).join('')}
<p class="identity">${title}${escaped(run.subtitle)}; ${escaped(run.completeness)}.<br>${escaped(run.arms)}.</p>\
${run.remarks.map((remark) => `<p class="remark">${sentenceHtml(remark)}</p>`).join('')}</header>
${run.warnings.map((warning) => `<p class="warning"><b>Warning</b> ${sentenceHtml(warning)}</p>`).join('')}
${run.pictures
  .filter(({ question }) => question !== 'published')
  .map((one) => card(figure(one)))
  .join('')}
${lookHtml(run, figure)}
${[...run.tables, run.host].map(cardHtml).join('\n')}
</article>`;
}

function headlineHtml({ verdict, claim, figures, because, loaded }: RunView['headlines'][number]): string {
  const proof = loaded === null ? '' : ` ${escaped(loaded)}`;
  return `<div class="verdict ${verdict}"><p class="claim">${badge(verdict)} ${escaped(claim)}.</p>\
<p class="figures">${escaped(figures)}</p><p class="because">${sentenceHtml(because)}${proof}</p></div>`;
}

const badge = (verdict: keyof typeof VERDICT_WORDS): string =>
  `<span class="badge ${verdict}">${VERDICT_WORDS[verdict]}</span>`;

const inPublishedLook = (pictures: readonly Picture[]): readonly Picture[] =>
  pictures.filter(({ question }) => question === 'published');

/** Of figures that others published, not measured. */
const isPublished = ({ id }: Picture): boolean => id.startsWith('published-');

function lookHtml({ pictures, caveats }: RunView, figure: Figure): string {
  const shown = inPublishedLook(pictures);
  if (shown.length === 0) return '';
  const notes = caveats.length === 0 ? '' : `<ul class="notes">${items(caveats)}</ul>`;
  return `<section><h2>In the published look: ${shown.some(isPublished) ? 'published and measured' : 'measured'}</h2>
<div class="pair">${shown.map(figure).join('')}</div>${notes}</section>`;
}

/** What a chart shows, for those who do not see it. */
function wordsOf(spec: ChartSpec): string {
  switch (spec.kind) {
    case 'bars':
      return `${spec.title}. ${spec.bars.map(barWords).join(', ')}. ${spec.note}`;
    case 'rows':
      return `${spec.title}. ${spec.rows.map(({ label, text }) => `${label} ${text}`).join('; ')}`;
    case 'scatter': {
      const groups = spec.groups.map(groupWords).join('; ');
      return `${spec.title}. ${groups}${spec.line === null ? '' : `. ${spec.line.label}`}`;
    }
    case 'curve':
      return `${spec.title}. ${spec.subtitle}. ${[
        ...spec.lines.map(({ label }) => label),
        ...spec.points.map(({ label, words }) => `${label}: ${words}`),
      ].join('; ')}`;
    case 'lines':
      return `${spec.title}. ${spec.lines.map((line) => lineWords(line, spec.labels)).join('; ')}`;
  }
}

const rounded = (value: number, digits: number): string => String(Number(value.toFixed(digits)));

const barWords = ({ label, value }: Of<'bars'>['bars'][number]): string => `${label} ${rounded(value, 3)} s`;

const groupWords = ({ label, points }: Of<'scatter'>['groups'][number]): string =>
  `${label}: ${points.map(({ x, y }) => `${rounded(y, 1)} at ${x}`).join(', ')}`;

function lineWords({ label, values }: Of<'lines'>['lines'][number], labels: readonly string[]): string {
  const words = values.map((value, index) => `${labels[index] ?? ''}: ${value === null ? 'none' : rounded(value, 1)}`);
  return `${label}: ${words.join(', ')}`;
}

type Of<Kind extends ChartSpec['kind']> = Extract<ChartSpec, { readonly kind: Kind }>;

/** A place for a chart, with its picture where no script runs. */
export function figureHtml(spec: ChartSpec, picture: Buffer | undefined): string {
  const words = wordsOf(spec);
  const image =
    picture === undefined
      ? ''
      : `<img alt="${escaped(words)}" src="data:image/png;base64,${picture.toString('base64')}">`;
  return `<figure data-chart="${escaped(spec.id)}">${image}</figure>`;
}

/** A table in its own card. */
export const cardHtml = (table: Table): string =>
  table.folded === true
    ? `<details class="card"><summary>${escaped(table.title)}</summary>${tableHtml(table, false)}</details>`
    : `<section class="card">${tableHtml(table)}</section>`;

function tableHtml({ title, columns, rows, note }: Table, titled = true): string {
  const head = columns
    .map(({ head: text, align }) => `<th scope="col" class="${align}">${escaped(text)}</th>`)
    .join('');
  const cellHtml = (cell: string, index: number): string =>
    `<td class="${columns[index]?.align ?? 'left'}">${escaped(cell)}</td>`;
  const body = rows.map((cells) => `<tr>${cells.map(cellHtml).join('')}</tr>`).join('');
  const table = `<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
  const below = note === undefined ? '' : `<p class="note">${sentenceHtml(note)}</p>`;
  return `${titled ? `<h2>${escaped(title)}</h2>` : ''}<div class="scroll">${table}</div>${below}`;
}

const fontFaces = ({ fonts }: PageAssets): string =>
  fonts
    .map(({ weight, data }) => {
      const source = `url(data:font/woff2;base64,${data.toString('base64')}) format("woff2")`;
      return `@font-face{font-family:Carlito;font-weight:${weight};src:${source}}`;
    })
    .join('');

const chartsJson = (charts: Page['charts']): string =>
  inlineJson(Object.fromEntries([...charts].map(([id, spec]) => [id, plainSpec(spec)])));

/** JSON that cannot end its script element, with any text in it. */
const inlineJson = (value: unknown): string => JSON.stringify(value).replace(/</g, '\\u003c');
