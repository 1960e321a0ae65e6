import { describe, expect, it } from 'vitest';
import { tickText } from '../../../src/report/charts/axis.js';
import { bytesText } from '../../../src/report/capacity/words.js';
import { chartUnit, withThousands } from '../../../src/report/text/format.js';

describe('numbers far from one', () => {
  it('have commas before the decimal point only', () => {
    expect(withThousands('12345.6789')).toBe('12,345.6789');
    expect(withThousands('0.0065')).toBe('0.0065');
    expect(tickText(0.0065, { min: 0.0065, max: 0.009, step: 0.0005 })).toBe('0.0065');
  });

  it('are charted in a unit that keeps them readable', () => {
    expect([7660, 99_999, 2.5e6, 1e9].map((ns) => chartUnit(ns)[0])).toEqual(['µs', 'µs', 'ms', 's']);
  });

  it('have no interval whose ends look the same', () => {
    expect(bytesText({ bytes: 14_435, low: 14_408, high: 14_463 })).toBe('14.1 KiB');
    expect(bytesText({ bytes: 32_290, low: 31_600, high: 32_980 })).toBe('31.5 KiB [30.9 KiB, 32.2 KiB]');
  });
});
