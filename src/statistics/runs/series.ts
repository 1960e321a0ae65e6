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
import { densityOf } from '../distributions/density.js';
import { at, quantile, series, sorted, type Series } from '../distributions/moments.js';
import { excess } from '../paired/paired-amounts.js';
import { isComplete, type Turns } from '../paired/turns.js';
import type { Roles } from '../verdict/roles.js';
import { FENCE } from './describe.js';

/** More points than this are not told apart in a picture: blocks next to each other are then drawn together. */
const MOST_POINTS = 600;
/** Parts of the run whose medians show drift. */
const PARTS = 20;
/** Fewer blocks in a part give no median worth a line. */
const FEWEST_IN_PART = 3;

interface Going {
  readonly turns: Turns;
  readonly roles: Roles;
  readonly samples: readonly Sample[];
}

type Timed = RunSeries['metric'];

/** The run as it went on, in CPU time, or wall time where no CPU time was recorded; `null` without a complete turn. */
export function seriesOf({ turns, roles, samples }: Going): RunSeries | null {
  const metric = decidingMetric(turns);
  const bucket = Math.ceil(turns.blocks / MOST_POINTS);
  const warmups = turns.arms.map((arm) => warmupOf(samples, arm, metric));
  const arms = turns.arms.flatMap((_, arm) => armSeries(turns, { arm, metric, bucket }, warmups[arm] ?? []));
  if (arms.length === 0) return null;
  return {
    metric,
    blocks: turns.blocks,
    warmupBlocks: Math.max(...warmups.map(({ length }) => length)),
    bucket,
    arms,
    paired: roles.compared.map(({ arm, baseline, control }): PairedSeries => {
      const changes = changesOf(turns, metric, [arm, baseline, control ?? baseline]);
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
      const of = (place: number): (number | null)[] => completeValues(turns, metric, place);
      const base = of(baseline);
      if (metric === 'cpu' && base.every((value) => value === 0)) return [];
      const amount = excess(of(arm), base, control === null ? null : of(control));
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

/** Of one container: a batch's CPU time is a sum. */
function valueOf(turns: Turns, metric: Timed, turn: number): number {
  return metric === 'cpu' ? at(turns.cpuNs, turn) / turns.perTurn : at(turns.wallNs, turn);
}

const completeValues = (turns: Turns, metric: Timed, arm: number): (number | null)[] =>
  Array.from(turns.complete, (block) => valueOf(turns, metric, arm * turns.blocks + block));

/** By block, NaN where the turn is not complete. */
const valuesByBlock = (turns: Turns, metric: Timed, arm: number): Series =>
  series(turns.blocks, (block) => {
    const turn = arm * turns.blocks + block;
    return isComplete(turns, turn) ? valueOf(turns, metric, turn) : Number.NaN;
  });

function armSeries(
  turns: Turns,
  { arm, metric, bucket }: { readonly arm: number; readonly metric: Timed; readonly bucket: number },
  warmup: readonly number[],
): readonly ArmSeries[] {
  const byBlock = valuesByBlock(turns, metric, arm);
  const known = sorted(byBlock.filter((value) => !Number.isNaN(value)));
  if (known.length === 0) return [];
  const [p25, median, p75] = [quantile(known, 0.25), quantile(known, 0.5), quantile(known, 0.75)];
  const fence = [p25 - FENCE * (p75 - p25), p75 + FENCE * (p75 - p25)] as const;
  const within = known.filter((value) => value >= fence[0] && value <= fence[1]);
  const outside = [...known].filter((value) => value < fence[0] || value > fence[1]);
  const reach = { low: at(within, 0), high: at(within, within.length - 1), p25, p75 };
  return [
    {
      arm: turns.arms[arm] ?? '',
      count: known.length,
      points: bucketed(byBlock, bucket, fence),
      parts: partsOf(byBlock),
      warmup,
      median,
      ...reach,
      outliers: farthest(outside, median),
      outlierCount: outside.length,
      density: densityOf(known, reach),
    },
  ];
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
function changesOf(turns: Turns, metric: Timed, [arm, baseline, control]: readonly [number, number, number]): Series {
  const [own, base, copy] = [arm, baseline, control].map((place) => valuesByBlock(turns, metric, place));
  return series(turns.blocks, (block) => {
    const [a, b, c] = [own, base, copy].map((values) => Math.log(values?.[block] ?? Number.NaN));
    const change = 100 * Math.expm1((a ?? Number.NaN) - ((b ?? Number.NaN) + (c ?? Number.NaN)) / 2);
    return Number.isFinite(change) ? change : Number.NaN;
  });
}

const isKnown = (value: number): boolean => !Number.isNaN(value);

/** Blocks next to each other together: their median, smallest and largest. Buckets without a value are left out. */
function bucketed(values: Series, size: number, [low, high]: readonly [number, number]): readonly SeriesPoint[] {
  const points: SeriesPoint[] = [];
  for (let block = 0; block < values.length; block += size) {
    const own = sorted(values.subarray(block, block + size).filter(isKnown));
    if (own.length > 0)
      points.push({
        block,
        median: quantile(own, 0.5),
        low: at(own, 0),
        high: at(own, own.length - 1),
        outliers: own.filter((value) => value < low || value > high).length,
      });
  }
  return points;
}

/** Medians of equal parts of the run; none where a part would hold too few blocks. */
function partsOf(values: Series): readonly SeriesPart[] {
  const parts = Math.min(PARTS, Math.floor(values.length / FEWEST_IN_PART));
  return Array.from({ length: parts }, (_, part) => {
    const [from, to] = [part, part + 1].map((edge) => Math.round((edge * values.length) / parts)) as [number, number];
    return { from, to, median: quantile(sorted(values.subarray(from, to).filter(isKnown)), 0.5) };
  }).filter(({ median }) => isKnown(median));
}

/** One value per warm-up block of an arm, in run order: that of its container, or of its batch. */
function warmupOf(samples: readonly Sample[], arm: string, metric: Timed): readonly number[] {
  const own = samples.filter((sample) => sample.warmup && sample.arm === arm);
  const batches = own.flatMap((sample) => (sample.kind === 'batch' ? [sample] : []));
  const containers = own.flatMap((sample) => (sample.kind === 'container' && sample.state === 'ok' ? [sample] : []));
  if (metric === 'wall' && batches.length > 0)
    return batches.flatMap(({ makespanNs }) => (makespanNs === undefined ? [] : [makespanNs]));
  const byBlock = new Map<number, number[]>();
  for (const { block, userNs, systemNs, wallNs } of containers)
    byBlock.set(block, [...(byBlock.get(block) ?? []), metric === 'cpu' ? userNs + systemNs : wallNs]);
  return [...byBlock.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, values]) => values.reduce((sum, value) => sum + value, 0) / values.length);
}
