import { describe, expect, it } from 'vitest';
import { wrapped } from '../../../src/report/text/columns.js';

describe('text of a terminal, broken into lines', () => {
  it('keeps a number with its unit', () => {
    expect(wrapped('the filter is 18 % of that', 16)).toEqual(['the filter is', '18 % of that']);
    expect(wrapped('it takes about 3.1 ms [3.0, 3.2]', 18)).toEqual(['it takes about', '3.1 ms [3.0, 3.2]']);
    expect(wrapped('memory of 12 KiB, no more', 12)).toEqual(['memory of', '12 KiB, no', 'more']);
  });

  it('breaks between a number and any other word', () => {
    expect(wrapped('arms of 18 sizes', 10)).toEqual(['arms of 18', 'sizes']);
  });

  it('cuts a longer word into pieces', () => {
    expect(wrapped('a 0123456789abc b', 8)).toEqual(['a', '01234567', '89abc b']);
  });
});
