import type { Picture } from './charts/picture.js';
import { sentence } from './text/format.js';
import type { PageAssets } from './page/assets.js';
import { pageHtml } from './page/document.js';
import { pictureSections, type Images } from './page/figure.js';
import { html, NOTHING, sentenceHtml, type Html } from './page/markup.js';
import { Outline } from './page/outline.js';
import { footerHtml, listSection, methodSection, warningsHtml } from './page/report-page.js';
import { tableSection } from './page/table.js';
import { escaped as escapedMarkdown, tableMarkdown } from './text/markdown.js';
import type { Table } from './run/tables.js';
import { drawn, type ReportContents } from './contents.js';

/** A claim about numbers, and whether they support it. */
export interface Finding {
  readonly state: 'holds' | 'fails' | 'open';
  readonly sentence: string;
}

/** What the reader came for, in one sentence, and what changes it. */
export interface Answer {
  readonly sentence: string;
  readonly details?: readonly string[];
}

/** A report of findings, charts and tables, for commands that do not compare runs. */
export interface PlainReport {
  readonly title: string;
  readonly subtitle: string;
  /** Said first. */
  readonly answers?: readonly Answer[];
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
  readonly pictures: readonly Picture[];
  /** What the numbers mean, sentence by sentence. */
  readonly words?: readonly string[];
  readonly tables: readonly Table[];
  /** How it was measured. */
  readonly method: readonly string[];
}

/** Each state in words, and its colour in the page's style sheet. */
export const FINDING_WORDS = { holds: 'Holds', fails: 'Does not hold', open: 'Not shown' } as const;
const TONES = { holds: 'faster', fails: 'slower', open: 'inconclusive' } as const;

/** Makes a report of findings, charts and tables, with `summary` as its summary.json. Chart libraries load here. */
export async function plainContents(report: PlainReport, summary: object): Promise<ReportContents> {
  const { images, files, assets, notDrawn } = await drawn(report.pictures);
  files.set('index.html', renderPlainHtml(report, images, assets));
  files.set('summary.md', renderPlainMarkdown(report));
  return { files, notDrawn, summaryFor: (names) => ({ ...summary, files: names }) };
}

/** As one HTML file that fetches nothing. */
function renderPlainHtml(report: PlainReport, images: Images, assets: PageAssets): string {
  const outline = new Outline();
  const findings = report.findings.map(
    ({ state, sentence: text }) =>
      html`<li><span class="badge ${TONES[state]}">${FINDING_WORDS[state]}</span> ${sentenceHtml(sentence(text))}</li>`,
  );
  const items = [...(report.answers ?? []).map(answerHtml), ...findings];
  const list =
    items.length === 0
      ? NOTHING
      : html`<ul class="verdicts">
          ${items}
        </ul>`;
  const main = html`<header>
      <h1>${report.title}</h1>
      <p class="identity">${report.subtitle}</p>
      ${list}
    </header>
    ${warningsHtml(report.warnings)} ${pictureSections(report.pictures, { images, outline })}
    ${listSection('In words', report.words ?? [], outline)}
    ${report.tables.map((table) => tableSection(table, outline))} ${methodSection(report.method, outline)}
    ${footerHtml()}`;
  return pageHtml({ title: report.title, assets, pictures: report.pictures, main, outline });
}

const answerHtml = ({ sentence: text, details = [] }: Answer): Html =>
  html`<li>
    <b>${sentenceHtml(text)}</b>
    ${details.length === 0 ? NOTHING : html`<span class="figures">${sentenceHtml(details.join(' '))}</span>`}
  </li>`;

/** As GitHub Markdown. */
function renderPlainMarkdown(report: PlainReport): string {
  return (
    [
      `# bench: ${escapedMarkdown(report.title)}`,
      escapedMarkdown(report.subtitle),
      (report.answers ?? [])
        .map(({ sentence: text, details = [] }) =>
          [`* **${escapedMarkdown(text)}**`, ...details.map(escapedMarkdown)].join(' '),
        )
        .join('\n'),
      report.findings
        .map(({ state, sentence: text }) => `* **${FINDING_WORDS[state]}**: ${escapedMarkdown(sentence(text))}`)
        .join('\n'),
      ...report.warnings.map((warning) => `> **Warning:** ${escapedMarkdown(warning)}`),
      (report.words ?? []).map((one) => `* ${escapedMarkdown(one)}`).join('\n'),
      ...report.tables.map(tableMarkdown),
      report.method.map((note) => `* ${escapedMarkdown(note)}`).join('\n'),
    ]
      .filter((part) => part !== '')
      .join('\n\n') + '\n'
  );
}
