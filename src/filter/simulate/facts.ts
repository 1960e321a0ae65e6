import { BPF } from './bpf.js';

/**
 * What is known about one 32-bit word of seccomp_data at an instruction: what the comparisons on the way there imply.
 */
export interface WordFacts {
  /** Inclusive, unsigned. */
  readonly low: number;
  readonly high: number;
  /** The bits under the mask have this value. */
  readonly mask: number;
  readonly bits: number;
  /** Values, under masks, that it does not have. */
  readonly excluded: readonly { readonly mask: number; readonly value: number }[];
}

const MOST = 0xffffffff;
export const NOTHING_KNOWN: WordFacts = { low: 0, high: MOST, mask: 0, bits: 0, excluded: [] };
/** Values tried next to a bound, for a word with many excluded values. */
const NEIGHBOURS_TRIED = 64;

/** Whether a word may have a value. */
function allows({ low, high, mask, bits, excluded }: WordFacts, value: number): boolean {
  return (
    value >= low &&
    value <= high &&
    and(value, mask) === bits &&
    excluded.every((one) => and(value, one.mask) !== one.value)
  );
}

/**
 * The facts after a comparison of `word & mask` with `k` had this result; `null`: the result is impossible. Where these
 * facts cannot express the result they stay unchanged. That is safe: too many ways then count as possible.
 */
export function after(
  facts: WordFacts,
  comparison: { readonly code: number; readonly mask: number; readonly k: number; readonly result: boolean },
): WordFacts | null {
  const { code, mask, k, result } = comparison;
  switch (code & 0xf0) {
    case BPF.JEQ:
      return result
        ? withBits(facts, mask, k)
        : possible({ ...facts, excluded: [...facts.excluded, { mask, value: k }] }, and(k, mask) === k);
    case BPF.JGT:
      return mask === MOST ? between(facts, result ? k + 1 : 0, result ? MOST : k) : facts;
    case BPF.JGE:
      return mask === MOST ? between(facts, result ? k : 0, result ? MOST : k - 1) : facts;
    default:
      return result ? withSomeBit(facts, and(mask, k)) : withBits(facts, and(mask, k), 0);
  }
}

function withBits(facts: WordFacts, mask: number, value: number): WordFacts | null {
  if (and(value, mask) !== value) return null;
  if (and(facts.bits, mask) !== and(value, facts.mask)) return null;
  return settled({ ...facts, mask: (facts.mask | mask) >>> 0, bits: (facts.bits | value) >>> 0 });
}

function withSomeBit(facts: WordFacts, bits: number): WordFacts | null {
  const unsettled = and(bits, ~facts.mask);
  if (and(facts.bits, bits) !== 0) return facts;
  if (unsettled === 0) return null;
  const isOneBit = (unsettled & (unsettled - 1)) === 0;
  return isOneBit
    ? withBits(facts, unsettled, unsettled)
    : settled({ ...facts, excluded: [...facts.excluded, { mask: bits, value: 0 }] });
}

function between(facts: WordFacts, low: number, high: number): WordFacts | null {
  return settled({ ...facts, low: Math.max(facts.low, low), high: Math.min(facts.high, high) });
}

/** Drops the exclusion of a value that was impossible anyway. */
const possible = (facts: WordFacts, says: boolean): WordFacts | null =>
  says ? settled(facts) : { ...facts, excluded: facts.excluded.slice(0, -1) };

/**
 * For a word with a single possible value, the facts are checked with that value; other contradictions may be missed.
 */
function settled(facts: WordFacts): WordFacts | null {
  if (facts.low > facts.high) return null;
  const value = onlyValue(facts);
  if (value !== undefined) return allows(facts, value) ? facts : null;
  // Where all bits under a mask are known, they decide an exclusion under it.
  return facts.excluded.some((one) => and(one.mask, ~facts.mask) === 0 && and(facts.bits, one.mask) === one.value)
    ? null
    : facts;
}

/** The word's value, where only one is possible. */
export function onlyValue({ low, high, mask, bits }: WordFacts): number | undefined {
  if (mask === MOST) return bits;
  return low === high ? low : undefined;
}

/** A possible value of the word; `undefined` where none was found. */
export function someValue(facts: WordFacts): number | undefined {
  const free = and(~facts.mask, MOST);
  for (let offset = 0; offset < NEIGHBOURS_TRIED + facts.excluded.length; offset += 1) {
    const candidates = [
      facts.low + offset,
      facts.high - offset,
      spread(offset, free),
      facts.low + spread(offset, free),
    ];
    const found = candidates
      .map((candidate) => (and(candidate, free) | facts.bits) >>> 0)
      .find((candidate) => allows(facts, candidate));
    if (found !== undefined) return found;
  }
  // One bit more than known, for words that must have some bit set.
  const single = Array.from({ length: 32 }, (_, bit) => ((1 << bit) | facts.bits) >>> 0);
  return single.find((candidate) => allows(facts, candidate));
}

/** The bits of a number, moved in order to the set bits of a mask. */
function spread(value: number, places: number): number {
  let [result, rest] = [0, value];
  for (let bit = 0; bit < 32 && rest !== 0; bit += 1) {
    if ((places & (1 << bit)) === 0) continue;
    if ((rest & 1) === 1) result |= 1 << bit;
    rest >>>= 1;
  }
  return result >>> 0;
}

const and = (a: number, b: number): number => (a & b) >>> 0;
