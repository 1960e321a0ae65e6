import { isAscii } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';

const NEWLINE = 0x0a;
const CHUNK = 1 << 20;

/** One line without its end; `ended` is false only for a last one that has none. */
export type OnLine = (text: string, lineNumber: number, ended: boolean) => void;

/** Reads a file line by line (from 1), a MiB at a time: a file may be larger than the largest string. Throws the file system's errors. */
export function readLines(path: string, onLine: OnLine): void {
  const file = openSync(path, 'r');
  try {
    let rest: Buffer = Buffer.alloc(0);
    let lineNumber = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(rest.length + CHUNK);
      rest.copy(chunk);
      const read = readSync(file, chunk, rest.length, CHUNK, null);
      const filled = chunk.subarray(0, rest.length + read);
      if (read === 0) break;
      const end = filled.lastIndexOf(NEWLINE) + 1;
      lineNumber = splitLines(textOf(filled.subarray(0, end)), lineNumber, onLine);
      rest = filled.subarray(end);
    }
    if (rest.length > 0) onLine(textOf(rest), lineNumber + 1, false);
  } finally {
    closeSync(file);
  }
}

/** Nearly every line is ASCII, which decodes several times faster when that is known. */
const textOf = (bytes: Buffer): string => bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');

/** Hands out the lines of a text that ends with one; returns the number of the last. */
function splitLines(text: string, before: number, onLine: OnLine): number {
  let lineNumber = before;
  let from = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
    onLine(text.slice(from, end), ++lineNumber, true);
    from = end + 1;
  }
  return lineNumber;
}
