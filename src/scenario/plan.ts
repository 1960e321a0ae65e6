import { createHash, randomBytes } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { mersenne } from 'pure-rand/generator/mersenne';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { Scenario } from '../model/run/scenario.js';

/**
 * Warm-up and the levels of a sweep have separate streams, so the measured order does not depend on how many there are.
 */
export type PlanStream = 'measured' | 'warmup' | 'levels' | 'pilot';

/** Any distinct constants: they give every stream its own seed. */
const STREAM_SEEDS: Readonly<Record<PlanStream, number>> = {
  measured: 0,
  warmup: 0x9e37_79b9,
  levels: 0x7f4a_7c15,
  pilot: 0x5851_f42d,
};

/** A new random seed, 0 to 4294967295. The source of random bytes is a parameter for tests. */
export function newSeed(random: (size: number) => Uint8Array = randomBytes): number {
  return random(4).reduce((seed, byte) => seed * 256 + byte, 0);
}

/**
 * The order of arms in each block, block by block: every one of the n! orders is equally likely and independent of the
 * other blocks
 * (Fisher-Yates; docs/method.md, section 6). The same seed gives the same orders, and more blocks only add to the end.
 */
export function* planBlocks(
  arms: readonly string[],
  blocks: number,
  seed: number,
  stream: PlanStream = 'measured',
): Generator<readonly string[], void, undefined> {
  const random = randomOf(seed, stream);
  for (let block = 0; block < blocks; block += 1) {
    yield shuffled(arms, (from, to) => uniformInt(random, from, to));
  }
}

/** The random numbers of one stream of a seed. */
export const randomOf = (seed: number, stream: PlanStream): RandomGenerator =>
  mersenne((seed ^ STREAM_SEEDS[stream]) | 0);

/** Fisher-Yates from the front: each place draws uniformly from what is left. */
export function shuffled<Item>(items: readonly Item[], between: (from: number, to: number) => number): readonly Item[] {
  const left = [...items];
  return items.flatMap(() => left.splice(between(0, left.length - 1), 1));
}

/** SHA-256 (hex) of the scenario's canonical JSON: keys sorted at every depth, no spaces. */
export function scenarioHash(scenario: Scenario): string {
  return createHash('sha256').update(canonicalJson(scenario)).digest('hex');
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
