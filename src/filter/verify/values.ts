import { COMPARE } from '../build/plan.js';
import type { Condition } from '../build/plan.js';
import type { Draws } from './draws.js';
import type { NumberRule } from './expected.js';

export const ARGUMENTS = 6;
const WORD = 2n ** 32n;
const MOST = 2n ** 64n - 1n;
/** Of values of all arguments; with more, every rule is met and left by each argument, and the rest is drawn. */
const MOST_COMBINATIONS = 4096;

const cut = (value: bigint): bigint => BigInt.asUintN(64, value);

/** The values around which a comparison can change, and mixes of both halves of them. */
export function boundariesOf({ operator, a, b }: Condition): readonly bigint[] {
  if (operator === COMPARE.MASKED_EQ) return maskedBoundaries(a, b & a);
  const [high, low] = [a / WORD, a % WORD];
  const mixed = [high - 1n, high, high + 1n].flatMap((upper) =>
    [0n, low - 1n, low, low + 1n, WORD - 1n].map((lower) => upper * WORD + lower),
  );
  return [0n, MOST, a - 1n, a, a + 1n, low, low * WORD + high, ...mixed].map(cut);
}

/** The value, the value with every single bit of the mask turned, and the same with all bits beyond the mask set. */
function maskedBoundaries(mask: bigint, value: bigint): readonly bigint[] {
  const beyond = MOST ^ mask;
  const turned = Array.from({ length: 64 }, (_, bit) => 1n << BigInt(bit))
    .filter((bit) => (mask & bit) !== 0n)
    .map((bit) => value ^ bit);
  const plain = [value, 0n, MOST, value ^ mask, ...turned];
  return [...plain, ...plain.map((one) => one | beyond), ...[value, value ^ mask].map((one) => one ^ (beyond % WORD))];
}

/** A value for which a comparison holds; for one that never holds, the nearest thing. */
function meeting({ operator, a, b }: Condition): bigint {
  switch (operator) {
    case COMPARE.NE:
    case COMPARE.GT:
      return cut(a + 1n);
    case COMPARE.LT:
      return cut(a - 1n);
    case COMPARE.MASKED_EQ:
      return b & a;
    default:
      return a;
  }
}

/** Values of every argument that some rule compares, without repetition; all others are always 0. */
export function candidatesOf(rules: readonly NumberRule[]): ReadonlyMap<number, readonly bigint[]> {
  const found = new Map<number, Set<bigint>>();
  for (const condition of rules.flatMap(({ conditions }) => conditions)) {
    const values = found.get(condition.index) ?? new Set<bigint>();
    for (const value of boundariesOf(condition)) values.add(value);
    found.set(condition.index, values);
  }
  return new Map([...found].map(([index, values]) => [index, [...values]]));
}

/** Arguments to try: every combination of candidates where these are not too many. */
export function argumentsToTry(rules: readonly NumberRule[], draws: Draws): readonly (readonly bigint[])[] {
  const candidates = candidatesOf(rules);
  const combinations = [...candidates.values()].reduce((product, values) => product * values.length, 1);
  if (combinations <= MOST_COMBINATIONS) return allCombinations(candidates);
  const drawn = Array.from({ length: MOST_COMBINATIONS }, () =>
    filled((index) => {
      const values = candidates.get(index);
      return values === undefined ? 0n : draws.pick(values);
    }),
  );
  return [...rules.flatMap((rule) => aroundRule(rule, candidates)), ...drawn];
}

function allCombinations(candidates: ReadonlyMap<number, readonly bigint[]>): readonly (readonly bigint[])[] {
  return [...candidates].reduce<readonly (readonly bigint[])[]>(
    (known, [index, values]) => known.flatMap((args) => values.map((value) => args.with(index, value))),
    [filled(() => 0n)],
  );
}

/** Arguments that meet one rule, with one of them at a time at every other value. */
function aroundRule(
  { conditions }: NumberRule,
  candidates: ReadonlyMap<number, readonly bigint[]>,
): readonly (readonly bigint[])[] {
  const met = conditions.reduce<readonly bigint[]>(
    (args, condition) => args.with(condition.index, meeting(condition)),
    filled(() => 0n),
  );
  return [met, ...[...candidates].flatMap(([index, values]) => values.map((value) => met.with(index, value)))];
}

const filled = (value: (index: number) => bigint): bigint[] =>
  Array.from({ length: ARGUMENTS }, (_, index) => value(index));

/** One random argument: a candidate, something near it, a half of it with any other half, or anything. */
export function randomArgument(candidates: readonly bigint[] | undefined, draws: Draws): bigint {
  const word = draws.word();
  const kind = draws.below(8);
  if (candidates === undefined || kind === 0) return kind % 2 === 0 ? word : word % WORD;
  const value = draws.pick(candidates);
  switch (kind) {
    case 1:
      return (value - (value % WORD)) | (word % WORD);
    case 2:
      return (value % WORD) | (word - (word % WORD));
    case 3:
      return cut(value + (word % 16n) - 8n);
    case 4:
      return value ^ (1n << (word % 64n));
    default:
      return value;
  }
}
