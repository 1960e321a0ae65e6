import { createHash } from 'node:crypto';

const LONGEST_NAME = 80;
/** File systems allow 255 bytes; room for an extension and for the name of a draft. */
const LONGEST_DISTINCT = 200;

/**
 * A name that is safe as a file's or a folder's, regardless of what the user typed: letters, digits, `.`, `_` and `-`,
 * a letter or digit first, at most 80 characters. Two texts may give the same name.
 */
export function safeName(text: string): string {
  const safe = text.replace(/[^A-Za-z0-9._-]+/g, '_').replace(/^[^A-Za-z0-9]+/, '');
  return safe === '' ? 'unnamed' : safe.slice(0, LONGEST_NAME);
}

/**
 * The safe name of a file or folder for a text that others gave: percent-encoded, without a dot in front, at most 200
 * characters. Two texts have two names; a long one ends with its hash.
 */
export function distinctName(text: string): string {
  if (text === '') return '%';
  // encodeURIComponent throws for half a surrogate pair.
  const encoded = encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(/^\./, '%2E');
  if (encoded.length <= LONGEST_DISTINCT) return encoded;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `${encoded.slice(0, LONGEST_DISTINCT - hash.length - 1)}-${hash}`;
}
