import { describe, expect, it } from 'vitest';
import { loadsIn } from '../../../src/experiment/attach/loads.js';
import { notSwitched } from '../../../src/experiment/attach/switch.js';

describe('what payload/attach.c writes', () => {
  it('is read by file, way and round', () => {
    const text = 'attach 1 switch -1\nload 0 whole 0 700\nload 0 whole 1 710\nload 1 full 0 90\nerror 1 log 22\ndone\n';
    expect(loadsIn(text, 2)).toEqual({
      switched: -1,
      files: [{ whole: [700, 710] }, { full: [90] }],
      refused: [{ file: 1, way: 'log', errno: 22 }],
    });
  });

  it.each([
    ['another head', 'attach 2\ndone\n'],
    ['no end', 'attach 1 switch 0\nload 0 whole 0 700\n'],
    ['an unknown way', 'attach 1 switch 0\nload 0 half 0 700\ndone\n'],
    ['a file too many', 'attach 1 switch 0\nload 1 whole 0 700\ndone\n'],
  ])('is refused with %s', (_, text) => {
    expect(() => loadsIn(text, 1)).toThrow('expected times of loads');
  });

  it('tells why the JIT was not switched', () => {
    expect(notSwitched(0, null)).toBeNull();
    expect(notSwitched(-1, 'off')).toBe('off');
    expect(notSwitched(22, null)).toBe('alwaysOn');
    expect(notSwitched(30, null)).toBe('noRight');
  });
});
