import type { Io } from '../../model/io.js';
import { isAsciiOnly } from '../terminal.js';

/** Version of what `--json` prints; it changes when a reader of the old one would go wrong. */
export const JSON_VERSION = 1;

/** Prints one object, `formatVersion` and `kind` first. */
export function printJson(io: Pick<Io, 'out' | 'env'>, kind: string, document: object): void {
  const versioned = Object.assign({ formatVersion: 0, kind }, document, { formatVersion: JSON_VERSION });
  const text = JSON.stringify(versioned, null, 2);
  io.out(`${isAsciiOnly(io.env) ? escaped(text) : text}\n`);
}

/** The same JSON in ASCII; only strings hold anything else. */
const escaped = (json: string): string =>
  json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
