import { METHOD_NOTES } from '../run/method.js';
import { PUBLISHED_SOURCE } from '../run/published.js';
import { picturesIn } from '../run/view.js';
import type { Headline } from '../run/headlines.js';
import type { ReportView, RunView } from '../run/view.js';
import { VERDICT_WORDS } from '../words/run.js';
import type { PageAssets } from './assets.js';
import { pageHtml } from './document.js';
import { figureHtml, pictureSections, QUESTION_TITLES, type Images } from './figure.js';
import { html, NOTHING, raw, sentenceHtml, type Content, type Html } from './markup.js';
import { Outline } from './outline.js';
import { samplesSection, type EmbeddedSamples } from './samples.js';
import { sectionHtml, type Level } from './section.js';
import { tableSection } from './table.js';

/** What a page of runs is made with. */
interface Making {
  readonly images: Images;
  readonly outline: Outline;
  readonly samples: readonly EmbeddedSamples[];
}

/** The whole report as one HTML file that fetches nothing; `samples` are those of its runs, in their order. */
export function renderHtml(
  report: ReportView,
  images: Images,
  assets: PageAssets,
  samples: readonly EmbeddedSamples[] = [],
): string {
  const outline = new Outline();
  return pageHtml({
    title: report.title,
    assets,
    pictures: [...picturesIn(report).values()],
    arms: samples.flatMap(({ arms }) => arms.map(({ arm }) => arm)),
    samples: samples.map(({ run, arms }) => ({ run, arms })),
    main: mainHtml(report, { images, outline, samples }),
    outline,
  });
}

function mainHtml(report: ReportView, making: Making): Html {
  const several = report.runs.length > 1;
  const { outline } = making;
  // Ids of runs are taken before those of headings, so that links to them are those of their names.
  const runIds = report.runs.map((run) => outline.reserve(run.slug));
  const overview = several ? overviewHtml(report, runIds, making) : NOTHING;
  const nodes = report.nodes === null ? NOTHING : tableSection(report.nodes, outline);
  // In the order of the page, which is that of the table of contents.
  const sweeps = sweepsHtml(report, making);
  const runs = report.runs.map((run, index) => runHtml(run, index, runIds, making));
  const method = methodSection(METHOD_NOTES, outline);
  return html`${overview}${nodes}${sweeps} ${runs} ${method} ${footerHtml(`Published figures: ${PUBLISHED_SOURCE}.`)}`;
}

/** How the figures of a page came about. */
export const methodSection = (notes: readonly string[], outline: Outline): Content =>
  listSection('How this was measured', notes, outline);

/** Sentences as a list under a heading; nothing where there are none. */
export const listSection = (title: string, sentences: readonly string[], outline: Outline): Content =>
  sentences.length === 0
    ? NOTHING
    : sectionHtml(
        title,
        html`<ul>
          ${sentences.map((one) => html`<li>${sentenceHtml(one)}</li>`)}
        </ul>`,
        outline,
      );

/** The last lines of a page. */
export const footerHtml = (more = ''): Html =>
  html`<footer>Made by bench from the samples alone; nothing on this page is fetched. ${more}</footer>`;

/** Warnings, each in a box. */
export const warningsHtml = (warnings: readonly string[]): readonly Html[] =>
  warnings.map((warning) => html`<p class="warning"><b>Warning</b> ${sentenceHtml(warning)}</p> `);

function overviewHtml(report: ReportView, runIds: readonly string[], { images, outline }: Making): Html {
  const lines = report.runs.flatMap((run, index) =>
    run.headlines.map(({ verdict, answer, figures }) => {
      const link = html`<a href="#${runIds[index] ?? ''}"><b>${run.title}</b></a>`;
      return html`<li>${badge(verdict)} ${link}: ${answer} <span class="figures">${figures}</span></li>`;
    }),
  );
  const overview = report.overview === null ? [] : [report.overview];
  const bars = report.runs.flatMap(({ pictures }) =>
    pictures.filter(({ question, id }) => question === 'published' && !id.startsWith('published-')),
  );
  const lookTitle = QUESTION_TITLES.published;
  const look = bars.map((picture) => figureHtml(picture, images.get(picture.id)));
  return html`<header>
      <h1>${report.title} together</h1>
      <ul class="verdicts">
        ${lines}
      </ul>
    </header>
    ${pictureSections(overview, { images, outline })}
    ${look.length === 0 ? NOTHING : sectionHtml(lookTitle, html`<div class="pair">${look}</div>`, outline)}`;
}

