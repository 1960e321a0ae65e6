import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { BenchError } from '../../../errors.js';
import { isAcceptable } from '../../../filter/index.js';
import type { Io } from '../../../model/io.js';
import { writeTarget } from '../../output/export-target.js';
import { checkPlaces } from '../../output/places.js';

/** The longest filter takes 32 KiB; in base64, a third more. */
const MOST_BYTES = 64 * 1024;

/**
 * Writes a filter to a file. A file that exists is replaced only where it is a filter, or empty; anything but a regular
 * file, such as a pipe, is written to; the source of the filter never is. Throws `usage`, `input` and `environment`.
 */
export function writeFilter(
  file: string,
  content: string | Uint8Array,
  { source, cwd }: { readonly source: string | undefined } & Pick<Io, 'cwd'>,
): void {
  const path = resolve(cwd, file);
  const places = { resultsFolder: null, reportsFolder: null, inputs: source === undefined ? [] : [source] };
  checkPlaces({ ...places, files: [{ flag: FLAG, given: file, path, hint: HINT }] }, { cwd });
  if (!mayBeReplaced(path))
    throw new BenchError('usage', `${file} exists and is not a filter`, {
      hint: 'It was left as it is. Choose another name, or remove it first.',
    });
  writeTarget(path, content, FLAG, HINT);
}

const FLAG = '--output';
const HINT = 'Choose a writable folder.';

function mayBeReplaced(path: string): boolean {
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined || !facts.isFile() || facts.size === 0) return true;
  if (facts.size > MOST_BYTES) return false;
  const bytes = readFileSync(path);
  const text = bytes.toString('latin1').trim();
  return isFilter(bytes) || (/^[A-Za-z0-9+/]+={0,2}$/.test(text) && isFilter(Buffer.from(text, 'base64')));
}

const isFilter = (bytes: Buffer): boolean => isAcceptable(bytes, 'little-endian') || isAcceptable(bytes, 'big-endian');
