import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readdirSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import {
  EVIDENCE_FILE,
  fileError,
  HOST_FILE,
  LEDGER_FILE,
  PLAN_FILE,
  readBytes,
  SAMPLES_FILE,
  SYSCALLS_FILE,
  WORKLOAD_FILE,
} from './files.js';

/**
 * SHA-256 of every other file of a closed results folder, in the format of `sha256sum` (coreutils), so that `sha256sum
 * -c SHA256SUMS` in the folder checks it too.
 */
export const CHECKSUMS_FILE = 'SHA256SUMS';

/** Writes SHA256SUMS over all files that are in the folder now, sorted by name. Throws `environment` or `input`. */
export function writeChecksums(folder: string): void {
  const path = join(folder, CHECKSUMS_FILE);
  const lines = filesIn(folder)
    .filter((name) => name !== CHECKSUMS_FILE)
    .map((name) => `${hashOf(join(folder, name))}  ${name}\n`);
  try {
    writeFileSync(path, lines.join(''));
  } catch (error) {
    throw fileError('to write the file', path, error);
  }
}

/**
 * Holds a results folder against its SHA256SUMS; gives the number of files that agree, 0 where there is none (an older
 * version's folder, a run that was killed).
 * Files that it does not name are not looked at, except those a report is made from. Throws `input` with the file, what
 * was expected and what is there.
 */
export function verifyChecksums(folder: string): number {
  const path = join(folder, CHECKSUMS_FILE);
  if (!existsSync(path)) return 0;
  const expected = readChecksums(path);
  const unlisted = FILES_READ.find((name) => !expected.has(name) && existsSync(join(folder, name)));
  if (unlisted !== undefined)
    throw new BenchError('input', `${path}: expected a line for ${unlisted}, which is in the folder, got none`, {
      hint: AGAIN,
    });
  for (const [name, wanted] of expected) {
    const got = hashOf(join(folder, name), `a file with SHA-256 ${wanted} (${CHECKSUMS_FILE})`);
    if (got !== wanted)
      throw new BenchError(
        'input',
        `${join(folder, name)}: expected SHA-256 ${wanted} (${CHECKSUMS_FILE}), got ${got}`,
        { hint: AGAIN },
      );
  }
  return expected.size;
}

const FILES_READ = [HOST_FILE, PLAN_FILE, EVIDENCE_FILE, SAMPLES_FILE, LEDGER_FILE, SYSCALLS_FILE, WORKLOAD_FILE];

const AGAIN = `The file was changed, or cut off on its way, since the run ended: copy the whole folder again from where it was made. sha256sum -c ${CHECKSUMS_FILE} in the folder lists all that differ.`;

/** SHA-256 by file name, in the order of the lines. */
function readChecksums(path: string): ReadonlyMap<string, string> {
  const sums = new Map<string, string>();
  for (const [index, line] of readBytes(path).toString('utf8').split('\n').entries()) {
    if (line === '') continue;
    const [, sum, name] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
    // Names that would leave the folder are no names of its files.
    if (
      sum === undefined ||
      name === undefined ||
      name.split('/').some((part) => part === '' || part === '.' || part === '..')
    ) {
      throw new BenchError(
        'input',
        `${path}:${index + 1}: expected 64 hexadecimal digits, two spaces and the name of a file of the folder, got ${shown(line)}`,
        { hint: AGAIN },
      );
    }
    sums.set(name, sum);
  }
  return sums;
}

const shown = (line: string): string => JSON.stringify(line.length > 90 ? `${line.slice(0, 90)}...` : line);

/** The files below a folder, as paths from it, sorted. */
export function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .flatMap((entry) =>
        entry.isDirectory()
          ? filesIn(join(folder, entry.name)).map((name) => `${entry.name}/${name}`)
          : entry.isFile()
            ? [entry.name]
            : [],
      )
      .sort();
  } catch (error) {
    throw fileError('a folder of the results', folder, error);
  }
}

const CHUNK_BYTES = 1 << 20;

/** Read in pieces: the samples of a long run need not fit in memory. */
function hashOf(path: string, wanted = 'a file of the results'): string {
  const hash = createHash('sha256');
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    const file = openSync(path, 'r');
    try {
      for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk))
        hash.update(chunk.subarray(0, size));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw fileError(wanted, path, error);
  }
  return hash.digest('hex');
}
