import { statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BenchError } from '../../errors.js';
import { filesIn } from '../checksums.js';
import { readBytes } from '../files.js';
import { END, HEAD, MOST, PART, PART_CHARACTERS, sha256, type Head, type PackedEnd } from './format.js';

/**
 * A results folder as lines of text, for places that return only a log: a head, then gzipped JSON of its files
 * (base64) in numbered parts. Throws `runFailed` for one that is too large to be taken at the other end.
 */
export function packResult(folder: string, name: string, index: number): string {
  const names = filesIn(folder);
  const bytesInFiles = names.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  if (bytesInFiles > MOST_FILE_BYTES)
    throw new BenchError(
      'runFailed',
      `${name} has ${mebibytes(bytesInFiles)}, over the limit of ${mebibytes(MOST_FILE_BYTES)}`,
    );
  const files = Object.fromEntries(
    names.map((file) => [file, readBytes(join(folder, file), MOST_FILE_BYTES).toString('base64')]),
  );
  const bytes = gzipSync(JSON.stringify(files));
  const text = bytes.toString('base64');
  const parts = Math.ceil(text.length / PART_CHARACTERS);
  const head: Head = { format: 1, index, name, parts, sha256: sha256(bytes) };
  const lines = Array.from(
    { length: parts },
    (_, part) => `${PART} ${index} ${part} ${text.slice(part * PART_CHARACTERS, (part + 1) * PART_CHARACTERS)}\n`,
  );
  return [`${HEAD} ${JSON.stringify(head)}\n`, ...lines].join('');
}

/** Base64 makes four bytes of three; names and quotes are small. */
const MOST_FILE_BYTES = Math.floor(MOST.unpackedBytes * 0.74);

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

export const packEnd = (end: PackedEnd): string => `${END} ${JSON.stringify(end)}\n`;
