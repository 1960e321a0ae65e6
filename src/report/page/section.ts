import { html, raw, type Html } from './markup.js';
import type { Outline } from './outline.js';

/** Level of a heading: 2 in a report of one run, 3 below the heading of one of several. */
export type Level = 2 | 3;

/** A heading with a link to its section. */
export const headingHtml = (title: string, id: string, level: Level): Html =>
  html`${raw(`<h${level}>`)}${title}<a class="anchor" href="#${id}" aria-label="Link to ${title}">#</a
    >${raw(`</h${level}>`)}`;

/** A section with its heading. */
export function sectionHtml(title: string, body: Html, outline: Outline, level: Level = 2): Html {
  const id = outline.add(title);
  return html`<section class="card" id="${id}">${headingHtml(title, id, level)}${body}</section>`;
}
