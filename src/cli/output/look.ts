import type { Io } from '../../model/io.js';
import type { Look } from '../../report/index.js';

/** How text on standard output looks: as wide as its terminal; nothing is cut and nothing drawn where it is none. */
export const lookOf = (io: Io): Look => ({
  columns: io.outColumns,
  colour: io.colour,
  ...(io.outColumns === null ? {} : { dots: drawsUnicode(io.env) ? 'unicode' : 'ascii' }),
});

/** By the locale, as the C library chooses it: the first of these that is set and not empty. */
function drawsUnicode(env: Io['env']): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((one) => one !== undefined && one !== '') ?? '';
  return /utf-?8/i.test(locale);
}
