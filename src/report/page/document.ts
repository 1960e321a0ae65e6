import { plainSpec } from '../charts/spec.js';
import type { Picture } from '../charts/picture.js';
import type { PageAssets } from './assets.js';
import { html, inlineJson, inlineScript, NOTHING, raw, type Html } from './markup.js';
import type { Outline } from './outline.js';
import type { PageData } from './data.js';
import { STYLE } from './style/index.js';

/** What makes up a page. */
export interface Page {
  readonly title: string;
  readonly main: Html;
  /** The headings in `main`. */
  readonly outline: Outline;
  readonly pictures: readonly Picture[];
  /** Names of the arms, for which the page has buttons. Default: none. */
  readonly arms?: readonly string[];
  /** Default: none. */
  readonly samples?: PageData['samples'];
  readonly assets: PageAssets;
}

/** One HTML file that fetches nothing. */
export function pageHtml({ title, main, outline, pictures, arms = [], samples = [], assets }: Page): string {
  const data: PageData = {
    charts: Object.fromEntries(pictures.map(({ id, spec }) => [id, plainSpec(spec)])),
    arms: [...new Set(arms)],
    samples,
  };
  return htmlFile({
    title,
    style: `${fontFaces(assets)}${STYLE}`,
    body: html`<a class="skip" href="#report">Skip to the report</a>
      <div class="page">
        ${outline.contents()}
        <main id="report" tabindex="-1">${main}</main>
      </div>
      <script type="application/json" id="data">
        ${inlineJson(data)}
      </script>
      <script>
        ${inlineScript(assets.script)};
      </script>`,
  });
}

/** What is in every HTML file of bench. */
export interface HtmlFile {
  readonly title: string;
  readonly style: string;
  /** In place of the mark in its `generator`; nothing else may replace a file. */
  readonly generator?: string;
  readonly body: Html;
}

const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; font-src data:";

/** A whole HTML file: its policy forbids to fetch anything. */
export const htmlFile = ({ title, style, generator, body }: HtmlFile): string =>
  html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        ${generator === undefined ? NOTHING : html`<meta name="generator" content="${generator}" /> `}
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${raw(POLICY)}" />
        <meta name="color-scheme" content="light dark" />
        <title>bench: ${title}</title>
        <style>
          ${raw(style)}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;

const fontFaces = ({ fonts }: PageAssets): string =>
  fonts
    .map(({ weight, data }) => {
      const source = `url(data:font/woff2;base64,${data.toString('base64')}) format("woff2")`;
      return `@font-face{font-family:Carlito;font-weight:${weight};src:${source}}`;
    })
    .join('');
