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
  io.out(`${isAsciiOnly(io.env) ? escaped(text) : text}\n`);
}

const exactInteger = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** The same JSON in ASCII; only strings hold anything else. */
const escaped = (json: string): string =>
  json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
