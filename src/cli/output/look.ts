import type { Io } from '../../model/io.js';

/** Where standard output is no terminal, prose is wrapped as for a page. */
const PAGE_COLUMNS = 100;

/** How text on standard output looks. */
export const lookOf = (io: Io): { readonly columns: number; readonly colour: boolean } => ({
  columns: io.outColumns ?? PAGE_COLUMNS,
  colour: io.colour,
});
