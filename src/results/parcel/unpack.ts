import { randomBytes } from 'node:crypto';
import { lstatSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { BenchError, invalidValue, systemReason } from '../../errors.js';
import { CHECKSUMS_FILE, verifyChecksums } from '../checksums.js';
import { attempt, createFolder, ensureFolder, writeNew } from '../files.js';
import { MOST, type Head, type PackedEnd } from './format.js';
import { bytesOf, parsedObject, readLines, type ParcelLines } from './lines.js';

/** A results folder that arrived whole: its checksums agree with its files. */
export interface UnpackedResult {
  readonly name: string;
  readonly path: string;
  /** Files whose SHA-256 was verified. */
  readonly files: number;
}

export interface Unpacked {
  readonly results: readonly UnpackedResult[];
  /** Absent where the output ends before the job did. */
  readonly end?: PackedEnd;
  /** What is wrong with the parcels that could not be unpacked, one line each. */
  readonly faults: readonly string[];
}

/**
 * Writes the results folders in a job's output below `parent`, each once it is whole and verified. Parcels that are
 * not are reported as faults; other lines of the output are skipped. Throws `environment` where the disk or a
 * permission is at fault, not the sender.
 */
export function unpackResults(output: string, parent: string): Unpacked {
  const lines = readLines(output);
  const results: UnpackedResult[] = [];
  const faults = [...lines.faults];
  for (const head of lines.heads) {
    try {
      results.push(unpack(head, lines, parent));
    } catch (error) {
      if (!(error instanceof BenchError) || error.code !== 'input') throw error;
      faults.push(error.message);
    }
  }
  const { end, sent } = lines;
  if (end !== undefined && end.results > sent)
    faults.push(`${sent} of ${end.results} results folders arrived: the output was cut off at its beginning`);
  return { results, faults, ...(end === undefined ? {} : { end }) };
}

function unpack(head: Head, lines: ParcelLines, parent: string): UnpackedResult {
  const { name } = head;
  const files = filesOf(head, lines);
  const path = join(parent, name);
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined)
    throw new BenchError('input', `${name}: a file or folder of this name is there already`);
  ensureFolder(parent);
  const draft = join(parent, `.${randomBytes(6).toString('hex')}`);
  try {
    createFolder(draft);
    for (const [file, content] of files) {
      const target = join(draft, file);
      ensureFolder(dirname(target));
      writeNew(target, content);
    }
    const verified = verifiedFiles(draft, name);
    attempt('create', path, () => {
      renameSync(draft, path);
    });
    return { name, path, files: verified };
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // The draft is no name that anybody knows.
    if (error instanceof BenchError)
      throw new BenchError(error.code, error.message.replaceAll(`${draft}/`, `${name}/`).replaceAll(draft, name), {
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        cause: error,
      });
    throw error;
  }
}

function verifiedFiles(draft: string, name: string): number {
  const verified = verifyChecksums(draft);
  if (verified > 0) return verified;
  throw new BenchError('input', `${name}: ${CHECKSUMS_FILE} is missing, so the run was killed before it ended`);
}

function filesOf(head: Head, lines: ParcelLines): readonly (readonly [string, Buffer])[] {
  const { name } = head;
  const files = Object.entries(parsedObject(unzipped(bytesOf(head, lines), name), name) as Record<string, unknown>);
  if (files.length > MOST.files)
    throw invalidValue(name, `at most ${MOST.files} files`, String(files.length), { code: 'input' });
  return files.map(([file, content]) => {
    if (!file.split('/').every(isPlain) || typeof content !== 'string')
      throw invalidValue(name, 'names and contents of files', JSON.stringify(file.slice(0, 200)), { code: 'input' });
    return [file, Buffer.from(content, 'base64')];
  });
}

function unzipped(bytes: Buffer, name: string): string {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST.unpackedBytes }).toString('utf8');
  } catch (error) {
    const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
    const why = isTooLarge ? `it unpacks to more than ${MOST.unpackedBytes / 2 ** 20} MiB` : systemReason(error);
    throw new BenchError('input', `${name}: it is not a parcel: ${why}`, { cause: error });
  }
}

const isPlain = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);
