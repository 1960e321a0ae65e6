import type { Amount } from '../../model/analysis/workload-analysis.js';
import type {
  AnswerKind,
  FilterWork,
  PricedCounts,
  PricedRow,
  PriceSpan,
  UnpricedRow,
} from '../../model/analysis/priced-table.js';
import type { CallCount } from '../../model/results/syscalls.js';
import { located } from '../paired/paired-amounts.js';
import { priceModel } from './call-prices.js';
import type { PricePoint } from './percall.js';

/** One filter that calls are priced under. */
export interface PricedSide {
  /** By the name of the call; what is missing is no call of this machine's. */
  readonly works: ReadonlyMap<string, FilterWork>;
  /** The arm that has this very filter in the timed run; `null`: none has. */
  readonly arm: string | null;
}

/** What counted calls are priced by. */
export interface PricingInput {
  readonly side: PricedSide;
  /** Prices are then differences from this one, else from no filter. */
  readonly against: PricedSide | null;
  /** Of one timed run. */
  readonly points: readonly PricePoint[];
}

/** Its number of instructions follows from nothing but itself, so a timed one costs the same with other arguments. */
const hasOnePath = ({ cached, fewest, most }: FilterWork): boolean => cached || fewest === most;

/**
 * Counted calls times what each costs more under a filter: as it was timed under that filter where all arguments take
 * one path, else by a line through all timed calls at the instructions of its shortest and longest path. Every block
 * has its own line, so the interval of the total is that of its blocks.
 */
export function priceCounts(counts: readonly CallCount[], input: PricingInput): PricedCounts {
  const { side, against, points } = input;
  const [rows, unpriced]: [PricedRow[], UnpricedRow[]] = [[], []];
  const blocks = blockPrices(input);
  const known: { readonly row: CallCount; readonly works: Works }[] = [];
  for (const row of counts.filter(({ calls }) => calls > 0)) {
    const works = worksOf(row.name, side, against);
    if (works === null || !isPriceable(works, points)) unpriced.push(unpricedRow(row, works));
    else known.push({ row, works });
  }
  for (const { row, works } of known) {
    const perCall = spanOf(blocks.map((price) => price(row.name, works)));
    if (perCall === null) unpriced.push(unpricedRow(row, works));
    else rows.push(pricedRow(row, works, { perCall, input }));
  }
  const sums = blocks.map((price): Ends =>
    known
      .map(({ row, works }) => times(price(row.name, works), row.calls))
      .reduce(([a, b], [c, d]) => [a + c, b + d], [0, 0]),
  );
  return {
    rows: rows.toSorted((a, b) => sizeOf(b) - sizeOf(a) || (a.call < b.call ? -1 : 1)),
    unpriced,
    total: rows.length === 0 ? null : spanOf(sums),
    timed: timedPaths(points),
  };
}

function timedPaths(points: readonly PricePoint[]): PricedCounts['timed'] {
  const counts = points.filter(({ cached }) => !cached).map(({ instructions }) => instructions);
  return counts.length === 0 ? null : { least: Math.min(...counts), most: Math.max(...counts) };
}

const sizeOf = ({ total }: PricedRow): number => Math.abs(total.longest.ns);

/** Under the filter, and under the other one. */
interface Works {
  readonly own: FilterWork;
  readonly other: FilterWork | null;
}

function worksOf(name: string, side: PricedSide, against: PricedSide | null): Works | null {
  const own = side.works.get(name);
  const other = against === null ? null : against.works.get(name);
  return own === undefined || other === undefined ? null : { own, other };
}

/** Cached calls are priced by cached ones, others by others. */
const isPriceable = ({ own, other }: Works, points: readonly PricePoint[]): boolean =>
  [own, ...(other === null ? [] : [other])].every((work) => points.some(({ cached }) => cached === work.cached));

const unpricedRow = ({ name, calls }: CallCount, works: Works | null): UnpricedRow => ({
  call: name,
  calls,
  code: name.endsWith(')') ? 'otherWordSize' : works === null ? 'unknownCall' : 'nothingLikeIt',
});

function pricedRow(
  { name, calls }: CallCount,
  { own, other }: Works,
  { perCall, input }: { readonly perCall: PriceSpan; readonly input: PricingInput },
): PricedRow {
  const isMeasured =
    measuredPoint(name, own, { side: input.side, points: input.points }) !== undefined &&
    (input.against === null ||
      (other !== null && measuredPoint(name, other, { side: input.against, points: input.points }) !== undefined));
  return {
    call: name,
    calls,
    kind: kindOf(own.answers),
    work: own,
    against: other,
    basis: isMeasured ? 'measured' : 'derived',
    perCall,
    total: { shortest: scaled(perCall.shortest, calls), longest: scaled(perCall.longest, calls) },
  };
}

/** What the answers of a filter mean to the program. */
export function kindOf(answers: readonly string[]): AnswerKind {
  const passes = (answer: string): boolean => answer === 'ALLOW' || answer === 'LOG';
  if (answers.every(passes)) return 'allowed';
  if (answers.some(passes) || answers.includes('any')) return 'depends';
  return answers.every((answer) => answer.startsWith('ERRNO')) ? 'denied' : 'stopped';
}

/** A price at the shortest and at the longest path. */
type Ends = readonly [shortest: number, longest: number];
type PriceOf = (name: string, works: Works) => Ends;

const times = ([a, b]: Ends, factor: number): Ends => [a * factor, b * factor];

/** What a call costs more, by block. */
function blockPrices({ side, against, points }: PricingInput): readonly PriceOf[] {
  const blocks = Math.min(...points.map(({ added }) => added.length), Infinity);
  return Array.from({ length: Number.isFinite(blocks) ? blocks : 0 }, (_, block): PriceOf => {
    const model = priceModel(
      points.map(({ cached, instructions, added }) => ({ cached, instructions, ns: added[block] ?? 0 })),
    );
    const endsUnder = (name: string, work: FilterWork, one: PricedSide): Ends => {
      const timed = measuredPoint(name, work, { side: one, points })?.added[block];
      if (timed !== undefined) return [timed, timed];
      return [model(work.cached, work.fewest), model(work.cached, work.most)];
    };
    return (name, { own, other }) => {
      const [shortest, longest] = endsUnder(name, own, side);
      if (against === null || other === null) return [shortest, longest];
      const [least, most] = endsUnder(name, other, against);
      return [shortest - most, longest - least];
    };
  });
}

const measuredPoint = (
  name: string,
  work: FilterWork,
  { side, points }: { readonly side: PricedSide; readonly points: readonly PricePoint[] },
): PricePoint | undefined =>
  hasOnePath(work) ? points.find(({ arm, call }) => arm === side.arm && call === name) : undefined;

function spanOf(blocks: readonly Ends[]): PriceSpan | null {
  const [shortest, longest] = [located(blocks.map(([a]) => a)), located(blocks.map(([, b]) => b))];
  return shortest === null || longest === null ? null : { shortest, longest };
}

const scaled = ({ ns, low, high }: Amount, factor: number): Amount => ({
  ns: ns * factor,
  low: low === null ? null : low * factor,
  high: high === null ? null : high * factor,
});
