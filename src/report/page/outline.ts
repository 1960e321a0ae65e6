import { html, NOTHING, type Html } from './markup.js';

/** A heading of a page that can be linked to. */
interface Entry {
  readonly id: string;
  readonly title: string;
  /** The headings under it, where it heads a part of the page. */
  readonly under: Entry[];
}

/** Ids of elements that a page has in any case. */
const RESERVED = ['report', 'data', 'contents'] as const;

/** The headings of a page in their order: gives each an id of its own, and makes the table of contents of them. */
export class Outline {
  readonly #ids = new Set<string>(RESERVED);
  /** How often an id was asked for: looking for a free number from the start is quadratic in a report of many runs. */
  readonly #times = new Map<string, number>();
  readonly #entries: Entry[] = [];
  /** Where the next heading goes. */
  #open: Entry[] = this.#entries;

  /** Adds a heading; gives its id, which is the same for the same page made again. */
  add(title: string): string {
    const id = this.#unique(slugOf(title));
    this.#open.push({ id, title: shortTitle(title), under: [] });
    return id;
  }

  /** Takes an id for a heading that comes later. */
  reserve(id: string): string {
    return this.#unique(id);
  }

  /** Adds the heading of an id that was taken before; those that come until {@link end} are under it. */
  begin(id: string, title: string): void {
    const part: Entry = { id, title, under: [] };
    this.#entries.push(part);
    this.#open = part.under;
  }

  /** The headings that follow are under no other. */
  end(): void {
    this.#open = this.#entries;
  }

  /** Links to all headings; nothing where there is only one. */
  contents(): Html {
    if (this.#entries.length < 2) return NOTHING;
    return html`<nav class="contents" aria-label="Contents">
      <details id="contents">
        <summary>Contents</summary>
        ${listHtml(this.#entries)}
      </details>
    </nav>`;
  }

  #unique(id: string): string {
    let own = id;
    let times = this.#times.get(id) ?? 1;
    while (this.#ids.has(own)) own = `${id}-${(times += 1)}`;
    this.#times.set(id, times);
    this.#ids.add(own);
    return own;
  }
}

const listHtml = (entries: readonly Entry[]): Html =>
  html`<ul>
    ${entries.map(({ id, title, under }) =>
      under.length === 0
        ? html`<li><a href="#${id}">${title}</a></li>`
        : html`<li class="part"><a href="#${id}">${title}</a>${listHtml(under)}</li>`,
    )}
  </ul>`;

/** What stands in brackets changes from report to report: a link without it stays good. */
const shortTitle = (title: string): string => title.replace(/ \([^)]*\)$/, '');

const slugOf = (title: string): string =>
  shortTitle(title)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 60) || 'section';
