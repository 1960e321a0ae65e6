import type { Column } from '../../run/tables.js';
import { copyButton } from './copying.js';
import { button, element, textOf } from './dom.js';
import { sortedPlaces, type Direction } from './sort-key.js';
import { csvOf, markdownOf, type TextTable } from './table-text.js';

/** Makes every table of the page sortable, with buttons that copy it. */
export function enhanceTables(): void {
  for (const table of document.querySelectorAll('table')) {
    if (table.tBodies[0] === undefined) continue;
    const texts = (): TextTable => ({ columns: columnsOf(table), rows: rowsOf(table).map(cellsOf) });
    if (rowsOf(table).length > 1) makeSortable(table);
    const tools = element(
      'div',
      'tools',
      copyButton('Copy Markdown', () => markdownOf(texts())),
      copyButton('Copy CSV', () => csvOf(texts())),
    );
    table.parentElement?.after(tools);
  }
}

const rowsOf = (table: HTMLTableElement): readonly HTMLTableRowElement[] => [...(table.tBodies[0]?.rows ?? [])];
const cellsOf = (row: HTMLTableRowElement): readonly string[] => [...row.cells].map(textOf);
const headsOf = (table: HTMLTableElement): readonly HTMLTableCellElement[] => [...(table.tHead?.rows[0]?.cells ?? [])];

const columnsOf = (table: HTMLTableElement): readonly Column[] =>
  headsOf(table).map((head) => ({
    head: textOf(head),
    align: head.classList.contains('right') ? 'right' : 'left',
  }));

/** Each click on a head: ascending, descending, as it was. */
function makeSortable(table: HTMLTableElement): void {
  const original = rowsOf(table);
  const heads = headsOf(table);
  heads.forEach((head, column) => {
    const text = textOf(head);
    head.replaceChildren(
      button(text, () => {
        const direction = nextOf(head.getAttribute('aria-sort'));
        for (const other of heads) other.removeAttribute('aria-sort');
        if (direction !== null) head.setAttribute('aria-sort', direction);
        const texts = original.map((row) => textOf(row.cells[column] ?? row));
        const order = direction === null ? original.map((_, place) => place) : sortedPlaces(texts, direction);
        table.tBodies[0]?.append(...order.flatMap((place) => original[place] ?? []));
      }),
    );
  });
}

function nextOf(current: string | null): Direction | null {
  if (current === null) return 'ascending';
  return current === 'ascending' ? 'descending' : null;
}
