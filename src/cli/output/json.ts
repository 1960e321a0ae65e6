import type { Io } from '../../model/io.js';
import { isAsciiOnly } from '../terminal.js';

/** Version of what `--json` prints; it changes when a reader of the old one would go wrong. */
const JSON_VERSION = 1;

/** Of the whole object, whatever version a part of it has. */
const VERSION = { formatVersion: JSON_VERSION } as const;

/** Prints one object, `formatVersion` and `kind` first; `compact`: on one line, for one that is large. */
export function printJson(io: Pick<Io, 'out' | 'env'>, kind: string, document: object, { compact = false } = {}): void {
  const text = JSON.stringify({ ...VERSION, kind, ...document, ...VERSION }, exact, compact ? 0 : 2);
  io.out(`${isAsciiOnly(io.env) ? escaped(text) : text}\n`);
}

/** Integers beyond 2^53 are decimal strings. */
const exact = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);

/** The same JSON in ASCII; only strings hold anything else. */
const escaped = (json: string): string =>
  json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
