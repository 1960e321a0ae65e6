import { describe, expect, it } from 'vitest';
import { makeScenario, newSeed, planBlocks, scenarioHash } from '../../../src/scenario/index.js';

const ARMS = ['before', 'after', 'control'] as const;
const orders = (...args: Parameters<typeof planBlocks>): string[] =>
  [...planBlocks(...args)].map((order) => order.join(' '));

describe('the order of a plan', () => {
  it('holds every arm exactly once in every block', () => {
    for (const order of planBlocks(ARMS, 200, 1)) expect([...order].sort()).toEqual([...ARMS].sort());
  });

  it('has as many blocks as asked for, none included', () => {
    expect(orders(ARMS, 0, 1)).toEqual([]);
    expect(orders(ARMS, 7, 1)).toHaveLength(7);
    expect(orders(['alone'], 2, 1)).toEqual(['alone', 'alone']);
  });

  it('is the same for the same seed, in this and in later versions', () => {
    expect(orders(ARMS, 6, 42)).toEqual([
      'control after before',
      'before after control',
      'control before after',
      'after before control',
      'after before control',
      'before control after',
    ]);
    expect(orders(ARMS, 2, 0xffff_ffff)).toEqual(['control before after', 'after before control']);
  });

  it('differs for another seed', () => {
    expect(orders(ARMS, 100, 1)).not.toEqual(orders(ARMS, 100, 2));
  });

  it('only grows at the end where more blocks are asked for', () => {
    expect(orders(ARMS, 100, 7).slice(0, 30)).toEqual(orders(ARMS, 30, 7));
  });

  it('has its own stream for warm-up, so that the measured order does not depend on it', () => {
    expect(orders(ARMS, 100, 7, 'warmup')).not.toEqual(orders(ARMS, 100, 7));
    expect(orders(ARMS, 100, 7, 'measured')).toEqual(orders(ARMS, 100, 7));
  });

  it('draws each of the 6 orders equally often, regardless of the previous order', () => {
    const drawn = orders(ARMS, 36_000, 2026);
    const single = counts(drawn);
    const pairs = counts(drawn.slice(1).map((order, index) => `${drawn[index] ?? ''} | ${order}`));
    // Chi-squared with 5 and 35 degrees of freedom; the limits are its 99.9 % points.
    expect(single).toHaveLength(6);
    expect(chiSquared(single)).toBeLessThan(20.52);
    expect(pairs).toHaveLength(36);
    expect(chiSquared(pairs)).toBeLessThan(66.62);
  });

  it('puts each arm first equally often over neighbouring seeds as well', () => {
    const first = Array.from({ length: 6000 }, (_, seed) => [...planBlocks(ARMS, 1, seed)][0]?.[0] ?? '');
    expect(chiSquared(ARMS.map((arm) => first.filter((name) => name === arm).length))).toBeLessThan(13.82);
  });
});

function counts(keys: readonly string[]): number[] {
  const tally = new Map<string, number>();
  for (const key of keys) tally.set(key, (tally.get(key) ?? 0) + 1);
  return [...tally.values()];
}

function chiSquared(counts: readonly number[]): number {
  const expected = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

describe('a seed', () => {
  it('is made of four random bytes, the first the highest', () => {
    expect(newSeed(() => Uint8Array.of(0, 0, 0, 1))).toBe(1);
    expect(newSeed(() => Uint8Array.of(255, 255, 255, 255))).toBe(4_294_967_295);
    expect(newSeed(() => Uint8Array.of(1, 2, 3, 4))).toBe(0x0102_0304);
  });
});

describe('the hash of a scenario', () => {
  const scenario = makeScenario({ kind: 'sequential', count: 10 });

  it('does not depend on the order of keys', () => {
    const reversed = Object.fromEntries(Object.entries(scenario).reverse()) as unknown as typeof scenario;
    expect(scenarioHash(reversed)).toBe(scenarioHash(scenario));
  });

  it('is the SHA-256 of JSON with sorted keys and no spaces', () => {
    expect(scenarioHash(scenario)).toBe('445e48cad3f005bf8652ca9c4959e48142b7777acc8f3ce0eeb0d45b7bd07af4');
  });

  it('changes with the order of arms and with every setting', () => {
    const others = [
      { ...scenario, arms: [...scenario.arms].reverse() },
      { ...scenario, pauseMs: 1 },
      { ...scenario, warmup: 0 },
      { ...scenario, name: 'x' },
    ];
    expect(new Set([scenario, ...others].map(scenarioHash)).size).toBe(5);
  });
});
