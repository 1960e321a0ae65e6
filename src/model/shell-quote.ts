/** A word as a POSIX shell reads it back unchanged; words of harmless characters stay bare. */
export const shellQuote = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** A command line that a POSIX shell splits into exactly these words. */
export const shellCommand = (words: readonly string[]): string => words.map(shellQuote).join(' ');
