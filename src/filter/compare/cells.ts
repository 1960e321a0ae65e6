import { BPF } from '../simulate/bpf.js';

/** A comparison of a 32-bit word under a mask with a constant; `code` is that of the jump. */
export interface WordTest {
  readonly mask: number;
  readonly code: number;
  readonly k: number;
}

/** Values of a word for which every test has the same result. */
export interface Cell {
  /** Smallest and largest. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

const WHOLE = 0xffffffff;
const VALUES = 2 ** 32;
const TOP_BIT = 31;

/** Whether a cell has every value between its smallest and its largest. */
export const isInterval = ({ low, high, count }: Cell): boolean => count === high - low + 1;

/**
 * Divides all 2^32 values of a word into cells, so that any value of a cell stands for all of them. `null` where there
 * are more than `most`.
 */
export function cellsOf(tests: readonly WordTest[], most: number): readonly Cell[] | null {
  const cuts = cutsOf(tests.filter(isOfWholeWord));
  const masked = maskedTests(tests.filter((test) => !isOfWholeWord(test)));
  if (cuts.length >= most) return null;
  return masked.length === 0 ? between(cuts) : cellsByBits(cuts, masked, most);
}

const isOfWholeWord = ({ mask, code }: WordTest): boolean => mask === WHOLE && (code & 0xf0) !== BPF.JSET;

/** Where a result may change: the first value after the change. */
function cutsOf(tests: readonly WordTest[]): readonly number[] {
  const cuts = new Set<number>();
  for (const { code, k } of tests) {
    if ((code & 0xf0) !== BPF.JGT) cuts.add(k);
    if ((code & 0xf0) !== BPF.JGE) cuts.add(k + 1);
  }
  return [...cuts].filter((cut) => cut > 0 && cut < VALUES).sort((a, b) => a - b);
}

function between(cuts: readonly number[]): readonly Cell[] {
  const starts = [0, ...cuts];
  return starts.map((low, index) => {
    const high = (starts[index + 1] ?? VALUES) - 1;
    return { low, high, count: high - low + 1 };
  });
}

/** How the masked word compares with a constant; of an equality only whether it still can hold matters. */
interface MaskedTest {
  readonly mask: number;
  readonly k: number;
  readonly kind: 'equal' | 'above' | 'atLeast';
}

const [SAME, LESS, MORE] = [0, 1, 2];

function maskedTests(tests: readonly WordTest[]): readonly MaskedTest[] {
  const found = tests.map(({ mask, code, k }): MaskedTest => {
    switch (code & 0xf0) {
      case BPF.JSET:
        return { mask: (mask & k) >>> 0, k: 0, kind: 'equal' };
      case BPF.JGT:
        return { mask, k, kind: 'above' };
      case BPF.JGE:
        return { mask, k, kind: 'atLeast' };
      default:
        return { mask, k, kind: 'equal' };
    }
  });
  return [...new Map(found.map((test) => [`${test.kind} ${test.mask} ${test.k}`, test])).values()];
}

/** Values with the same upper bits, as far as the tests can tell them apart. */
interface Prefix {
  /** The cuts whose upper bits are these; those before are smaller than every value, those after are larger. */
  readonly first: number;
  readonly end: number;
  /** Per masked test. */
  readonly states: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

/** From the highest bit to the lowest: prefixes that no test can tell apart any more are merged. */
function cellsByBits(cuts: readonly number[], masked: readonly MaskedTest[], most: number): readonly Cell[] | null {
  let prefixes: readonly Prefix[] = [
    { first: 0, end: cuts.length, states: masked.map(() => SAME), low: 0, high: 0, count: 1 },
  ];
  for (let bit = TOP_BIT; bit >= 0; bit -= 1) {
    const next = new Map<string, Prefix>();
    for (const prefix of prefixes)
      for (const value of [0, 1]) merge(next, extended(prefix, { cuts, masked, bit, value }));
    if (next.size > most) return null;
    prefixes = [...next.values()];
  }
  const cells = new Map<string, Prefix>();
  for (const prefix of prefixes)
    merge(cells, {
      ...prefix,
      first: prefix.end,
      states: masked.map((test, at) => Number(holdsAtEnd(test, prefix.states[at] ?? SAME))),
    });
  return [...cells.values()].map(({ low, high, count }) => ({ low, high, count })).sort((a, b) => a.low - b.low);
}

function merge(into: Map<string, Prefix>, prefix: Prefix): void {
  const key = `${prefix.first} ${prefix.end} ${prefix.states.join('')}`;
  const known = into.get(key);
  into.set(
    key,
    known === undefined
      ? prefix
      : {
          ...known,
          low: Math.min(known.low, prefix.low),
          high: Math.max(known.high, prefix.high),
          count: known.count + prefix.count,
        },
  );
}

function extended(
  { first, end, states, low, high, count }: Prefix,
  {
    cuts,
    masked,
    bit,
    value,
  }: {
    readonly cuts: readonly number[];
    readonly masked: readonly MaskedTest[];
    readonly bit: number;
    readonly value: number;
  },
): Prefix {
  let middle = first;
  while (middle < end && bitOf(cuts[middle] ?? 0, bit) === 0) middle += 1;
  return {
    first: value === 0 ? first : middle,
    end: value === 0 ? middle : end,
    states: masked.map((test, at) => stateAfter(test, states[at] ?? SAME, bit, value)),
    low: low * 2 + value,
    high: high * 2 + value,
    count,
  };
}

function stateAfter({ mask, k, kind }: MaskedTest, state: number, bit: number, value: number): number {
  if (state !== SAME) return state;
  const [own, other] = [bitOf(mask, bit) * value, bitOf(k, bit)];
  if (own === other) return SAME;
  return kind === 'equal' || own < other ? LESS : MORE;
}

const holdsAtEnd = ({ kind }: MaskedTest, state: number): boolean =>
  kind === 'above' ? state === MORE : kind === 'atLeast' ? state !== LESS : state === SAME;

const bitOf = (value: number, bit: number): number => (value >>> bit) & 1;
