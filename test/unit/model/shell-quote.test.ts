import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { shellQuote } from '../../../src/model/shell-quote.js';

describe('a command for a shell', () => {
  it('leaves plain words bare', () => {
    expect(shellQuote(['sudo', '/usr/bin/node', '--engine=runc', 'a@b:c'])).toBe(
      'sudo /usr/bin/node --engine=runc a@b:c',
    );
  });

  it('quotes what a shell would split or expand', () => {
    expect(['', 'a b', '$HOME', '*', "it's"].map((word) => shellQuote([word]))).toEqual([
      "''",
      "'a b'",
      "'$HOME'",
      "'*'",
      `'it'\\''s'`,
    ]);
  });

  it('is read back by a shell as exactly the same words', () => {
    const words = ['', 'a b', '$HOME', '`id`', '*', "it's", '"', '\\', 'a\nb', '~', '#x', '!', 'ä'];
    const script = `printf '%s\\0' ${shellQuote(words)}`;
    expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toBe(`${words.join('\0')}\0`);
  });
});
