import type { CallClass, CallPrices } from '../../model/results/workload-findings.js';
import type { Amount, PriceLine } from '../../model/analysis/workload-analysis.js';
import { mean } from '../distributions/moments.js';
import { excess, located, type Blocks } from '../paired/paired-amounts.js';

/** The arms a price compares. */
export interface PricePair {
  readonly arm: string;
  readonly baseline: string;
}

const timesOf = ({ times }: CallPrices, arm: string, call: string): Blocks =>
  times.find((one) => one.arm === arm && one.call === call)?.ns ?? [];

const pricedCalls = ({ times }: CallPrices): readonly string[] => [...new Set(times.map(({ call }) => call))];

/** What a filter adds to a call, cached ones and others apart: the mean over the priced calls of that kind. */
export function priceLines(prices: CallPrices, pair: PricePair): readonly PriceLine[] {
  return (['cached', 'filtered'] as const).flatMap((kind) => {
    const classes = classesOf(prices, pair.arm).filter(
      ({ call, cached }) => pricedCalls(prices).includes(call) && cached === (kind === 'cached'),
    );
    const price =
      classes.length === 0
        ? null
        : excess(
            meanBlocks(classes.map(({ call }) => timesOf(prices, pair.arm, call))),
            meanBlocks(classes.map(({ call }) => timesOf(prices, pair.baseline, call))),
            null,
          );
    return price === null
      ? []
      : [
          {
            arm: pair.arm,
            kind,
            price,
            instructions: kind === 'cached' ? 0 : meanOf(classes.map(instructionsOf)),
            calls: classes.map(({ call }) => call),
          },
        ];
  });
}

const classesOf = ({ classes }: CallPrices, arm: string): readonly CallClass[] =>
  classes.filter((one) => one.arm === arm);

/** What runs depends on arguments nobody recorded: the middle between the shortest path and the longest. */
const instructionsOf = ({ fewest, most }: Pick<CallClass, 'fewest' | 'most'>): number => (fewest + most) / 2;

const meanOf = (values: readonly number[]): number => mean(Float64Array.from(values));

function meanBlocks(series: readonly Blocks[]): Blocks {
  const length = Math.max(0, ...series.map((one) => one.length));
  return Array.from({ length }, (_, block) => {
    const values = series.map((one) => one[block] ?? null);
    return values.some((value) => value === null) ? null : meanOf(values.filter((value) => value !== null));
  });
}

/** How often a call was made. */
export interface CountedCall {
  readonly name: string;
  readonly calls: number;
}

/** Counted calls times what each costs more under the arm. */
export interface PricedCalls {
  readonly amount: Amount | null;
  /** Of all calls, those that run no filter. */
  readonly cachedShare: number;
  /** The call for which the filter runs that costs most; `null`: there is none, or no price. */
  readonly uncached: { readonly call: string; readonly calls: number; readonly amount: Amount } | null;
}

/**
 * The sum over a program's calls, calculated from each block's prices so that its interval is theirs. A cached call
 * costs what the priced cached ones do; any other call what a line through the priced ones gives at its number of
 * instructions (a line from the cached price at none, where they all run about the same number).
 */
