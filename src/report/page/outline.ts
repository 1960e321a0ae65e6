import { html, NOTHING, type Html } from './markup.js';

/** A heading of a page that can be linked to. */
interface Entry {
  readonly id: string;
  readonly title: string;
  readonly depth: 1 | 2;
}

/** Ids of elements that a page has in any case. */
const RESERVED = ['report', 'data', 'contents'] as const;

/** The headings of a page in their order: gives each an id of its own, and makes the table of contents of them. */
export class Outline {
  readonly #ids = new Set<string>(RESERVED);
  readonly #entries: Entry[] = [];

  /** Adds a heading; gives its id, which is the same for the same page made again. */
  add(title: string): string {
    const id = this.#unique(slugOf(title));
    this.#entries.push({ id, title: shortTitle(title), depth: 2 });
    return id;
  }

  /** Takes an id for a heading that comes later. */
  reserve(id: string): string {
    return this.#unique(id);
  }

  /** Adds the heading of an id that was taken before, one level above the others. */
  addReserved(id: string, title: string): void {
    this.#entries.push({ id, title, depth: 1 });
  }

  /** Links to all headings; nothing where there is only one. */
  contents(): Html {
    if (this.#entries.length < 2) return NOTHING;
    const items = this.#entries.map(
      ({ id, title, depth }) => html`<li class="depth-${depth}"><a href="#${id}">${title}</a></li>`,
    );
    return html`<nav class="contents" aria-label="Contents">
      <details id="contents">
        <summary>Contents</summary>
        <ul>
          ${items}
        </ul>
      </details>
    </nav>`;
  }

  #unique(id: string): string {
    let own = id;
    for (let times = 2; this.#ids.has(own); times += 1) own = `${id}-${times}`;
    this.#ids.add(own);
    return own;
  }
}

/** What stands in brackets changes from report to report: a link without it stays good. */
const shortTitle = (title: string): string => title.replace(/ \([^)]*\)$/, '');

const slugOf = (title: string): string =>
  shortTitle(title)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60) || 'section';
