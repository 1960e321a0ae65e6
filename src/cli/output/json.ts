import type { Io } from '../../model/io.js';
import { isAsciiOnly } from '../terminal.js';
import { JSON_VERSION, type JsonDocuments } from './documents.js';

/**
 * Prints one object, `formatVersion` and `kind` first. Integers beyond 2^53 become decimal strings, numbers that are
 * not finite `null`; `compact`: on one line, for a large one.
 */
export function printJson<Kind extends keyof JsonDocuments>(
  io: Pick<Io, 'out' | 'env'>,
  kind: Kind,
  document: JsonDocuments[Kind],
  { compact = false } = {},
): void {
  const versioned = Object.assign({ formatVersion: 0, kind: '' }, document, { formatVersion: JSON_VERSION, kind });
  const text = JSON.stringify(versioned, exactInteger, compact ? 0 : 2);
  io.out(`${escaped(text, isAsciiOnly(io.env) ? NOT_ASCII : INVISIBLE)}\n`);
}

const exactInteger = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** Only strings of JSON hold these. */
const NOT_ASCII = /[^\0-\x7e]/g;
/** Controls that JSON itself does not escape, and invisible characters: a terminal obeys some of them. */
const INVISIBLE = /[\x7f-\x9f\u2028\u2029]|\p{Cf}/gu;

/** The same JSON, in which what matches is written as code units. */
const escaped = (json: string, pattern: RegExp): string =>
  json.replace(pattern, (letter) => letter.split('').map(codeUnit).join(''));

const codeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * Prints text that is data: a file's content, byte for byte where standard output is not a terminal. A terminal gets it
 * without what could control it.
 */
export function printData(io: Pick<Io, 'out' | 'outBytes' | 'outColumns'>, text: string): void {
  if (io.outBytes === undefined || io.outColumns !== null) io.out(text);
  else io.outBytes(Buffer.from(text));
}
