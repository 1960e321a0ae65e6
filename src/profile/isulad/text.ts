import { isUtf8 } from 'node:buffer';
import { BenchError } from '../../errors.js';
import type { JsonGrammar } from '../json.js';
import { unescapeAsC } from '../strings.js';

/** What to do about a profile that iSulad refuses. */
export const ISULAD_HINT = 'iSulad refuses such a profile. --dialect moby may accept it.';

/** yajl's tree parser: comments and two more kinds of space are allowed, and no depth is too much. */
export const ISULAD_GRAMMAR: JsonGrammar = {
  unescape: unescapeAsC,
  maxDepth: Infinity,
  space: ' \n\r\t\v\f',
  comments: true,
  hint: ISULAD_HINT,
};

/**
 * The text that iSulad parses: up to the first NUL byte, since it reads a C string. Throws `input` where it is not
 * UTF-8. yajl lets some such bytes pass (overlong forms, surrogates); iSulad then writes them into its spec.
 */
export function isuladText(bytes: Uint8Array, fileName: string): string {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = whole.indexOf(0);
  const buffer = end === -1 ? whole : whole.subarray(0, end);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  const refused = !passesYajl(buffer);
  throw new BenchError('input', `${fileName}: not UTF-8`, {
    hint: refused
      ? ISULAD_HINT
      : 'iSulad may copy these bytes into the spec, which is then not UTF-8 either: that is not supported here.',
  });
}

/** yajl's test of UTF-8, which looks at the first bits of each byte only. */
function passesYajl(buffer: Buffer): boolean {
  let rest = 0;
  for (const byte of buffer) {
    if (rest > 0) {
      if (byte >> 6 !== 0b10) return false;
      rest -= 1;
    } else if (byte >= 0x80) {
      rest = byte >> 5 === 0b110 ? 1 : byte >> 4 === 0b1110 ? 2 : byte >> 3 === 0b11110 ? 3 : -1;
      if (rest < 0) return false;
    }
  }
  return rest === 0;
}
