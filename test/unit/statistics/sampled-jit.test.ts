import { describe, expect, it } from 'vitest';
import { linesThrough, withSampledJit } from '../../../src/statistics/index.js';

const interval = (ns: number, half: number) => ({ ns, low: ns - half, high: ns + half });
const parts = [
  { part: 'copy' as const, ...interval(20, 1) },
  { part: 'translate' as const, ...interval(130, 2) },
  { part: 'walk' as const, ...interval(570, 10) },
];

describe('the JIT’s own part from samples', () => {
  it('is its share of a load without a walk; the rest of translating is the conversion', () => {
    const found = withSampledJit(parts, interval(150, 2), { loads: 300, inLoad: 400, inJit: 200 });
    expect(found.map(({ part }) => part)).toEqual(['copy', 'translate', 'convert', 'jit', 'walk']);
    const [, , convert, jit] = found;
    expect([convert?.ns, jit?.ns]).toEqual([55, 75]);
    // Half of 400 samples: 1.96 times 2.5 %, of 150 ns; and 1 ns of the load itself.
    expect((jit?.high ?? 0) - 75).toBeCloseTo(Math.hypot(1.96 * 0.025 * 150, 1), 6);
    expect((convert?.high ?? 0) - 55).toBeCloseTo(Math.hypot(1.96 * 0.025 * 150, 1, 2), 6);
  });

  it('is left out where no sample fell into it', () => {
    expect(withSampledJit(parts, interval(150, 2), { loads: 20, inLoad: 40, inJit: 0 })).toBe(parts);
  });

  it('has a line through filters of other sizes', () => {
    const swept = [100, 200, 400, 800].map((instructions) => ({
      instructions,
      parts: [{ part: 'jit' as const, ...interval(8 + 0.5 * instructions, 0.01 * instructions) }],
    }));
    const [line, ...others] = linesThrough(swept, 300);
    expect(others).toEqual([]);
    expect(line?.part).toBe('jit');
    expect(line?.perInstruction.ns).toBeCloseTo(0.5, 9);
    expect(line?.fixed.ns).toBeCloseTo(8, 9);
    expect(line?.expectedNs).toBeCloseTo(158, 9);
    expect(line?.perInstruction.high).toBeGreaterThan(0.5);
  });

  it('has no line where it is missing of one of them', () => {
    const jit = { part: 'jit' as const, ...interval(10, 1) };
    const swept = [
      { instructions: 100, parts: [jit] },
      { instructions: 200, parts: [] },
    ];
    expect(linesThrough(swept, 150)).toEqual([]);
  });
});
