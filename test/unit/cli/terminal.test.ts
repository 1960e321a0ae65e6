import { describe, expect, it } from 'vitest';
import { printJson } from '../../../src/cli/output/json.js';
import { canRedraw, columnsOf, isAsciiOnly, safeText, toAscii, usesColour } from '../../../src/cli/terminal.js';

describe('the width of a stream', () => {
  it('is that of its terminal, 80 where the terminal does not tell it, and none elsewhere', () => {
    expect(columnsOf({ isTTY: true, columns: 132 })).toBe(132);
    expect(columnsOf({ isTTY: true, columns: 0 })).toBe(80);
    expect(columnsOf({ isTTY: true })).toBe(80);
    expect(columnsOf({ columns: 132 })).toBeNull();
  });

  it('is of use for redrawing a line unless the terminal is dumb', () => {
    expect([canRedraw({}), canRedraw({ TERM: 'xterm' }), canRedraw({ TERM: 'dumb' })]).toEqual([true, true, false]);
  });
});

describe('colours', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { TERM: 'dumb' }, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '' }, false],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { NO_COLOR: '1', FORCE_COLOR: '1' }, false],
  ])('on a terminal: %s, with %j: %s', (isTTY, env, expected) => {
    expect(usesColour({ isTTY }, env)).toBe(expected);
  });
});

describe('a locale without UTF-8', () => {
  it('is C or POSIX by the first variable that is set', () => {
    expect(isAsciiOnly({ LANG: 'C' })).toBe(true);
    expect(isAsciiOnly({ LC_ALL: 'POSIX', LANG: 'de_DE.UTF-8' })).toBe(true);
    expect(isAsciiOnly({ LC_ALL: '', LC_CTYPE: 'C.UTF-8', LANG: 'C' })).toBe(false);
    expect(isAsciiOnly({})).toBe(false);
  });

  it('gets ASCII', () => {
    expect(toAscii('\u22120.6 % \u00b1 0.1 \u00b7 64 \u2192 32 \u00b5s\u2026 \u{1f600}')).toBe(
      '-0.6 % +/- 0.1 | 64 -> 32 us... ?',
    );
  });
});

describe('what is written to a terminal', () => {
  it('keeps lines, columns and the colours of bench, and drops every other sequence', () => {
    const text = '\u001b[1mTitle\u001b[0m\n  a  b\n\u001b[2J\u001b]0;t\u0007\u001b[32mok\u001b[0m\u202e\u0000\n';
    expect(safeText(text, { colour: true })).toBe('\u001b[1mTitle\u001b[0m\n  a  b\n\u001b[32mok\u001b[0m \n');
    expect(safeText(text, { colour: false })).toBe('Title\n  a  b\nok \n');
  });

  it('lets the progress line begin anew, and only it', () => {
    expect(safeText('\r\u001b[Kblock 1/2', { colour: false })).toBe('\r\u001b[Kblock 1/2');
    expect(safeText('a\r\u001b[Kb', { colour: true })).toBe('a\nb');
  });

  it('keeps text from right to left in its isolate, and no isolate that reaches beyond its line', () => {
    expect(safeText('a \u2068\u05d0\u2069 b', { colour: false })).toBe('a \u2068\u05d0\u2069 b');
    expect(safeText('a \u2068\u05d0 b\nc\u2069', { colour: false })).toBe('a \u05d0 b\nc');
  });
});

describe('JSON on a terminal', () => {
  it('is true, and holds nothing that a terminal obeys', () => {
    const profile = 'a\u001b[2J\u009b2J\u202e\u200b\u{e0041}é\u0000';
    const print = (env: Record<string, string>): string => {
      let text = '';
      printJson({ out: (more) => (text += more), env }, 'clean', { events: [profile] } as never);
      return text;
    };
    for (const env of [{}, { LC_ALL: 'C' }]) {
      expect(JSON.parse(print(env))).toMatchObject({ events: [profile] });
      expect(print(env)).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}/u);
    }
    expect(print({})).toContain('é');
  });
});
