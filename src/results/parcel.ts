import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { BenchError } from '../errors.js';
import { CHECKSUMS_FILE, filesIn, verifyChecksums } from './checksums.js';
import { fileError, readBytes } from './files.js';

const HEAD = 'seccomp-bench-parcel';
const PART = 'seccomp-bench-part';
const END = 'seccomp-bench-end';
/** Far below the 16 KiB at which log drivers cut lines. */
const PART_CHARACTERS = 6000;
/** Node's longest string is a little above. */
const LARGEST_BYTES = 500_000_000;

interface Head {
  readonly format: 1;
  /** Which of the job's parcels it is. */
  readonly index: number;
  /** The results folder's name. */
  readonly name: string;
  readonly parts: number;
  /** Of the gzipped bytes. */
  readonly sha256: string;
}

/**
 * A results folder as lines of text, for a place from which only a log comes back: a head, then gzipped JSON of its
 * files (base64) in numbered parts.
 */
export function packResult(folder: string, name: string, index: number): string {
  const files = Object.fromEntries(
    filesIn(folder).map((file) => [file, readBytes(join(folder, file)).toString('base64')]),
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

/** How a job ended: its last line. */
export interface PackedEnd {
  readonly exitCode: number;
  /** The error's own words; empty where there was none. */
  readonly words: string;
}

export const packEnd = (end: PackedEnd): string => `${END} ${JSON.stringify(end)}\n`;

/** A results folder as it arrived, whose own checksums agree with its files. */
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
  /** What is wrong with the parcels that are not among them, one line each. */
  readonly faults: readonly string[];
}

/**
 * Makes the folders again, below `parent`, from a job's whole output; what is not whole is not made, and said. Other
 * lines are passed over.
 */
export function unpackResults(output: string, parent: string): Unpacked {
  const lines = output.split('\n');
  const heads = lines.filter((line) => line.startsWith(`${HEAD} `)).map((line) => line.slice(HEAD.length + 1));
  const results: UnpackedResult[] = [];
  const faults: string[] = [];
  for (const text of heads) {
    try {
      results.push(unpack(readHead(text), lines, parent));
    } catch (error) {
      if (!(error instanceof BenchError) || error.code !== 'input') throw error;
      faults.push(error.message);
    }
  }
  const end = readEnd(lines);
  return { results, faults, ...(end === undefined ? {} : { end }) };
}

function readEnd(lines: readonly string[]): PackedEnd | undefined {
  const line = lines.findLast((one) => one.startsWith(`${END} `));
  if (line === undefined) return undefined;
  try {
    const { exitCode, words } = JSON.parse(line.slice(END.length + 1)) as Partial<PackedEnd>;
    return typeof exitCode === 'number' && typeof words === 'string' ? { exitCode, words } : undefined;
  } catch {
    // The line is cut off.
    return undefined;
  }
}

function readHead(text: string): Head {
  const head = parsed(text, 'the head of a parcel') as Partial<Head>;
  const { format, index, name, parts, sha256: sum } = head;
  const fits =
    format === 1 &&
    Number.isInteger(index) &&
    typeof name === 'string' &&
    isPlain(name) &&
    Number.isInteger(parts) &&
    typeof sum === 'string';
  if (!fits) throw new BenchError('input', `Expected the head of a parcel of format 1, got ${text.slice(0, 200)}`);
  return head as Head;
}

function unpack(
  { index, name, parts, sha256: wanted }: Head,
  lines: readonly string[],
  parent: string,
): UnpackedResult {
  const lead = `${PART} ${index} `;
  const came = new Map(
    lines
      .filter((line) => line.startsWith(lead))
      .map((line) => {
        const [number = '', text = ''] = line.slice(lead.length).split(' ');
        return [Number(number), text];
      }),
  );
  const missing = Array.from({ length: parts }, (_, part) => part).filter((part) => !came.has(part));
  if (missing.length > 0)
    throw new BenchError(
      'input',
      `${name}: expected ${parts} parts, got ${parts - missing.length} (part ${(missing[0] ?? 0) + 1} is missing)`,
    );
  const bytes = Buffer.from(Array.from({ length: parts }, (_, part) => came.get(part) ?? '').join(''), 'base64');
  const got = sha256(bytes);
  if (got !== wanted) throw new BenchError('input', `${name}: expected SHA-256 ${wanted} of what was sent, got ${got}`);
  const path = join(parent, name);
  writeFiles(
    path,
    parsed(gunzipSync(bytes, { maxOutputLength: LARGEST_BYTES }).toString('utf8'), name) as Record<string, unknown>,
  );
  const files = verifyChecksums(path);
  if (files === 0)
    throw new BenchError(
      'input',
      `${name}: expected ${CHECKSUMS_FILE} among its files, got none: the run was killed before it was closed`,
    );
  return { name, path, files };
}

function writeFiles(folder: string, files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    if (!name.split('/').every(isPlain) || typeof content !== 'string')
      throw new BenchError('input', `${folder}: expected names and contents of files, got "${name}"`);
    const path = join(folder, name);
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, Buffer.from(content, 'base64'));
    } catch (error) {
      throw fileError('to write the file', path, error);
    }
  }
}

const isPlain = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function parsed(text: string, what: string): object {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new BenchError('input', `${what}: expected a JSON object, got ${text.slice(0, 80)}`);
}
