import type { ArgumentSet, ArgumentTerm } from '../../model/filter/diff.js';
import type { ByteOrder } from '../../model/filter/simulation.js';
import { allPairs, argumentsOf, pairsOf, rangesOf } from './arguments.js';
import type { Argument, Literal } from './arguments.js';
import { indexesIn } from './regions.js';
import type { CellSet, Region, Words } from './regions.js';

/** More boxes than this are not merged. */
const MOST_BOXES = 400;
/** A set of more cases is described by one that contains it. */
const MOST_CASES = 12;

/** Per argument, by its place in the list of arguments, the pairs of cells; all where one is missing. */
type Box = ReadonlyMap<number, CellSet>;

/**
 * Describes the arguments of some regions of a call: as ranges or masked comparisons, of these or of all others.
 * `null`: all arguments.
 */
export function argumentSetOf(
  regions: readonly Region[],
  words: Words,
  order: ByteOrder,
  isIn: (region: Region) => boolean,
): ArgumentSet | null {
  const inside = regions.filter(isIn);
  if (inside.length === regions.length) return null;
  const all = argumentsOf(words, order);
  if (all === null || regions.length > MOST_BOXES) return { exact: false, except: false, cases: [[]] };
  const own = casesOf(inside, all);
  if (own.exact && own.cases.length === 1 && !isNegative(own.cases)) return { except: false, ...own };
  const others = casesOf(
    regions.filter((region) => !isIn(region)),
    all,
  );
  return others.exact && weightOf(others.cases) < weightOf(own.cases) && all.length > 1
    ? { except: true, ...others }
    : { except: false, ...own };
}

const isNegative = (cases: ArgumentSet['cases']): boolean =>
  cases.some((terms) => terms.length > 1 && terms.some((term) => term.kind === 'bits' && !term.equal));

/** How long a description is. */
const weightOf = (cases: ArgumentSet['cases']): number =>
  cases.flat().reduce((sum, term) => sum + (term.kind === 'ranges' ? term.ranges.length : 2), cases.length);

function casesOf(regions: readonly Region[], all: readonly Argument[]): Omit<ArgumentSet, 'except'> {
  const boxes = mergedBoxes(
    regions.map(({ words }) => boxOf(words, all)),
    all,
  );
  const described = boxes.map((box) => describedBox(box, all));
  const cases = described.flatMap((one) => one.cases);
  const exact = described.every((one) => one.exact);
  return cases.length <= MOST_CASES ? { exact, cases } : { exact: false, cases: [[]] };
}

function boxOf(words: ReadonlyMap<number, CellSet>, all: readonly Argument[]): Box {
  return new Map(
    all.flatMap((argument, at) => {
      const [low, high] = [words.get(argument.lowWord), words.get(argument.highWord)];
      return low === undefined && high === undefined ? [] : [[at, pairsOf(argument, low, high)] as const];
    }),
  );
}

/** Boxes that differ in one argument alone become one, as long as there are such. */
function mergedBoxes(boxes: readonly Box[], all: readonly Argument[]): readonly Box[] {
  let current = boxes;
  for (;;) {
    const before = current.length;
    all.forEach((argument, at) => {
      const byOthers = new Map<string, { readonly box: Box; set: CellSet }>();
      for (const box of current) {
        const key = all.map((_, other) => (other === at ? '' : (box.get(other)?.toString(36) ?? '*'))).join(' ');
        const own = box.get(at) ?? allPairs(argument);
        const known = byOthers.get(key);
        if (known === undefined) byOthers.set(key, { box, set: own });
        else known.set |= own;
      }
      current = [...byOthers.values()].map(({ box, set }) => {
        const next = new Map(box);
        if (set === allPairs(argument)) next.delete(at);
        else next.set(at, set);
        return next;
      });
    });
    if (current.length === before) return current;
  }
}

function describedBox(box: Box, all: readonly Argument[]): Omit<ArgumentSet, 'except'> {
  let [cases, exact]: [readonly (readonly ArgumentTerm[])[], boolean] = [[[]], true];
  for (const [at, pairs] of [...box].sort(([one], [other]) => one - other)) {
    const argument = all[at];
    if (argument === undefined) continue;
    const own = describedArgument(argument, pairs);
    cases = cases.flatMap((terms) => own.cases.map((more) => [...terms, ...more]));
    exact &&= own.exact;
  }
  return { exact, cases };
}

function describedArgument(argument: Argument, pairs: CellSet): Omit<ArgumentSet, 'except'> {
  const ranges = rangesOf(argument, pairs);
  if (ranges !== null) return { exact: true, cases: [[{ kind: 'ranges', argument: argument.index, ...ranges }]] };
  const together = conjunction(argument, pairs);
  if (together !== null) return { exact: true, cases: [together.map((one) => termOf(argument, one))] };
  const covered = cover(argument, pairs);
  if (covered !== null)
    return { exact: true, cases: covered.map((terms) => terms.map((one) => termOf(argument, one))) };
  const bound = supersets(argument, pairs);
  return { exact: false, cases: [bound.map((one) => termOf(argument, one))] };
}

/** The literals that hold for all pairs of a set. */
const supersets = ({ literals }: Argument, pairs: CellSet): readonly Literal[] =>
  literals.filter((one) => (pairs & ~one.pairs) === 0n);

/** As few literals as are needed to say exactly a set, if they can; equalities before their opposites. */
function conjunction(argument: Argument, pairs: CellSet): readonly Literal[] | null {
  const candidates = supersets(argument, pairs);
  const common = (some: readonly Literal[]): CellSet => some.reduce((set, one) => set & one.pairs, allPairs(argument));
  if (common(candidates) !== pairs) return null;
  const single = candidates.find((one) => one.pairs === pairs);
  if (single !== undefined) return [single];
  let kept = candidates;
  for (const one of candidates.toSorted((a, b) => Number(a.equal) - Number(b.equal) || sizeOf(b) - sizeOf(a))) {
    const rest = kept.filter((other) => other !== one);
    if (common(rest) === pairs) kept = rest;
  }
  return kept;
}

/** Sets that can be said exactly and together are the whole. */
function cover(argument: Argument, pairs: CellSet): readonly (readonly Literal[])[] | null {
  const inside = argument.literals
    .filter((one) => (one.pairs & ~pairs) === 0n && one.pairs !== 0n)
    .toSorted((a, b) => sizeOf(b) - sizeOf(a));
  const chosen: (readonly Literal[])[] = [];
  let left = pairs;
  for (const one of inside) {
    if ((left & one.pairs) === 0n) continue;
    chosen.push([one]);
    left &= ~one.pairs;
  }
  for (const index of indexesIn(left)) {
    if (chosen.length >= MOST_CASES) return null;
    const single = conjunction(argument, 1n << BigInt(index));
    if (single === null) return null;
    chosen.push(single);
  }
  return chosen;
}

const sizeOf = ({ pairs }: Literal): number => indexesIn(pairs).length;

function termOf({ index, isHighTested, isLowTested }: Argument, { mask, value, equal }: Literal): ArgumentTerm {
  const part = !isHighTested ? 'low' : isLowTested ? 'whole' : 'high';
  const own = part === 'high' ? value >> 32n : value;
  if (mask === WHOLE_MASK[part] && equal) return { kind: 'ranges', argument: index, part, ranges: [[own, own]] };
  return { kind: 'bits', argument: index, mask, value, equal };
}

const WHOLE_MASK = { whole: 0xffff_ffff_ffff_ffffn, low: 0xffff_ffffn, high: 0xffff_ffff_0000_0000n } as const;
