const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** The end (exclusive) of the escape at the backslash `at`; `undefined` where it is not valid in JSON. */
export function escapeEnd(text: string, at: number): number | undefined {
  const letter = text[at + 1] ?? '';
  if (letter === 'u') return /^[0-9a-fA-F]{4}$/.test(text.slice(at + 2, at + 6)) ? at + 6 : undefined;
  return Object.hasOwn(SHORT_ESCAPES, letter) ? at + 2 : undefined;
}

/** Decodes the text between a string's quotes, with valid escapes. */
export type Unescape = (raw: string) => string;

/** As in Go: lone surrogates become U+FFFD. */
export const unescapeAsGo: Unescape = (raw) =>
  raw.includes('\\') ? resolveEscapes(raw).replace(/\p{Surrogate}/gu, '\uFFFD') : raw;

/**
 * As in iSulad's C parser (yajl): a lone high surrogate becomes a question mark, and a string ends at its first NUL.
 */
export const unescapeAsC: Unescape = (raw) => {
  if (!raw.includes('\\')) return raw;
  const text = resolveEscapes(raw)
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])/g, '?')
    .replace(/\p{Surrogate}/gu, '\uFFFD');
  return text.split('\0', 1)[0] ?? '';
};

const resolveEscapes = (raw: string): string =>
  raw.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/g, (_, hex: string | undefined, letter: string) =>
    hex === undefined ? (SHORT_ESCAPES[letter] ?? letter) : String.fromCharCode(Number.parseInt(hex, 16)),
  );

/**
 * A key as Go compares keys without an exact match: ASCII letters in any case, and the two other characters that fold
 * to ASCII letters, U+017F (long s) and U+212A (Kelvin sign).
 */
export function foldKey(key: string): string {
  return key.replace(/[a-z\u017f\u212a]/g, (char) =>
    char === '\u017f' ? 'S' : char === '\u212a' ? 'K' : char.toUpperCase(),
  );
}
