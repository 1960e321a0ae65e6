import { describe, expect, it } from 'vitest';
import {
  deservedDecimals,
  amountText,
  counted,
  effectOf,
  effectText,
  formatChange,
  formatDuration,
  formatPercent,
  formatSize,
  formatTime,
  marginText,
  pText,
  rangeOfNs,
  threeDigits,
  signed,
} from '../../../src/report/text/format.js';
import { estimateOf } from './make-run.js';
import { plainLine } from '../../../src/model/plain-text.js';

describe('figures in words', () => {
  it('turns a log ratio into percent by exp, not by a factor of 100', () => {
    const { percent } = effectOf({ ...estimateOf(0, -1, 1), logRatio: 0.369 });
    expect(percent.toFixed(1)).toBe('44.6');
  });

  it('writes an effect with true minus signs and its interval in brackets', () => {
    expect(effectText({ percent: -42.13, low: -42.93, high: -41.28 })).toBe('−42.1 % [−42.9, −41.3]');
  });

  it('gives an effect the decimals that its interval deserves, and every bound its sign', () => {
    expect([
      effectText({ percent: 0.1, low: -0.11, high: 0.32 }),
      effectText({ percent: 0.1, low: -0.31, high: 0.52 }),
      effectText({ percent: -2.1, low: -5.2, high: 1.1 }),
      effectText({ percent: -159.043, low: -162.04, high: -156.03 }),
    ]).toEqual(['+0.10 % [−0.11, +0.32]', '+0.1 % [−0.3, +0.5]', '−2 % [−5, +1]', '−159 % [−162, −156]']);
  });

  it.each([
    [0.3, 1],
    [0.15, 2],
    [0.297, 1],
    [1.5, 1],
    [3, 0],
    [12, 0],
    [0.0004, 3],
    [0, 1],
  ])('gives a half width of %d that many decimals: %d', (halfWidth, decimals) => {
    expect(deservedDecimals(halfWidth, 3)).toBe(decimals);
  });

  it('says so where so few blocks have no interval', () => {
    expect(effectText(effectOf(estimateOf(-30, -Infinity, Infinity)))).toBe('−30.0 % (no 95 % interval)');
  });

  it('writes no sign on what rounds to zero', () => {
    expect([signed(-0.04, 1), signed(0.04, 1), signed(0, 2)]).toEqual(['0.0', '0.0', '0.00']);
  });

  it.each([
    [853_400, '853 µs'],
    [12_345, '12.3 µs'],
    [999_700, '1.00 ms'],
    [127_983_000, '128 ms'],
    [1_234_500_000_000, '1,235 s'],
    [38_291_000, '38.3 ms'],
    [2_345_000_000, '2.35 s'],
  ])('writes %d ns as %s', (nanoseconds, text) => {
    expect(formatTime(nanoseconds)).toBe(text);
  });

  it('writes a number without an interval with three digits, or all before the point', () => {
    expect([0.0123456, 0.5, 9.996, 38.291, 4993.65, -0.25, 0].map(threeDigits)).toEqual([
      '0.0123',
      '0.500',
      '10.0',
      '38.3',
      '4994',
      '−0.250',
      '0',
    ]);
  });

  it('writes nanoseconds between two prices with the decimals of their intervals', () => {
    const at = (ns: number, half: number) => ({ ns, low: ns - half, high: ns + half });
    expect([
      rangeOfNs(at(45.23, 1.1), at(45.23, 1.1)),
      rangeOfNs(at(25.4, 4), at(25.4, 4)),
      rangeOfNs(at(80, 1), at(105, 1)),
      rangeOfNs(at(45.23, 1.1), at(45.23, 1.1), { interval: false }),
    ]).toEqual(['45.2 [44.1, 46.3]', '25 [21, 29]', '80 to 105 [79, 106]', '45.2']);
  });

  it.each([
    [0.00001, 'p < 0.0001'],
    [0.0061, 'p = 0.0061'],
    [0.634, 'p = 0.63'],
  ])('writes a probability of %d as %s', (p, text) => {
    expect(pText(p)).toBe(text);
  });

  it('writes a margin without needless decimals', () => {
    expect([marginText(0.01), marginText(0.005)]).toEqual(['±1 %', '±0.5 %']);
  });

  it('writes log ratios in sentences: two decimals below 10 %, one above, no sign on 0', () => {
    const ratios = [0.369, Math.log(0.631), 0, -1e-6, 0.0058, Math.log(1.0999999)];
    expect(ratios.map(formatChange)).toEqual(['+44.6 %', '−36.9 %', '0.00 %', '0.00 %', '+0.58 %', '+10.0 %']);
    expect(formatSize(Math.log(0.631))).toBe('36.9 %');
    expect(formatChange(Math.log(45.72))).toBe('+4,472.0 %');
  });

  it('writes counts with thousands, shares and durations with few digits', () => {
    expect([counted(1, 'block'), counted(1400, 'block')]).toEqual(['1 block', '1,400 blocks']);
    expect([formatPercent(0.00618, 2), formatPercent(-0.025)]).toEqual(['0.62 %', '−2.5 %']);
    expect([44.2, 720, 6120].map(formatDuration)).toEqual(['45 s', '12 min', '1.7 h']);
  });

  it('writes an amount in the unit of its size', () => {
    expect([1.5e9, 2e6, 3e3, 4, 0, -0.001].map((ns) => amountText({ ns, low: null, high: null }))).toEqual([
      '1.500 s',
      '2.00 ms',
      '3.0 µs',
      '4.0 ns',
      '0.0 ns',
      '0.0 ns',
    ]);
  });

  it('lets no escape sequence of foreign text reach a terminal', () => {
    expect(plainLine('a\u001b[31mb\nc\u009b2Jd')).toBe('ab cd');
  });
});
