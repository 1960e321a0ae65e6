import type { Io } from '../../model/io.js';

/**
 * Prints text that is data: a file's content, byte for byte where standard output is not a terminal. A terminal gets it
 * without what could control it.
 */
export function printData(io: Pick<Io, 'out' | 'outBytes' | 'outColumns'>, text: string): void {
  if (io.outBytes === undefined || io.outColumns !== null) io.out(text);
  else io.outBytes(Buffer.from(text));
}
