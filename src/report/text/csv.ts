export type Cell = string | number | boolean | undefined;

/** One record of comma-separated values by RFC 4180, with its CRLF. */
export const recordOf = (cells: readonly Cell[]): string => `${cells.map(fieldOf).join(',')}\r\n`;

/** What spreadsheets take for a formula, in their wide forms too, unless it is a number. */
const FORMULA = /^(?![+-]?\d+(?:\.\d+)?$)[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]/;

/**
 * Quoted where it must be, quotes within doubled (RFC 4180, section 2, rules 6 and 7).
 * An apostrophe keeps spreadsheets from executing text.
 */
function fieldOf(cell: Cell): string {
  const text = typeof cell === 'string' ? cell.replace(FORMULA, "'$&") : String(cell ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
