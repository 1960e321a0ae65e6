import type { ByteOrder } from '../../model/filter/simulation.js';
import { BPF } from '../simulate/bpf.js';
import { WORD } from '../simulate/simulate.js';
import { isInterval } from './cells.js';
import type { Cell } from './cells.js';
import { cellsWhere } from './regions.js';
import type { CellSet, Words } from './regions.js';

const WHOLE_WORD: readonly Cell[] = [{ low: 0, high: 0xffffffff, count: 2 ** 32 }];
const ALL_BITS = 0xffffffff;
/** Pairs of cells of an argument's two words. */
const MOST_PAIRS = 8192;

/** One comparison of an argument under a mask, and the pairs of cells in which it holds. */
export interface Literal {
  readonly mask: bigint;
  readonly value: bigint;
  readonly equal: boolean;
  readonly pairs: CellSet;
}

/** A 64-bit argument as the two words that a filter sees, divided into cells. */
export interface Argument {
  /** 0 to 5; `null`: the instruction pointer. */
  readonly index: number | null;
  readonly low: readonly Cell[];
  readonly high: readonly Cell[];
  readonly isLowTested: boolean;
  readonly isHighTested: boolean;
  readonly literals: readonly Literal[];
  /** Index of its word with the lower half. */
  readonly lowWord: number;
  readonly highWord: number;
}

/** The arguments that the answers depend on. `null` where one has too many cells. */
export function argumentsOf(words: Words, order: ByteOrder): readonly Argument[] | null {
  const firsts = new Set([...words.cells.keys()].map((word) => word - (word % 2)));
  const all = [...firsts].sort((a, b) => a - b).map((first) => argumentAt(first, words, order));
  return all.every(({ low, high }) => low.length * high.length <= MOST_PAIRS) ? all : null;
}

function argumentAt(first: number, words: Words, order: ByteOrder): Argument {
  const [lowWord, highWord] = order === 'little-endian' ? [first, first + 1] : [first + 1, first];
  const low = words.cells.get(lowWord);
  const high = words.cells.get(highWord);
  const argument = {
    index: first === WORD.POINTER ? null : (first - WORD.ARGUMENTS) / 2,
    low: low ?? WHOLE_WORD,
    high: high ?? WHOLE_WORD,
    isLowTested: low !== undefined,
    isHighTested: high !== undefined,
    lowWord,
    highWord,
  };
  return { ...argument, literals: literalsOf(argument, words) };
}

/** The pairs of cells whose lower word is in one set and whose upper word is in the other. */
export function pairsOf(
  { low, high }: Pick<Argument, 'low' | 'high'>,
  lowSet: CellSet | undefined,
  highSet: CellSet | undefined,
): CellSet {
  const row = lowSet ?? allOf(low.length);
  let pairs = 0n;
  high.forEach((_, index) => {
    if (highSet !== undefined && ((highSet >> BigInt(index)) & 1n) === 0n) return;
    pairs |= row << BigInt(index * low.length);
  });
  return pairs;
}

export const allOf = (count: number): CellSet => (1n << BigInt(count)) - 1n;
export const allPairs = ({ low, high }: Pick<Argument, 'low' | 'high'>): CellSet => allOf(low.length * high.length);

interface HalfLiteral {
  readonly mask: number;
  readonly value: number;
  readonly cells: CellSet;
}

/** Equalities under masks that the filters test, of one word and of both together, and their opposites. */
function literalsOf(argument: Omit<Argument, 'literals'>, words: Words): readonly Literal[] {
  const [lows, highs] = [
    halves(argument.lowWord, argument.low, words),
    halves(argument.highWord, argument.high, words),
  ];
  const every = { mask: 0, value: 0 };
  const made = [
    ...lows.map((low) => literal(argument, { ...low }, { ...every, cells: allOf(argument.high.length) })),
    ...highs.map((high) => literal(argument, { ...every, cells: allOf(argument.low.length) }, high)),
    ...lows.flatMap((low) => highs.map((high) => literal(argument, low, high))),
  ];
  return made.flatMap((one) => [one, { ...one, equal: false, pairs: allPairs(argument) & ~one.pairs }]);
}

function literal(argument: Pick<Argument, 'low' | 'high'>, low: HalfLiteral, high: HalfLiteral): Literal {
  return {
    mask: (BigInt(high.mask) << 32n) | BigInt(low.mask),
    value: (BigInt(high.value) << 32n) | BigInt(low.value),
    equal: true,
    pairs: pairsOf(argument, low.cells, high.cells),
  };
}

function halves(word: number, cells: readonly Cell[], { tests }: Words): readonly HalfLiteral[] {
  return (tests.get(word) ?? []).flatMap(({ mask, code, k }): HalfLiteral[] => {
    const operation = code & 0xf0;
    if (operation !== BPF.JEQ && operation !== BPF.JSET) return [];
    const isSet = operation === BPF.JSET;
    return [
      {
        mask: isSet ? (mask & k) >>> 0 : mask,
        value: isSet ? 0 : k,
        cells: cellsWhere(cells, { mask, code, k, result: !isSet }),
      },
    ];
  });
}

/** Ranges of 64-bit values. */
export type Ranges = readonly (readonly [bigint, bigint])[];

/**
 * A set of pairs as ranges: of the whole argument, or of the one half that is tested; `null` where it is none.
 */
export function rangesOf(
  argument: Argument,
  pairs: CellSet,
): { readonly part: 'whole' | 'low' | 'high'; readonly ranges: Ranges } | null {
  const { low, high, isLowTested, isHighTested } = argument;
  if (![...low, ...high].every(isInterval)) return null;
  if (!isHighTested) return { part: 'low', ranges: wordRanges(low, pairs) };
  if (!isLowTested) return { part: 'high', ranges: wordRanges(high, pairs) };
  const ranges: (readonly [bigint, bigint])[] = [];
  for (const [index, cell] of high.entries()) {
    const row = (pairs >> BigInt(index * low.length)) & allOf(low.length);
    if (row === 0n) continue;
    const [from, to] = [BigInt(cell.low) << 32n, BigInt(cell.high) << 32n];
    if (row === allOf(low.length)) ranges.push([from, to | BigInt(ALL_BITS)]);
    else if (from === to) ranges.push(...wordRanges(low, row).map(([a, b]) => [from | a, from | b] as const));
    else return null;
  }
  return { part: 'whole', ranges: merged(ranges) };
}

function wordRanges(cells: readonly Cell[], set: CellSet): Ranges {
  return merged(
    cells.flatMap(({ low, high }, index) =>
      ((set >> BigInt(index)) & 1n) === 1n ? [[BigInt(low), BigInt(high)] as const] : [],
    ),
  );
}

function merged(ranges: Ranges): Ranges {
  const found: [bigint, bigint][] = [];
  for (const [low, high] of ranges) {
    const last = found.at(-1);
    if (last !== undefined && last[1] + 1n === low) last[1] = high;
    else found.push([low, high]);
  }
  return found;
}
