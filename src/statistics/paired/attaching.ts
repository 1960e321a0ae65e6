import { LOAD_PARTS } from '../../model/filter/attaching.js';
import type {
  LoadPart,
  LoadWay,
  TimeInterval,
  PartLine,
  PartTime,
  RecordedLoads,
} from '../../model/filter/attaching.js';
import { repeated } from './bytes-each.js';

type Loads = RecordedLoads['files'][number];

/** A file of the sweep. */
export interface SweptLoads {
  readonly instructions: number;
  readonly loads: Loads;
}

/**
 * Per part the two ways of which it is the difference; `copy` is a way of its own. What is common to all ways but
 * `refused` and belongs to no other part is in `translate`.
 */
const DIFFERENCES: Readonly<Record<Exclude<LoadPart, 'convert'>, readonly [LoadWay, LoadWay | null]>> = {
  copy: ['refused', null],
  translate: ['empty', 'refused'],
  jit: ['whole', 'interpreted'],
  walk: ['full', 'empty'],
  first: ['whole', 'full'],
};

/** A way's time over all rounds. Throws `RangeError` for one that was not recorded twice. */
export const timeOf = (loads: Loads, way: LoadWay): TimeInterval => amountOf(seriesOf(loads, way), way);

/** How much longer a load takes with SECCOMP_FILTER_FLAG_LOG; `null` where it was not recorded. */
export function logOf(loads: Loads): TimeInterval | null {
  if (loads.log === undefined) return null;
  return amountOf(minus(loads.log, seriesOf(loads, 'whole')), 'log');
}

/** The parts of a load: trimmed means of differences within rounds. `convert` and `jit` only with `interpreted`. */
export const attachedParts = (loads: Loads): readonly PartTime[] =>
  LOAD_PARTS.flatMap((part) => {
    const values = partOf(loads, part);
    return values === null ? [] : [{ part, ...amountOf(values, part) }];
  });

/** One value per round; `null` where the ways for it were not recorded. */
function partOf(loads: Loads, part: LoadPart): readonly number[] | null {
  if (part === 'convert') {
    const [translate, jit] = [partOf(loads, 'translate'), partOf(loads, 'jit')];
    return translate === null || jit === null ? null : minus(translate, jit);
  }
  const [way, other] = DIFFERENCES[part];
  const [own, base] = [loads[way], other === null ? null : loads[other]];
  if (own === undefined || base === undefined) return null;
  return base === null ? own : minus(own, base);
}

const minus = (a: readonly number[], b: readonly number[]): readonly number[] => a.map((one, i) => one - (b[i] ?? 0));

function seriesOf(loads: Loads, way: LoadWay): readonly number[] {
  const series = loads[way];
  if (series === undefined) throw new RangeError(`no load was recorded: ${way}`);
  return series;
}

function amountOf(values: readonly number[], what: string): TimeInterval {
  const found = repeated(values);
  if (found === null) throw new RangeError(`fewer than two rounds: ${what}`);
  return { ns: found.value, low: found.low, high: found.high };
}

/**
 * A line per part through the filters of a sweep: fitted in each round, weighted by 1 / instructions squared as errors
 * grow with the times, and then located over all rounds. `first` does not depend on the filter.
 */
export function linesOf(swept: readonly SweptLoads[], instructions: number): readonly PartLine[] {
  return LOAD_PARTS.filter((part) => part !== 'first').flatMap((part) => {
    const series = swept.map(({ instructions: x, loads }) => ({ x, values: partOf(loads, part) }));
    const rounds = series[0]?.values?.length ?? 0;
    if (rounds < 2 || series.some(({ values }) => values === null)) return [];
    const fits = Array.from({ length: rounds }, (_, round) =>
      fitted(series.map(({ x, values }) => ({ x, y: values?.[round] ?? 0 }))),
    );
    const at = (x: number): readonly number[] => fits.map(({ slope, intercept }) => intercept + slope * x);
    return [
      {
        part,
        perInstruction: amountOf(
          fits.map(({ slope }) => slope),
          part,
        ),
        fixed: amountOf(at(0), part),
        expectedNs: amountOf(at(instructions), part).ns,
      },
    ];
  });
}

function fitted(points: readonly { readonly x: number; readonly y: number }[]): {
  readonly slope: number;
  readonly intercept: number;
} {
  const sums = { w: 0, x: 0, y: 0, xx: 0, xy: 0 };
  for (const { x, y } of points) {
    const w = 1 / (x * x);
    sums.w += w;
    sums.x += w * x;
    sums.y += w * y;
    sums.xx += w * x * x;
    sums.xy += w * x * y;
  }
  const slope = (sums.w * sums.xy - sums.x * sums.y) / (sums.w * sums.xx - sums.x * sums.x);
  return { slope, intercept: (sums.y - slope * sums.x) / sums.w };
}