export function priceCalls(counts: readonly CountedCall[], prices: CallPrices, pair: PricePair): PricedCalls {
  const classes = classesOf(prices, pair.arm);
  const known = new Map(classes.map((one) => [one.call, one]));
  const total = counts.reduce((sum, { calls }) => sum + calls, 0);
  // A call libseccomp has no name for gets the filter's default action, after the whole filter ran.
  const longest = Math.max(0, ...classes.map(({ most }) => most));
  const classOf = (name: string): Pick<CallClass, 'cached' | 'fewest' | 'most'> =>
    known.get(name) ?? { cached: false, fewest: longest, most: longest };
  const cachedCalls = counts.filter(({ name }) => classOf(name).cached).reduce((sum, { calls }) => sum + calls, 0);
  const probes = pricedCalls(prices).flatMap((call) => {
    const own = known.get(call);
    return own === undefined
      ? []
      : [
          {
            cached: own.cached,
            instructions: instructionsOf(own),
            arm: timesOf(prices, pair.arm, call),
            baseline: timesOf(prices, pair.baseline, call),
          },
        ];
  });
  const blocks = Math.max(0, ...probes.map(({ arm }) => arm.length));
  const models = Array.from({ length: blocks }, (_, block): PriceAt | null => {
    const points = probes.map(({ cached, instructions, arm, baseline }) => ({
      cached,
      instructions,
      ns: difference(arm[block], baseline[block]),
    }));
    if (points.some(({ ns }) => ns === null)) return null;
    return priceModel(points.map((point) => ({ ...point, ns: point.ns ?? 0 })));
  });
  const costOf = (some: readonly CountedCall[]): Amount | null =>
    blocks === 0
      ? null
      : located(
          models.map((priceAt) =>
            priceAt === null
              ? null
              : some.reduce(
                  (sum, { name, calls }) => sum + calls * priceAt(classOf(name).cached, instructionsOf(classOf(name))),
                  0,
                ),
          ),
        );
  return {
    amount: costOf(counts),
    cachedShare: total === 0 ? 1 : cachedCalls / total,
    uncached: dearestOf(
      counts.filter(({ name, calls }) => calls > 0 && !classOf(name).cached),
      costOf,
    ),
  };
}

type PriceAt = ReturnType<typeof priceModel>;

function dearestOf(
  counts: readonly CountedCall[],
  costOf: (some: readonly CountedCall[]) => Amount | null,
): PricedCalls['uncached'] {
  const priced = counts.flatMap(({ name: call, calls }) => {
    const amount = costOf([{ name: call, calls }]);
    return amount === null ? [] : [{ call, calls, amount }];
  });
  return priced.toSorted((one, other) => other.amount.ns - one.amount.ns)[0] ?? null;
}

const difference = (a: number | null | undefined, b: number | null | undefined): number | null =>
  typeof a === 'number' && typeof b === 'number' ? a - b : null;

/** One call's price in one block. */
export interface BlockPrice {
  readonly cached: boolean;
  readonly instructions: number;
  readonly ns: number;
}

/** Nanoseconds a call of a kind costs more, from one block's prices. */
export function priceModel(points: readonly BlockPrice[]): (cached: boolean, instructions: number) => number {
  const cachedPoints = points.filter(({ cached }) => cached);
  const filtered = points.filter(({ cached }) => !cached);
  const cachedNs = cachedPoints.length === 0 ? 0 : meanOf(cachedPoints.map(({ ns }) => ns));
  const line = lineThrough(filtered, cachedNs);
  return (cached, instructions) => (cached ? cachedNs : line(instructions));
}

/**
 * Instructions the largest number must be above the smallest for a slope of their own: below that, a nanosecond of
 * anything else becomes nanoseconds per instruction.
 */
export const LEAST_SPAN = 50;

/** Least squares; where the points' numbers of instructions are too close, the line from the cached price at none. */
function lineThrough(points: readonly BlockPrice[], atNone: number): (instructions: number) => number {
  if (points.length === 0) return () => atNone;
  const counts = points.map(({ instructions }) => instructions);
  const [x, y] = [meanOf(counts), meanOf(points.map(({ ns }) => ns))];
  const isSpread = Math.max(...counts) - Math.min(...counts) >= LEAST_SPAN;
  const slope = isSpread
    ? points.reduce((sum, { instructions, ns }) => sum + (instructions - x) * (ns - y), 0) /
      points.reduce((sum, { instructions }) => sum + (instructions - x) ** 2, 0)
    : x > 0
      ? (y - atNone) / x
      : 0;
  return (instructions) => y + slope * (instructions - x);
}
