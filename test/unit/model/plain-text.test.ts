import { describe, expect, it } from 'vitest';
import { plainLine, plainText } from '../../../src/model/plain-text.js';

const ESC = '\u001b';

describe('plainLine', () => {
  it.each([
    ['runc version 1.3.6', 'runc version 1.3.6'],
    [`${ESC}[31mred${ESC}[0m`, 'red'],
    [`a${ESC}[2J${ESC}[1;1Hb`, 'ab'],
    [`${ESC}]0;a new title\u0007after`, 'after'],
    [`${ESC}]8;;https://example.org${ESC}\\link${ESC}]8;;${ESC}\\`, 'link'],
    [`${ESC}P1$r0m${ESC}\\after`, 'after'],
    [`\u009b31mred\u009b0m \u009d0;title\u009cafter`, 'red after'],
    [`${ESC}cfresh${ESC}(0`, 'fresh'],
    ['one\r\ntwo\tthree\u0085four\u2028five', 'one two three four five'],
    ['a\u0000b\u0007c\u007fd', 'a b c d'],
    ['invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['a\u2066b\u2069\u200b\ufeff\u00adc\u{e0041}', 'abc'],
    ['half \ud800 and \udc00', 'half \ufffd and \ufffd'],
    ['\u05d0\u05d1', '\u2068\u05d0\u05d1\u2069'],
    ['  \n ', ''],
  ])('%j becomes %j', (text, safe) => {
    expect(plainLine(text)).toBe(safe);
    expect(plainLine(plainLine(text))).toBe(safe);
  });

  it('keeps what follows a sequence without an end', () => {
    expect(plainLine(`before ${ESC}]0;not a title, because nothing ends it`)).toBe(
      'before 0;not a title, because nothing ends it',
    );
    expect(plainLine(`cut ${ESC}`)).toBe('cut');
    expect(plainLine(`cut ${ESC}[12`)).toBe('cut 12');
  });

  it('cuts long text at its limit, and never within a character', () => {
    expect(plainLine('abcdefghij', 8)).toBe('abcde...');
    expect(plainLine('abcd\u{1f600}fghij', 8)).toBe('abcd...');
    expect(plainLine('x'.repeat(20_000))).toHaveLength(10_000);
  });

  it('leaves no control or invisible character of any text behind', () => {
    const every = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code));
    for (const text of [every.join(''), every.reverse().join('')])
      expect(plainLine(text, 200_000).replace(/[\u2068\u2069]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
  });

  it.each([`${ESC}]`, '\u009d', `${ESC}[`, '\u009b', `${ESC}[1;`, ' ', 'a ', `${ESC}P\u0090`])(
    'ends with a million times %j',
    (part) => {
      expect(plainLine(part.repeat(1_000_000), 4_000_000).length).toBeLessThanOrEqual(4_000_000);
    },
  );
});

describe('plainText', () => {
  it('keeps lines and indentation', () => {
    expect(plainText(`first\r\n  ${ESC}[1msecond${ESC}[0m\r\u0008\tthird\n`)).toBe('first\n  second\n  third\n');
  });

  it('isolates every line on its own', () => {
    expect(plainText('a\n\u0634\nb')).toBe('a\n\u2068\u0634\u2069\nb');
  });
});
