import { describe, expect, it } from 'vitest';
import { attachedParts, linesOf, logOf } from '../../../src/statistics/index.js';

const NOISE = [-3, 1, 2, 0, -1, 3, -2, 0, 1, -1];
const around = (ns: number, scale = 1): readonly number[] => NOISE.map((noise) => ns + scale * noise);

/** A filter whose parts are known. */
const loadsOf = (copy: number, translate: number, walk: number) => ({
  refused: around(copy),
  empty: around(copy + translate),
  full: around(copy + translate + walk),
  whole: around(copy + translate + walk + 40),
  log: around(copy + translate + walk + 40, 2),
});

describe('parts of a load', () => {
  it('are differences of ways, and missing where a way is', () => {
    const parts = attachedParts(loadsOf(100, 500, 2000));
    expect(parts.map(({ part, ns }) => [part, Math.round(ns)])).toEqual([
      ['copy', 100],
      ['translate', 500],
      ['walk', 2000],
      ['first', 40],
    ]);
  });

  it('tell the JIT from the conversion where it was switched off', () => {
    const parts = attachedParts({ ...loadsOf(100, 500, 2000), interpreted: around(2640 - 380) });
    const of = (name: string) => Math.round(parts.find(({ part }) => part === name)?.ns ?? Number.NaN);
    expect([of('jit'), of('convert')]).toEqual([380, 120]);
  });

  it('have an interval that includes 0 where the flag changes nothing', () => {
    const log = logOf(loadsOf(100, 500, 2000));
    expect(log?.low).toBeLessThan(0);
    expect(log?.high).toBeGreaterThan(0);
  });
});

describe('lines over instructions', () => {
  it('find the slope and the fixed part of each', () => {
    const swept = [100, 200, 400, 800].map((instructions) => ({
      instructions,
      loads: loadsOf(50 + 2 * instructions, 10 + 5 * instructions, 7 * instructions),
    }));
    const lines = linesOf(swept, 300);
    const rounded = lines.map(({ part, perInstruction, fixed, expectedNs }) => [
      part,
      Math.round(perInstruction.ns),
      Math.round(fixed.ns),
      Math.round(expectedNs),
    ]);
    expect(rounded).toEqual([
      ['copy', 2, 50, 650],
      ['translate', 5, 10, 1510],
      ['walk', 7, 0, 2100],
    ]);
  });
});
