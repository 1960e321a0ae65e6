import type { SystemCall } from '../../model/filter/simulation.js';
import { holds } from '../simulate/arithmetic.js';
import { pathsThrough } from '../simulate/paths.js';
import type { Condition, Conditions, Path } from '../simulate/paths.js';
import { WORD } from '../simulate/simulate.js';
import type { Simulator } from '../simulate/simulate.js';
import { leastPermissive, executeAll } from '../simulate/survey.js';
import { STEPS_PER_CALL } from '../simulate/verdict.js';
import { cellsOf } from './cells.js';
import type { Cell, WordTest } from './cells.js';

/** More cells of a word, or more regions of a call, count as too many. */
const MOST_CELLS = 2048;
const MOST_REGIONS = 20_000;
const ARGUMENTS = 6;

/** Which cells of a word, as bits. */
export type CellSet = bigint;

/** The words of seccomp_data that the answers to one call depend on. */
export interface Words {
  readonly cells: ReadonlyMap<number, readonly Cell[]>;
  /** Comparisons by word. */
  readonly tests: ReadonlyMap<number, readonly WordTest[]>;
}

/** Calls that take the same way through every filter. */
export interface Region {
  /** Answers of both sides. */
  readonly before: number;
  readonly after: number;
  /** Instructions executed. */
  readonly lengthBefore: number;
  readonly lengthAfter: number;
  /** Cells of each word; all where one is missing. */
  readonly words: ReadonlyMap<number, CellSet>;
  /** One of them. */
  readonly example: SystemCall;
}

/** All arguments of one call, divided into regions. */
export type Regions =
  | { readonly state: 'all'; readonly regions: readonly Region[]; readonly words: Words; readonly evaluations: number }
  | { readonly state: 'unknown'; readonly why: string };

/** What is left of the effort that a comparison may take; with less left, calls are sampled, and fewer times. */
export interface Effort {
  /** Simulated steps through filters, to find all ways. */
  steps: number;
  /** Runs of sampled calls. */
  samples: number;
}

/** Two stacks of filters, each oldest first. */
export interface Sides {
  readonly before: readonly Simulator[];
  readonly after: readonly Simulator[];
}

interface Numbered {
  readonly arch: number;
  readonly nr: number;
}

/**
 * Divides all arguments of a call into regions, in which every call takes the same way through all filters. That these
 * are all arguments, and that a call of each region is answered as its way says, is checked here by counting and by
 * running it.
 */
export function regionsOf(sides: Sides, call: Numbered, effort: Effort): Regions {
  const filters = [...sides.before, ...sides.after];
  const paths: (readonly Path[])[] = [];
  for (const filter of filters) {
    const given = Math.min(STEPS_PER_CALL, effort.steps);
    const budget = { steps: given };
    const own = pathsThrough(filter.instructions, call, budget);
    effort.steps -= given - Math.max(0, budget.steps);
    if (own === null) return { state: 'unknown', why: 'too many ways through the filter' };
    if (!own.every(({ isExact }) => isExact)) return { state: 'unknown', why: 'the filter computes with arguments' };
    paths.push(own);
  }
  const words = wordsOf(paths.flat());
  if (words === null) return { state: 'unknown', why: 'too many values that the filters tell apart' };
  const ways = product(paths, words);
  if (ways === null) return { state: 'unknown', why: 'too many combinations of ways through the filters' };
  return checked(sides, call, words, ways);
}

function* listOf(conditions: Conditions | null): Iterable<Condition> {
  for (let node = conditions; node !== null; node = node.before) yield node.last;
}

function wordsOf(paths: readonly Path[]): Words | null {
  const found = new Map<number, Map<string, WordTest>>();
  for (const { conditions } of paths)
    for (const { word, mask, code, k } of listOf(conditions)) {
      const own = found.get(word) ?? new Map<string, WordTest>();
      found.set(word, own.set(`${mask} ${code & 0xf0} ${k}`, { mask, code, k }));
    }
  const tests = new Map([...found].map(([word, own]) => [word, [...own.values()]]));
  const cells = new Map<number, readonly Cell[]>();
  for (const [word, own] of tests) {
    const divided = cellsOf(own, MOST_CELLS);
    if (divided === null) return null;
    cells.set(word, divided);
  }
  return { cells, tests };
}

/** One way through each filter. */
interface Way {
  readonly values: readonly number[];
  readonly lengths: readonly number[];
  readonly words: ReadonlyMap<number, CellSet>;
}

function product(paths: readonly (readonly Path[])[], words: Words): readonly Way[] | null {
  const sets = new Map<string, CellSet>();
  let ways: readonly Way[] = [{ values: [], lengths: [], words: new Map() }];
  for (const own of paths) {
    const parts = own.map((path) => ({ path, words: cellSetsOf(path, words, sets) }));
    const next: Way[] = [];
    for (const way of ways)
      for (const { path, words: other } of parts) {
        const both = intersection(way.words, other);
        if (both === null) continue;
        next.push({
          values: [...way.values, path.value ?? 0],
          lengths: [...way.lengths, path.instructions],
          words: both,
        });
        if (next.length > MOST_REGIONS) return null;
      }
    ways = next;
  }
  return ways;
}

