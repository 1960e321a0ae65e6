/** Words that no shell gives a meaning. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** A command line that a POSIX shell splits into exactly these words; plain words stay bare. */
export const shellQuote = (words: readonly string[]): string => words.map(quoted).join(' ');

const quoted = (word: string): string => (PLAIN.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`);
