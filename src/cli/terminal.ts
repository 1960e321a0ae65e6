import type { Io } from '../model/io.js';
import { plainBlock } from '../model/plain-text.js';

/** What is known of an output stream. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Env = Io['env'];

/** A terminal that does not tell its width. */
const USUAL_COLUMNS = 80;

/** Columns of a terminal; `null`: the stream is none, and nothing is cut. */
export function columnsOf({ isTTY, columns }: Stream): number | null {
  if (isTTY !== true) return null;
  return columns === undefined || columns <= 0 ? USUAL_COLUMNS : columns;
}

/** Whether a line can be redrawn in place. */
export const canRedraw = (env: Env): boolean => env['TERM'] !== 'dumb';

/**
 * Whether colours are used: NO_COLOR (https://no-color.org, empty counts as unset) before FORCE_COLOR before what the
 * stream is.
 */
export function usesColour({ isTTY }: Stream, env: Env): boolean {
  if (isSet(env['NO_COLOR'])) return false;
  const forced = env['FORCE_COLOR'];
  if (isSet(forced)) return forced !== '0' && forced !== 'false';
  return isTTY === true && env['TERM'] !== 'dumb';
}

const isSet = (value: string | undefined): value is string => value !== undefined && value !== '';

/** Whether the locale can show more than ASCII: LC_ALL, LC_CTYPE, LANG, the first that is set; none counts as able. */
export function isAsciiOnly(env: Env): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(isSet);
  return locale === 'C' || locale === 'POSIX';
}

/** What the progress line begins with, to be drawn in the place of the one before. */
const REDRAWN = '\r\u001b[K';
/** The colours of reports and of bench doctor, bold text, and their end. */
const COLOUR = /(\u001b\[(?:[01]|3[1-6])m)/;

/**
 * Text as it is written to a terminal or a log. Regardless of what it was made of, it holds no control character but
 * line feeds, and no terminal sequence but the colours that bench uses, where it does, and a line that is redrawn.
 */
export function safeText(text: string, { colour }: Pick<Io, 'colour'>): string {
  if (text.startsWith(REDRAWN)) return `${REDRAWN}${safeText(text.slice(REDRAWN.length), { colour })}`;
  if (!colour) return plainBlock(text);
  return text
    .split(COLOUR)
    .map((part, index) => (index % 2 === 1 ? part : plainBlock(part)))
    .join('');
}

const ASCII: Readonly<Record<string, string>> = {
  '\u2212': '-',
  '\u2013': '-',
  '\u2014': '-',
  '\u2500': '-',
  '\u2502': '|',
  '\u00b1': '+/-',
  '\u00b7': '|',
  '\u00d7': 'x',
  '\u2026': '...',
  '\u00b5': 'u',
  '\u03bc': 'u',
  '\u2192': '->',
  '\u2264': '<=',
  '\u2265': '>=',
  '\u2248': '~',
  '\u00a0': ' ',
  '\u202f': ' ',
  '\u2009': ' ',
  '\u2018': "'",
  '\u2019': "'",
  '\u201c': '"',
  '\u201d': '"',
};

/** The text in ASCII; what has no equivalent becomes `?`. */
export const toAscii = (text: string): string => text.replace(/[^\0-\x7f]/gu, (letter) => ASCII[letter] ?? '?');
