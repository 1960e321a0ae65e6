import { describe, expect, it } from 'vitest';
import { encodeFilter, Simulator, sweptFilter, walkedPerCall } from '../../../src/filter/index.js';

describe('a swept filter', () => {
  it.each([
    [8, 2],
    [128, 30],
    [1024, 300],
    [4096, 1100],
    [4096, 4000],
  ])('of %i instructions is one that the kernel follows for %i', (length, walked) => {
    const instructions = sweptFilter(length, walked);
    expect(instructions.length).toBe(length);
    // Throws for a filter that the kernel would refuse.
    const filter = new Simulator(encodeFilter(instructions));
    expect(filter.execute({ arch: 0xc000003e, nr: 1 }).value).toBe(0x7fff0000);
    for (const machine of ['x86_64', 'aarch64'])
      expect(Math.abs(walkedPerCall(instructions, machine) - walked)).toBeLessThan(0.02 * walked + 2);
  });

  it('has at least 8 instructions', () => {
    expect(() => sweptFilter(7, 2)).toThrow(RangeError);
  });
});
