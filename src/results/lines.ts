import { isAscii } from 'node:buffer';
import { closeSync, openSync, readSync } from 'node:fs';

const NEWLINE = 0x0a;
/** What is read at a time; small enough to stay in a processor's cache until it is taken apart. */
const CHUNK = 1 << 18;

/** Takes the lines of a file one after the other. */
export interface LineTaker {
  /** The bytes that the next lines are in. */
  readonly open: (bytes: Uint8Array) => void;
  /** Takes the line that starts at `from` of those bytes, where it can; returns where the next one starts, or -1. */
  readonly takeBytes: (from: number) => number;
  /** Takes one line without its end; `ended` is false only for a last one that has none. */
  readonly takeText: (text: string, lineNumber: number, ended: boolean) => void;
}

/**
 * Reads a file line by line (from 1), a part at a time: a file may be larger than the largest string. Throws the file
 * system's errors.
 */
export function readLines(path: string, taker: LineTaker): void {
  const file = openSync(path, 'r');
  try {
    // One piece of memory for all parts: fresh pages cost more than the reading.
    let buffer = Buffer.allocUnsafe(2 * CHUNK);
    let kept = 0;
    let lineNumber = 0;
    for (;;) {
      if (buffer.length - kept < CHUNK) buffer = Buffer.concat([buffer.subarray(0, kept)], 2 * buffer.length);
      const read = readSync(file, buffer, kept, CHUNK, null);
      if (read === 0) break;
      const filled = buffer.subarray(0, kept + read);
      const end = filled.lastIndexOf(NEWLINE) + 1;
      lineNumber = takeLines(filled.subarray(0, end), lineNumber, taker);
      buffer.copyWithin(0, end, filled.length);
      kept = filled.length - end;
    }
    if (kept > 0) taker.takeText(textOf(buffer.subarray(0, kept)), lineNumber + 1, false);
  } finally {
    closeSync(file);
  }
}

/** Nearly every line is ASCII, which decodes several times faster when that is known. */
const textOf = (bytes: Buffer): string => bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');

/** Hands out the lines of bytes that end with one; returns the number of the last. */
function takeLines(bytes: Buffer, before: number, { open, takeBytes, takeText }: LineTaker): number {
  open(bytes);
  let lineNumber = before;
  let from = 0;
  while (from < bytes.length) {
    lineNumber++;
    const next = takeBytes(from);
    if (next >= 0) {
      from = next;
      continue;
    }
    const end = bytes.indexOf(NEWLINE, from);
    takeText(textOf(bytes.subarray(from, end)), lineNumber, true);
    from = end + 1;
  }
  return lineNumber;
}
