import type { Io } from '../../model/io.js';

/** How text on standard output looks: as wide as its terminal; nothing is cut where it is none. */
export const lookOf = (io: Io): { readonly columns: number | null; readonly colour: boolean } => ({
  columns: io.outColumns,
  colour: io.colour,
});
