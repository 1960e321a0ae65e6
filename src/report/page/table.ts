import type { Table } from '../run/tables.js';
import { html, NOTHING, raw, sentenceHtml, type Content, type Html } from './markup.js';
import { headingHtml, type Level } from './section.js';
import type { Outline } from './outline.js';

/** A table as a section of its own; one that is folded shows its title alone until it is opened. */
export function tableSection(table: Table, outline: Outline, level: Level = 2): Html {
  const id = outline.add(table.title);
  return table.folded === true
    ? html`<details class="card" id="${id}">
        <summary>${raw(`<h${level}>`)}${table.title}${raw(`</h${level}>`)}</summary>
        ${tableHtml(table)}
      </details>`
    : html`<section class="card" id="${id}">${headingHtml(table.title, id, level)}${tableHtml(table)}</section>`;
}

/** The table itself with its note. It scrolls where it is wider than the screen. */
export function tableHtml({ title, columns, rows, note, links = [] }: Table): Html {
  const head = columns.map(({ head: text, align }) => html`<th scope="col" class="${align}">${text}</th>`);
  const body = rows.map(
    (cells, row) =>
      html`<tr>
        ${cells.map((cell, index) =>
          cellHtml(linked(cell, index === cells.length - 1 ? links[row] : null), columns[index]?.align),
        )}
      </tr>`,
  );
  return html`<div class="scroll" role="group" tabindex="0" aria-label="Table: ${title}">
      <table>
        <thead>
          <tr>
            ${head}
          </tr>
        </thead>
        <tbody>
          ${body}
        </tbody>
      </table>
    </div>
    ${note === undefined ? NOTHING : html`<p class="note">${sentenceHtml(note)}</p>`}`;
}

const linked = (cell: string, href: string | null = null): Content =>
  href === null ? cell : html`<a href="${href}">${cell}</a>`;

const cellHtml = (cell: Content, align: 'left' | 'right' = 'left'): Html => html`<td class="${align}">${cell}</td>`;