const sweepsHtml = ({ sweeps }: ReportView, { images, outline }: Making): readonly Html[] =>
  sweeps.flatMap(({ table, pictures }) => [
    ...pictureSections(pictures, { images, outline, table }),
    tableSection(table, outline),
  ]);

function runHtml(run: RunView, index: number, runIds: readonly string[], making: Making): Html {
  const { images, outline, samples } = making;
  const several = runIds.length > 1;
  const level: Level = several ? 3 : 2;
  const id = runIds[index] ?? run.slug;
  const heading = several ? html`<h2 class="run">${run.title}</h2>` : NOTHING;
  if (several) outline.begin(id, run.title);
  const own = samples[index];
  const pictures = pictureSections(run.pictures, { images, outline, level }, (question) =>
    question === 'published' ? caveatsHtml(run) : NOTHING,
  );
  const tables = [...run.tables, run.host].map((table) => tableSection(table, outline, level));
  const samplesHtml = own === undefined ? NOTHING : samplesSection(own, index, outline, level);
  outline.end();
  return html`<article id="${id}">
    <header>
      ${heading}${headlinesHtml(run.headlines, several ? 3 : 1)}
      <p class="identity">
        ${several ? NOTHING : html`<b>${run.title}</b>: `}${run.subtitle}; ${run.completeness}.<br />${run.arms}.
      </p>
      ${run.remarks.map((remark) => html`<p class="remark">${sentenceHtml(remark)}</p>`)}
    </header>
    ${warningsHtml(run.warnings)}${pictures} ${tables} ${samplesHtml}
  </article>`;
}

/** All answers of a run; what every one of them rests on, and what to do next after each, is told once. */
function headlinesHtml(headlines: RunView['headlines'], level: 1 | 3): readonly Html[] {
  const shared = (of: (headline: Headline) => string): string | null => {
    const all = new Set(headlines.map(of));
    return headlines.length > 1 && all.size === 1 ? ([...all][0] ?? null) : null;
  };
  const [rests, next] = [shared((one) => one.rests), shared((one) => one.next)];
  const own = headlines.map((headline, place) =>
    headlineHtml(
      {
        ...headline,
        rests: rests === null ? headline.rests : '',
        next: next === null ? headline.next : '',
      },
      level === 1 && place > 0 ? 2 : level,
    ),
  );
  return [
    ...own,
    ...(rests === null ? [] : [html`<p class="because shared">All rest on ${sentenceHtml(rests)}.</p>`]),
    ...(next === null || next === '' ? [] : [html`<p class="next shared">${sentenceHtml(next)}</p>`]),
  ];
}

/** The answer, the figures of every metric, what it rests on, and what to do next. */
function headlineHtml(headline: Headline, level: 1 | 2 | 3): Html {
  const { verdict, answer, figures, rests, loaded, next } = headline;
  const nextHtml = next === '' ? NOTHING : html`<p class="next">${sentenceHtml(next)}</p>`;
  const because = [...(rests === '' ? [] : [`Rests on ${rests}.`]), ...(loaded === null ? [] : [loaded])];
  return html`<div class="verdict ${verdict}">
    ${raw(`<h${level} class="claim">`)}${badge(verdict)} ${answer}${raw(`</h${level}>`)}
    ${figures === '' ? NOTHING : html`<p class="figures">${figures}</p>`}
    ${because.length === 0 ? NOTHING : html`<p class="because">${sentenceHtml(because.join(' '))}</p>`} ${nextHtml}
  </div>`;
}

const badge = (verdict: keyof typeof VERDICT_WORDS): Html =>
  html`<span class="badge ${verdict}">${VERDICT_WORDS[verdict]}</span>`;

const caveatsHtml = ({ caveats }: RunView): Html =>
  caveats.length === 0
    ? NOTHING
    : html`<ul class="notes">
        ${caveats.map((caveat) => html`<li>${sentenceHtml(caveat)}</li>`)}
      </ul>`;
