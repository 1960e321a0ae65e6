import type {
  AddedTime,
  ArmSeries,
  PairedSeries,
  RunSeries,
  SeriesPart,
  SeriesPoint,
} from '../../model/analysis/series.js';
import { MOST_OUTLIERS } from '../../model/analysis/series.js';
import type { Sample } from '../../model/results/sample.js';
import { SampleTable, type SampleSet } from '../../model/results/sample-table.js';
import { densityOf } from '../distributions/density.js';
import { at, type Series } from '../distributions/moments.js';
import { medianOf, scratchCopy, selectQuantiles } from '../distributions/selection.js';
import { excessOf } from '../paired/paired-amounts.js';
import { inComplete, isComplete, type Turns } from '../paired/turns.js';
import type { Roles } from '../verdict/roles.js';
import { countOutside, FENCE, greatest, least } from './describe.js';

/** More points than this are not told apart in a picture: blocks next to each other are then drawn together. */
const MOST_POINTS = 300;
/** Parts of the run whose medians show drift. */
const PARTS = 20;
/** Fewer blocks in a part give no median worth a line. */
const FEWEST_IN_PART = 3;

interface Going {
  readonly turns: Turns;
  readonly roles: Roles;
  readonly samples: SampleSet;
}

type Timed = RunSeries['metric'];

const NONE = new Float64Array(0);

/** The run as it went on, in CPU time, or wall time where no CPU time was recorded; `null` without a complete turn. */
export function seriesOf({ turns, roles, samples }: Going): RunSeries | null {
  const metric = decidingMetric(turns);
  const bucket = Math.ceil(turns.blocks / MOST_POINTS);
  const warm = samples instanceof SampleTable ? samples.warmups() : samples.filter(({ warmup }) => warmup);
  const warmups = turns.arms.map((arm) => warmupOf(warm, arm, metric));
  const byArm = turns.arms.map((_, arm) => valuesByBlock(turns, metric, arm));
  const arms = turns.arms.flatMap((name, arm) =>
    armSeries(name, { byBlock: byArm[arm] ?? NONE, bucket, warmup: warmups[arm] ?? [] }),
  );
  if (arms.length === 0) return null;
  return {
    metric,
    blocks: turns.blocks,
    warmupBlocks: Math.max(...warmups.map(({ length }) => length)),
    bucket,
    arms,
    paired: roles.compared.map(({ arm, baseline, control }): PairedSeries => {
      const changes = changesOf([arm, baseline, control ?? baseline].map((place) => byArm[place] ?? NONE));
      return {
        arm: turns.arms[arm] ?? '',
        baseline: turns.arms[baseline] ?? '',
        points: bucketed(changes, bucket, [-Infinity, Infinity]),
        parts: partsOf(changes),
      };
    }),
  };
}

/** What every compared arm adds, in CPU and in wall time; CPU time of a batch is divided by its containers. */
export function addedTimes({ turns, roles }: Pick<Going, 'turns' | 'roles'>): readonly AddedTime[] {
  return roles.compared.flatMap(({ arm, baseline, control }) =>
    (['cpu', 'wall'] as const).flatMap((metric): readonly AddedTime[] => {
      const of = (place: number): Series => completeValues(turns, metric, place);
      const base = of(baseline);
      if (metric === 'cpu' && base.every((value) => value === 0)) return [];
      const amount = excessOf(of(arm), base, control === null ? null : of(control));
      if (amount === null) return [];
      return [
        {
          ...amount,
          arm: turns.arms[arm] ?? '',
          baseline: turns.arms[baseline] ?? '',
          metric,
          perContainer: metric === 'cpu' || !turns.parallel,
          blocks: base.length,
        },
      ];
    }),
  );
}

const decidingMetric = ({ cpuNs }: Turns): Timed => (cpuNs.some((value) => value > 0) ? 'cpu' : 'wall');

/** The turns' values of a metric, and how many containers share each: a batch's CPU time is a sum. */
const ofMetric = (turns: Turns, metric: Timed): readonly [values: Series, shared: number] =>
  metric === 'cpu' ? [turns.cpuNs, turns.perTurn] : [turns.wallNs, 1];

/** Of one container, in the complete blocks. */
function completeValues(turns: Turns, metric: Timed, arm: number): Series {
  const [values, shared] = ofMetric(turns, metric);
  const own = inComplete(turns, values, arm);
  return shared === 1 ? own : own.map((value) => value / shared);
}

/** By block, NaN where the turn is not complete. */
function valuesByBlock(turns: Turns, metric: Timed, arm: number): Series {
  if (turns.complete.length === turns.blocks) return completeValues(turns, metric, arm);
  const [values, shared] = ofMetric(turns, metric);
  const own = new Float64Array(turns.blocks);
  for (let block = 0; block < own.length; block++) {
    const turn = arm * turns.blocks + block;
    own[block] = isComplete(turns, turn) ? at(values, turn) / shared : Number.NaN;
  }
  return own;
}

interface OwnSeries {
  readonly byBlock: Series;
  readonly bucket: number;
  readonly warmup: readonly number[];
}

