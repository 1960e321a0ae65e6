import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { BenchError, invalidValue } from '../errors.js';
import { CHECKSUMS_FILE, filesIn, verifyChecksums } from './checksums.js';
import { ensureFolder, readBytes, writeNew } from './files.js';

const HEAD = 'seccomp-bench-parcel';
const PART = 'seccomp-bench-part';
const END = 'seccomp-bench-end';
/** Well below the 16 KiB at which log drivers break lines. */
const PART_CHARACTERS = 6000;
/** Nodes of Kubernetes keep 10 MiB of a container's log (containerLogMaxSize); bench's own words need room too. */
export const LARGEST_LOG_BYTES = 8 * 2 ** 20;
/** A little below the longest string of Node.js. */
const LARGEST_BYTES = 500_000_000;

interface Head {
  readonly format: 1;
  /** Number of the parcel among the job's. */
  readonly index: number;
  /** The results folder's name. */
  readonly name: string;
  readonly parts: number;
  /** Of the gzipped bytes. */
  readonly sha256: string;
}

/**
 * A results folder as lines of text, for places that return only a log: a head, then gzipped JSON of its files
 * (base64) in numbered parts.
 */
export function packResult(folder: string, name: string, index: number): string {
  const files = Object.fromEntries(
    filesIn(folder).map((file) => [file, readBytes(join(folder, file), LARGEST_BYTES).toString('base64')]),
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

/** Whether a line of a job's log is part of what was packed. */
export const isParcelLine = (line: string): boolean => [HEAD, PART, END].some((mark) => line.startsWith(`${mark} `));

/** How a job ended: its last line. */
export interface PackedEnd {
  readonly exitCode: number;
  /** The error's message; empty where there was no error. */
  readonly words: string;
  /** Number of results folders that were sent. */
  readonly results: number;
}

export const packEnd = (end: PackedEnd): string => `${END} ${JSON.stringify(end)}\n`;

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
 * Writes the results folders in a job's output below `parent`. Parcels that are not whole are reported as faults; other
 * lines of the output are skipped.
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
  if (end !== undefined && end.results > heads.length)
    faults.push(`${heads.length} of ${end.results} results folders arrived: the output was cut off at its beginning`);
  return { results, faults, ...(end === undefined ? {} : { end }) };
}

function readEnd(lines: readonly string[]): PackedEnd | undefined {
  const line = lines.findLast((one) => one.startsWith(`${END} `));
  if (line === undefined) return undefined;
  try {
    const { exitCode, words, results } = JSON.parse(line.slice(END.length + 1)) as Partial<PackedEnd>;
    const fits = typeof exitCode === 'number' && typeof words === 'string' && typeof results === 'number';
    return fits ? { exitCode, words, results } : undefined;
  } catch {
    // The line is truncated.
    return undefined;
  }
}

function readHead(text: string): Head {
  const head = parsed(text, 'parcel') as Partial<Head>;
  const { format, index, name, parts, sha256: sum } = head;
  const fits =
    format === 1 &&
    Number.isInteger(index) &&
    typeof name === 'string' &&
    isPlain(name) &&
    Number.isInteger(parts) &&
    typeof sum === 'string';
  if (!fits) throw invalidValue('parcel', 'a head of format 1', text.slice(0, 200), { code: 'input' });
  return head as Head;
}

function unpack(head: Head, lines: readonly string[], parent: string): UnpackedResult {
  const { name } = head;
  const path = join(parent, name);
  const text = gunzipSync(bytesOf(head, lines), { maxOutputLength: LARGEST_BYTES }).toString('utf8');
  writeFiles(path, parsed(text, name) as Record<string, unknown>);
  const files = verifyChecksums(path);
  if (files > 0) return { name, path, files };
  throw new BenchError('input', `${name}: ${CHECKSUMS_FILE} is missing, so the run was killed before it ended`);
}

/** The gzipped bytes of a parcel, whose parts may come in any order. */
function bytesOf({ index, name, parts, sha256: wanted }: Head, lines: readonly string[]): Buffer {
  const lead = `${PART} ${index} `;
  const came = new Map(
    lines
      .filter((line) => line.startsWith(lead))
      .map((line) => {
        const [number = '', text = ''] = line.slice(lead.length).split(' ');
        return [Number(number), text];
      }),
  );
  const numbers = Array.from({ length: parts }, (_, part) => part);
  const missing = numbers.filter((part) => !came.has(part));
  if (missing.length > 0) {
    const got = `${parts - missing.length} (part ${(missing[0] ?? 0) + 1} is missing)`;
    throw invalidValue(name, `${parts} parts`, got, { code: 'input' });
  }
  const bytes = Buffer.from(numbers.map((part) => came.get(part) ?? '').join(''), 'base64');
  const got = sha256(bytes);
  if (got !== wanted) throw invalidValue(name, `SHA-256 ${wanted} of the parcel`, got, { code: 'input' });
  return bytes;
}

function writeFiles(folder: string, files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) {
    if (!name.split('/').every(isPlain) || typeof content !== 'string')
      throw invalidValue(folder, 'names and contents of files', `"${name}"`, { code: 'input' });
    const path = join(folder, name);
    ensureFolder(dirname(path));
    writeNew(path, Buffer.from(content, 'base64'));
  }
}

const isPlain = (name: string): boolean => name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function parsed(text: string, what: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null) return value;
  throw invalidValue(what, 'a JSON object', text.slice(0, 80), { code: 'input' });
}
