import { describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import { loadProfile } from '../../../src/profile/index.js';

const bytes = (text: string): Uint8Array => Buffer.from(text, 'utf8');

/** The one line an input is refused with. */
function refusal(input: string | Uint8Array): string {
  try {
    loadProfile(typeof input === 'string' ? bytes(input) : input, 'p.json', { lenient: true });
  } catch (error) {
    if (error instanceof BenchError) return error.message;
    throw error;
  }
  throw new Error('accepted');
}

const nestedArrays = (depth: number): string => `{"defaultAction":"A","x":${'['.repeat(depth)}${']'.repeat(depth)}}`;

describe('the syntax a profile may have', () => {
  it.each([
    ['', 'p.json is empty'],
    [' \n\t', 'p.json is empty'],
    ['{', 'p.json: line 1, column 2: expected a key in double quotes, got the end of the file'],
    ['{"a":1', "p.json: line 1, column 7: expected ',' or '}', got the end of the file"],
    ['{"a":[1', "p.json: line 1, column 8: expected ',' or ']', got the end of the file"],
    ['{"a', 'p.json: line 1, column 4: expected the closing double quote of a string, got the end of the file'],
    ['{"a":tru', "p.json: line 1, column 6: expected a JSON value, got 't'"],
    ['{}}', "p.json: line 1, column 3: expected nothing after the JSON value, got '}'"],
    ['{} {}', "p.json: line 1, column 4: expected nothing after the JSON value, got '{'"],
    ['{"a":[1,]}', "p.json: line 1, column 9: expected a JSON value, got ']'"],
    ['{"a":1,}', "p.json: line 1, column 8: expected a key in double quotes, got '}'"],
    ['{"a":1 "b":2}', "p.json: line 1, column 8: expected ',' or '}', got '\"'"],
    ['{"a" 1}', "p.json: line 1, column 6: expected ':' after the key, got '1'"],
    ['{1:2}', "p.json: line 1, column 2: expected a key in double quotes, got '1'"],
    ["{'a':1}", "p.json: line 1, column 2: expected a key in double quotes, got '''"],
    ['{\n  // c\n"a":1}', "p.json: line 2, column 3: expected a key in double quotes, got '/'"],
    ['{"a":/* c */1}', "p.json: line 1, column 6: expected a JSON value, got '/'"],
    ['{"a":True}', "p.json: line 1, column 6: expected a JSON value, got 'T'"],
    ['{"a":NaN}', "p.json: line 1, column 6: expected a JSON value, got 'N'"],
    ['{"a":+1}', "p.json: line 1, column 6: expected a JSON value, got '+'"],
    ['{"a":.5}', "p.json: line 1, column 6: expected a JSON value, got '.'"],
    ['{"a":01}', "p.json: line 1, column 7: expected a JSON number, got '1'"],
    ['{"a":1.}', "p.json: line 1, column 7: expected a JSON number, got '.'"],
    ['{"a":1e}', "p.json: line 1, column 7: expected a JSON number, got 'e'"],
    ['{"a":0x10}', "p.json: line 1, column 7: expected ',' or '}', got 'x'"],
    [
      '{"a":"b\tc"}',
      'p.json: line 1, column 8: expected control characters in strings to be escaped, got the character U+0009',
    ],
    [
      '{"a":"b\nc"}',
      'p.json: line 1, column 8: expected control characters in strings to be escaped, got the character U+000A',
    ],
    ['{"a":"\\x"}', "p.json: line 1, column 7: expected a valid escape sequence in a string, got '\\'"],
    ['{"a":"\\u12"}', "p.json: line 1, column 7: expected a valid escape sequence in a string, got '\\'"],
    ['\uFEFF{}', 'p.json is text that begins with a byte order mark, not a seccomp profile or filter'],
    ['{\u00a0}', 'p.json: line 1, column 2: expected a key in double quotes, got the character U+00A0'],
    ['{\v}', 'p.json: line 1, column 2: expected a key in double quotes, got the character U+000B'],
  ])('refuses %j with line and column', (input, message) => {
    expect(refusal(input)).toBe(message);
  });

  it('refuses UTF-16', () => {
    expect(refusal(Buffer.from('\uFEFF{}', 'utf16le'))).toBe(
      'p.json is text in UTF-16, not a seccomp profile or filter',
    );
  });

  it('allows 10,000 nested levels and no more', () => {
    expect(loadProfile(bytes(nestedArrays(9999)), 'p.json', { lenient: true }).defaultAction).toBe('A');
    expect(refusal(nestedArrays(10_000))).toBe(
      "p.json: line 1, column 10025: expected at most 10000 nested levels, got '['",
    );
  });

  it('survives a million levels without a stack overflow', () => {
    expect(refusal('['.repeat(1_000_000))).toMatch(/at most 10000 nested levels/);
  });
});

describe('the strings of a profile', () => {
  const action = (raw: string | Uint8Array): string | null => {
    const text = typeof raw === 'string' ? bytes(raw) : raw;
    return loadProfile(Buffer.concat([bytes('{"defaultAction":"'), text, bytes('"}')]), 'p.json', { lenient: true })
      .defaultAction;
  };

  it.each([
    ['a\\/\\b\\f\\n\\r\\t\\"\\\\', 'a/\b\f\n\r\t"\\'],
    ['\\u0041\\u00e9\\u20AC', 'Aé€'],
    ['\\ud83d\\ude00', '😀'],
    ['\\ud800', '\uFFFD'],
    ['\\udc00', '\uFFFD'],
    ['\\ud800\\ud83d\\ude00', '\uFFFD😀'],
    ['\\ude00\\ud83d', '\uFFFD\uFFFD'],
    ['\\ud800x', '\uFFFDx'],
    ['a\\u0000b', 'a\0b'],
    ['\u007f\u2028😀', '\u007f\u2028😀'],
  ])('reads %j as Go does', (raw, text) => {
    expect(action(raw)).toBe(text);
  });

  it.each([
    ['an overlong form', [0xc0, 0xaf], 2],
    ['a surrogate', [0xed, 0xa0, 0x80], 3],
    ['a sequence cut short', [0xe2, 0x82], 2],
    ['a lone continuation', [0x80], 1],
    ['a code point beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80], 4],
    ['a lead byte that UTF-8 does not have', [0xff], 1],
  ])('replaces every byte of %s by one U+FFFD', (_, octets, count) => {
    expect(action(Uint8Array.from([0x61, ...octets, 0x62]))).toBe(`a${'\uFFFD'.repeat(count)}b`);
  });

  it('keeps valid characters next to invalid ones', () => {
    expect(action(Uint8Array.from([0xe2, 0x82, 0xac, 0xff, 0xc3, 0xa9]))).toBe('€\uFFFDé');
  });
});
