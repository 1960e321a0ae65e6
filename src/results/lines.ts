import { isAscii } from 'node:buffer';
import { closeSync, constants, openSync, readSync } from 'node:fs';

const NEWLINE = 0x0a;
/** Bytes read at a time, few enough to stay in the processor's cache until they are parsed. */
const CHUNK = 1 << 18;

/** Takes the lines of a file in order. */
export interface LineTaker {
  /** The bytes with the next lines. */
  readonly open: (bytes: Uint8Array) => void;
  /** Takes the line at `from` in those bytes if it can; returns the start of the next line, or -1. */
  readonly takeBytes: (from: number) => number;
  /** Takes one line without its newline; `ended` is false only for a last line without one. */
  readonly takeText: (text: string, lineNumber: number, ended: boolean) => void;
}

/**
 * Reads a file line by line (from 1), in parts: a file may be larger than the longest string. `seen` is given all bytes
 * in their order. Throws the file system's errors.
 */
export function readLines(path: string, taker: LineTaker, seen?: (bytes: Uint8Array) => void): void {
  // Without O_NONBLOCK a FIFO that nothing writes to would never open.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    // One buffer for all parts: new pages of memory cost more than the reading.
    let buffer = Buffer.allocUnsafe(2 * CHUNK);
    let kept = 0;
    let lineNumber = 0;
    for (;;) {
      if (buffer.length - kept < CHUNK) buffer = Buffer.concat([buffer.subarray(0, kept)], 2 * buffer.length);
      const read = readSync(file, buffer, kept, CHUNK, null);
      if (read === 0) break;
      seen?.(buffer.subarray(kept, kept + read));
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

/** Nearly all lines are ASCII, which decodes several times faster as latin1. */
const textOf = (bytes: Buffer): string => bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');

/** Passes on the lines in bytes that end with a newline; returns the number of the last line. */
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