/** The cells of each word in which all conditions of a path hold. */
function cellSetsOf({ conditions }: Path, { cells }: Words, sets: Map<string, CellSet>): ReadonlyMap<number, CellSet> {
  const found = new Map<number, CellSet>();
  for (const condition of listOf(conditions)) {
    const { word, mask, code, k, result } = condition;
    const key = `${word} ${mask} ${code & 0xf0} ${k} ${result}`;
    const own = sets.get(key) ?? cellsWhere(cells.get(word) ?? [], condition);
    sets.set(key, own);
    const known = found.get(word);
    found.set(word, known === undefined ? own : known & own);
  }
  return found;
}

/** All values of a cell have the same result, so its smallest one tells. */
export function cellsWhere(
  cells: readonly Cell[],
  { mask, code, k, result }: WordTest & { readonly result: boolean },
): CellSet {
  let set = 0n;
  cells.forEach(({ low }, index) => {
    if (holds(code, (low & mask) >>> 0, k) === result) set |= 1n << BigInt(index);
  });
  return set;
}

function intersection(
  one: ReadonlyMap<number, CellSet>,
  other: ReadonlyMap<number, CellSet>,
): ReadonlyMap<number, CellSet> | null {
  if (other.size === 0) return one;
  const both = new Map(one);
  for (const [word, set] of other) {
    const known = both.get(word);
    const common = known === undefined ? set : known & set;
    if (common === 0n) return null;
    both.set(word, common);
  }
  return both;
}

/** Runs calls of every region, and counts whether the regions are all there is. */
function checked(sides: Sides, call: Numbered, words: Words, ways: readonly Way[]): Regions {
  const regions: Region[] = [];
  let [evaluations, size] = [0, 0n];
  const sizes = new Map([...words.cells].map(([word, cells]) => [word, BigInt(cells.length)]));
  for (const { values, lengths, words: sets } of ways) {
    const count = sides.before.length;
    const region = {
      before: leastPermissive(values.slice(0, count)),
      after: leastPermissive(values.slice(count)),
      lengthBefore: sum(lengths.slice(0, count)),
      lengthAfter: sum(lengths.slice(count)),
      words: sets,
    };
    const examples = cornersOf(call, sides, words, sets);
    for (const example of examples) {
      evaluations += 1;
      if (!isAnswered(sides, example, region)) return { state: 'unknown', why: 'a run differs from its predicted way' };
    }
    size += [...sizes].reduce((all, [word, cells]) => {
      const set = sets.get(word);
      return all * (set === undefined ? cells : BigInt(bitsIn(set)));
    }, 1n);
    const [example = call] = examples;
    regions.push({ ...region, example });
  }
  const all = [...sizes.values()].reduce((product, cells) => product * cells, 1n);
  if (size !== all) return { state: 'unknown', why: 'the ways that were found are not all' };
  return { state: 'all', regions, words, evaluations };
}

function isAnswered(
  { before, after }: Sides,
  call: SystemCall,
  expected: Pick<Region, 'before' | 'after' | 'lengthBefore' | 'lengthAfter'>,
): boolean {
  const [one, other] = [executeAll(before, call), executeAll(after, call)];
  return (
    one.value === expected.before &&
    other.value === expected.after &&
    one.instructions === expected.lengthBefore &&
    other.instructions === expected.lengthAfter
  );
}

/** The smallest and the largest values of a region. */
function cornersOf(
  call: Numbered,
  sides: Sides,
  { cells }: Words,
  sets: ReadonlyMap<number, CellSet>,
): readonly SystemCall[] {
  const corner = (pick: (own: readonly Cell[]) => number, without: number): SystemCall =>
    callWith(call, sides, (word) => {
      const own = cells.get(word);
      const set = sets.get(word);
      if (own === undefined) return 0;
      return set === undefined ? without : pick(own.filter((_, index) => ((set >> BigInt(index)) & 1n) === 1n));
    });
  const low = corner((own) => own[0]?.low ?? 0, 0);
  return sets.size === 0 ? [low] : [low, corner((own) => Math.max(...own.map(({ high }) => high)), 0xffffffff)];
}

/** A call whose words are given, in the byte order of the filters. */
export function callWith(call: Numbered, { before, after }: Sides, wordOf: (word: number) => number): SystemCall {
  const order = [...before, ...after][0]?.order ?? 'little-endian';
  const field = (first: number): bigint => {
    const [one, two] = [BigInt(wordOf(first)), BigInt(wordOf(first + 1))];
    return order === 'little-endian' ? one | (two << 32n) : (one << 32n) | two;
  };
  const pointer = field(WORD.POINTER);
  return {
    ...call,
    args: Array.from({ length: ARGUMENTS }, (_, index) => field(WORD.ARGUMENTS + index * 2)),
    ...(pointer === 0n ? {} : { instructionPointer: pointer }),
  };
}

export const indexesIn = (set: CellSet): readonly number[] => {
  const found: number[] = [];
  for (let [rest, index] = [set, 0]; rest !== 0n; [rest, index] = [rest >> 1n, index + 1])
    if ((rest & 1n) === 1n) found.push(index);
  return found;
};

const bitsIn = (set: CellSet): number => indexesIn(set).length;
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