function armSeries(name: string, { byBlock, bucket, warmup }: OwnSeries): readonly ArmSeries[] {
  const known = scratchCopy(knownOf(byBlock));
  if (known.length === 0) return [];
  const [p25 = Number.NaN, median = Number.NaN, p75 = Number.NaN] = selectQuantiles(known, [0.25, 0.5, 0.75]);
  const fence = [p25 - FENCE * (p75 - p25), p75 + FENCE * (p75 - p25)] as const;
  const { low, high, outside } = fenced(known, fence);
  const reach = { low, high, p25, p75 };
  const density = densityOf(known, reach);
  return [
    {
      arm: name,
      count: known.length,
      // The copy of the known values is good until here.
      points: bucketed(byBlock, bucket, fence),
      parts: partsOf(byBlock),
      warmup,
      median,
      ...reach,
      outliers: farthest(outside, median),
      outlierCount: outside.length,
      density,
    },
  ];
}

/** The values that are not NaN, in their order; the series itself where all are. */
function knownOf(values: Series): Series {
  if (!hasUnknown(values)) return values;
  const known = new Float64Array(values.length);
  let found = 0;
  for (let i = 0; i < values.length; i++) if (isKnown(at(values, i))) known[found++] = at(values, i);
  return known.subarray(0, found);
}

/** A plain loop: a search with a function is several times slower. */
function hasUnknown(values: Series): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(at(values, i))) return true;
  return false;
}

/** The smallest and largest value within the fence, and those outside, ascending. */
function fenced(values: Series, [least, most]: readonly [number, number]) {
  let [low, high] = [Infinity, -Infinity];
  const outside: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = at(values, i);
    if (value < least || value > most) outside.push(value);
    else {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return { low, high, outside: outside.sort((a, b) => a - b) };
}

/** All, or of very many those farthest from the median; ascending. */
const farthest = (values: readonly number[], median: number): readonly number[] =>
  values.length <= MOST_OUTLIERS
    ? values
    : [...values]
        .sort((a, b) => Math.abs(b - median) - Math.abs(a - median))
        .slice(0, MOST_OUTLIERS)
        .sort((a, b) => a - b);

/** Percent by which an arm differs from the mean of the logarithms of baseline and control, block by block. */
function changesOf([own = NONE, base = NONE, copy = NONE]: readonly Series[]): Series {
  const changes = new Float64Array(own.length);
  for (let block = 0; block < own.length; block++) {
    // Half the sum of two logarithms is the logarithm of the geometric mean.
    const change = 100 * (at(own, block) / Math.sqrt(at(base, block) * at(copy, block)) - 1);
    changes[block] = Number.isFinite(change) ? change : Number.NaN;
  }
  return changes;
}

const isKnown = (value: number): boolean => !Number.isNaN(value);

/** Blocks next to each other together: their median, smallest and largest. Buckets without a value are left out. */
function bucketed(values: Series, size: number, [low, high]: readonly [number, number]): readonly SeriesPoint[] {
  const points: SeriesPoint[] = [];
  for (let block = 0; block < values.length; block += size) {
    const own = knownOf(values.subarray(block, block + size));
    if (own.length > 0)
      points.push({
        block,
        median: medianOf(own),
        low: least(own),
        high: greatest(own),
        outliers: countOutside(own, low, high),
      });
  }
  return points;
}

/** Medians of equal parts of the run; none where a part would hold too few blocks. */
function partsOf(values: Series): readonly SeriesPart[] {
  const parts = Math.min(PARTS, Math.floor(values.length / FEWEST_IN_PART));
  return Array.from({ length: parts }, (_, part) => {
    const [from, to] = [part, part + 1].map((edge) => Math.round((edge * values.length) / parts)) as [number, number];
    const own = knownOf(values.subarray(from, to));
    return { from, to, median: own.length === 0 ? Number.NaN : medianOf(own) };
  }).filter(({ median }) => isKnown(median));
}

/** Of warm-up samples, one value per block of an arm, in run order: that of its container, or of its batch. */
function warmupOf(samples: readonly Sample[], arm: string, metric: Timed): readonly number[] {
  const own = samples.filter((sample) => sample.arm === arm);
  const batches = own.flatMap((sample) => (sample.kind === 'batch' ? [sample] : []));
  const containers = own.flatMap((sample) => (sample.kind === 'container' && sample.state === 'ok' ? [sample] : []));
  if (metric === 'wall' && batches.length > 0)
    return batches.flatMap(({ makespanNs }) => (makespanNs === undefined ? [] : [makespanNs]));
  const byBlock = new Map<number, { sum: number; count: number }>();
  for (const { block, userNs, systemNs, wallNs } of containers) {
    const { sum, count } = byBlock.get(block) ?? { sum: 0, count: 0 };
    byBlock.set(block, { sum: sum + (metric === 'cpu' ? userNs + systemNs : wallNs), count: count + 1 });
  }
  return [...byBlock.entries()].sort(([a], [b]) => a - b).map(([, { sum, count }]) => sum / count);
}
