import { describe, expect, it } from 'vitest';
import { canRedraw, columnsOf, isAsciiOnly, toAscii, usesColour } from '../../../src/cli/terminal.js';

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
