import type { Io } from '../../../model/io.js';
import { plainLine } from '../../../model/plain-text.js';
import { wrapped } from '../../../report/index.js';

/** Blank within a phrase that stays on one line. */
const BOUND = '\u00a0';

/** The phrase, kept on one line. */
export const bound = (phrase: string): string => phrase.replaceAll(' ', BOUND);

/** Text after its lead; on a terminal its lines are broken between words and start below each other. */
export function say({ err, columns }: Io, lead: string, text: string): void {
  const lines = columns === null ? [plainLine(text)] : wrapped(text, Math.max(20, columns - lead.length));
  err(
    lines
      .map((line, index) => `${index === 0 ? lead : ' '.repeat(lead.length)}${line.replaceAll(BOUND, ' ')}\n`)
      .join(''),
  );
}
