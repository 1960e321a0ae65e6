import { plainLine } from '../../model/plain-text.js';

/** How text for a terminal is laid out. */
export interface Look {
  /** Of the terminal; `null` where the output is piped: nothing is then cut to a screen. */
  readonly columns: number | null;
  readonly colour: boolean;
  /** What charts in text are drawn with; absent: there are none, as in a pipe. */
  readonly dots?: 'unicode' | 'ascii';
}

/** Where a report was written. */
export interface ReportPlaces {
  /** Shown as the place of the full report; `null` where none was written. */
  readonly reportPath: string | null;
  /** The page over all reports of that folder; absent where there is none. */
  readonly indexPath?: string | null;
}

/** How a summary is printed. */
export interface TerminalLook extends Look, ReportPlaces {}

/** The last lines of a summary. A path stays on one line, so that it can be copied: the terminal breaks it. */
export const reportLines = ({ reportPath, indexPath = null }: ReportPlaces): readonly string[] => [
  ...(reportPath === null ? [] : [`Report: ${plainLine(reportPath)}`]),
  ...(reportPath === null || indexPath === null ? [] : [`All reports: ${plainLine(indexPath)}`]),
];

const NARROWEST = 40;
const WIDEST = 100;

/** Characters to a line of running text: 40 to 100, and 100 where the output is piped. */
export const widthOf = (columns: number | null): number => Math.max(NARROWEST, Math.min(columns ?? WIDEST, WIDEST));

/** Characters to a line of a table; endless where the output is piped, so that no cell is cut. */
export const tableWidthOf = (columns: number | null): number => (columns === null ? Infinity : widthOf(columns));

/** From this many columns on, nothing has to be left out of a table. */
export const WIDE = 76;

/** Writes text in an ANSI colour, or unchanged where colours are off. */
export type Paint = (code: string, text: string) => string;

export const painter =
  (colour: boolean): Paint =>
  (code, text) =>
    colour ? `\u001b[${code}m${text}\u001b[0m` : text;

/** ANSI code of bold text. */
export const BOLD = '1';
