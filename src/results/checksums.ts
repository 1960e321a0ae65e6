import { createHash } from 'node:crypto';
import { closeSync, constants, existsSync, lstatSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError, invalidValue } from '../errors.js';
import {
  appendTo,
  attempt,
  BREAKS_FILE,
  EVIDENCE_FILE,
  HOST_FILE,
  LEDGER_FILE,
  PLAN_FILE,
  readBytes,
  SAMPLES_FILE,
  SYSCALLS_FILE,
  WORKLOAD_FILE,
  writeNew,
} from './files.js';

/**
 * SHA-256 of every other file of a finished results folder, in the format of `sha256sum` (coreutils): `sha256sum -c
 * SHA256SUMS` in the folder checks it too.
 */
export const CHECKSUMS_FILE = 'SHA256SUMS';

/** Writes SHA256SUMS for all files in the folder, sorted by name. Throws `environment` or `input`. */
export function writeChecksums(folder: string): void {
  const path = join(folder, CHECKSUMS_FILE);
  const lines = filesIn(folder)
    .filter((name) => name !== CHECKSUMS_FILE)
    .map((name) => `${hashOf(join(folder, name))}  ${name}\n`);
  writeNew(path, lines.join(''));
}

/** Adds a file, written after the folder was finished, to its SHA256SUMS, if it has one. Throws `environment`. */
export function addChecksum(folder: string, name: string): void {
  const path = join(folder, CHECKSUMS_FILE);
  if (!existsSync(path)) return;
  const line = `${hashOf(join(folder, name))}  ${name}\n`;
  appendTo(path, line);
}

/**
 * Verifies a results folder by its SHA256SUMS and returns the number of files verified; 0 where the folder has no
 * SHA256SUMS (an older version's, or a run that was killed). Of the files that it does not list, only those that a
 * report is made from matter. Throws `input` for the first file that differs.
 */
export function verifyChecksums(folder: string): number {
  return verifyFiles(folder, () => true)?.size ?? 0;
}

/**
 * Verifies all files but one, and gives a hash for the one that is read: give it all bytes, then call `verify`.
 * Throws as {@link verifyChecksums}.
 */
export function verifyButOne(folder: string, name: string): ReadingHash {
  const wanted = verifyFiles(folder, (one) => one !== name)?.get(name);
  if (wanted === undefined) return { verify: () => undefined };
  const hash = createHash('sha256');
  return {
    update: (bytes) => {
      hash.update(bytes);
    },
    verify: () => {
      expectHash(join(folder, name), wanted, hash.digest('hex'));
    },
  };
}

/** The hash of a file while it is read. */
export interface ReadingHash {
  /** Absent: nothing is known of the file. */
  readonly update?: (bytes: Uint8Array) => void;
  /** Throws `input` where the file is not what it was. */
  readonly verify: () => void;
}

/** The sums by name; `undefined` where the folder has none. All are looked for, those that are chosen are hashed. */
function verifyFiles(folder: string, isChosen: (name: string) => boolean): ReadonlyMap<string, string> | undefined {
  const path = join(folder, CHECKSUMS_FILE);
  if (!existsSync(path)) return undefined;
  const expected = readChecksums(path);
  const unlisted = FILES_READ.find((name) => !expected.has(name) && existsSync(join(folder, name)));
  if (unlisted !== undefined)
    throw new BenchError('input', `${path}: ${unlisted} is in the folder but not in this list`, { hint: AGAIN });
  for (const [name, wanted] of expected) {
    if (!existsSync(join(folder, name)))
      throw new BenchError('input', `${path}: ${name} is in this list but not in the folder`, { hint: AGAIN });
    if (!isFileIn(folder, name))
      throw new BenchError('input', `${join(folder, name)} is a link, or no file`, { hint: AGAIN });
    if (isChosen(name)) expectHash(join(folder, name), wanted, hashOf(join(folder, name)));
  }
  return expected;
}

function expectHash(path: string, wanted: string, got: string): void {
  if (got !== wanted)
    throw invalidValue(path, `SHA-256 ${wanted} (${CHECKSUMS_FILE})`, got, { code: 'input', hint: AGAIN });
}

/** A device or a FIFO has no end, and a link leads elsewhere. */
const isFileIn = (folder: string, name: string): boolean =>
  lstatSync(join(folder, name)).isFile() && realpathSync(join(folder, name)) === join(realpathSync(folder), name);

const FILES_READ = [
  HOST_FILE,
  PLAN_FILE,
  EVIDENCE_FILE,
  SAMPLES_FILE,
  BREAKS_FILE,
  LEDGER_FILE,
  SYSCALLS_FILE,
  WORKLOAD_FILE,
];

const AGAIN =
  'The file was changed or truncated after the run ended: copy the whole folder again from where it was made. ' +
  `sha256sum -c ${CHECKSUMS_FILE} in the folder lists all that differ.`;

/** SHA-256 by file name, in the order of the lines. */
function readChecksums(path: string): ReadonlyMap<string, string> {
  const sums = new Map<string, string>();
  for (const [index, line] of readBytes(path).toString('utf8').split('\n').entries()) {
    if (line === '') continue;
    const [, sum, name = ''] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    // A name must not lead out of the folder.
    if (sum === undefined || name.split('/').some((part) => part === '' || part === '.' || part === '..')) {
      const wanted = '64 hexadecimal digits, two spaces and the name of a file in the folder';
      throw invalidValue(`${path}:${index + 1}`, wanted, shown(line), { code: 'input', hint: AGAIN });
    }
    sums.set(name, sum);
  }
  return sums;
}

const shown = (line: string): string => JSON.stringify(line.length > 90 ? `${line.slice(0, 90)}...` : line);

/** The files below a folder, as paths relative to it, sorted. */
export function filesIn(folder: string): readonly string[] {
  return attempt('read', folder, () => readdirSync(folder, { withFileTypes: true }))
    .flatMap((entry) => {
      if (entry.isDirectory()) return filesIn(join(folder, entry.name)).map((name) => `${entry.name}/${name}`);
      return entry.isFile() ? [entry.name] : [];
    })
    .sort();
}

const CHUNK_BYTES = 1 << 20;

/** Reads in pieces: the samples of a long run need not fit in memory. */
function hashOf(path: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  attempt('read', path, () => {
    const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk))
        hash.update(chunk.subarray(0, size));
    } finally {
      closeSync(file);
    }
  });
  return hash.digest('hex');
}
