import type { AnalysedRun, PairedSeries, RunSeries, SeriesPart, SeriesPoint } from '../../model/analysis/analysis.js';
import { dotAxis } from '../charts/axis.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import type { Axis, Place, Placed, TimeSeries, TimeSpec } from '../charts/spec.js';
import { left, right, type Table } from '../run/tables.js';
import { chartUnit, counted, DASH, effectOf, formatChange, formatTime, signed } from '../text/format.js';
import { blockWords, rolesOf, runTitle } from '../words/run.js';
import { placedIn } from './arms.js';

/** Values farther than so many times the reach of the others are marked at the edge of the axis. */
const FARTHEST = 2;

/** The run by block: every arm, and the paired changes; `null` where no start was timed. */
export function timePicture(analysed: AnalysedRun, id: string): Picture | null {
  const { series } = analysed.analysis;
  if (series === null) return null;
  const spec = timeOf(analysed, series, id);
  return pictureOf('time', spec, { sentence: timeSentence(analysed, series), numbers: timeTable(spec.title, series) });
}

function timeOf(analysed: AnalysedRun, series: RunSeries, id: string): TimeSpec {
  const [unit, divisor] = chartUnit(Math.max(...series.arms.map(({ median }) => median)));
  const placed = placedIn(analysed);
  const axis = axisOf(series, divisor);
  const changeAxis = changeAxisOf(series);
  const warmup = series.warmupBlocks;
  return {
    kind: 'time',
    id,
    title: `${runTitle(analysed)}: the run over time`,
    subtitle: subtitleOf(series, analysed),
    xTitle: analysed.run.plan.scenario.kind === 'parallel' ? 'batch' : 'block',
    yTitle: `${series.metric === 'cpu' ? 'CPU time' : 'wall time'}, ${unit}`,
    changeTitle: 'change, %',
    x: { min: warmup === 0 ? 0 : -warmup - 0.5, max: Math.max(1, series.blocks) },
    axis,
    changeAxis,
    arms: series.arms.map((arm) => ({
      ...lineOf(arm, { label: arm.arm, placed: placed(arm.arm), axis, divisor, bucket: series.bucket }),
      ...withWarmup(arm, { axis, divisor, bucket: series.bucket, warmup }),
    })),
    changes: series.paired.map((pair) => ({
      ...lineOf(pair, {
        label: pair.arm,
        placed: placed(pair.arm),
        axis: changeAxis,
        divisor: 1,
        bucket: series.bucket,
      }),
      estimate: estimateOf(analysed, series, pair),
    })),
  };
}

interface Scale {
  readonly axis: Axis;
  readonly divisor: number;
  readonly bucket: number;
}

interface Told extends Scale {
  readonly label: string;
  readonly placed: Placed;
}

interface Going {
  readonly points: readonly SeriesPoint[];
  readonly parts: readonly SeriesPart[];
}

const middleOf = ({ block }: SeriesPoint, bucket: number): number => block + bucket / 2;

/** A point that holds outliers shows its farthest one as a ring; what is beyond the axis is a triangle at its edge. */
function lineOf({ points, parts }: Going, { label, placed, axis, divisor, bucket }: Told): TimeSeries {
  const far = points.flatMap((point): readonly Place[] =>
    [point.low, point.high].map((value) => [middleOf(point, bucket), value / divisor]),
  );
  return {
    ...placed,
    label,
    points: points.flatMap((point): readonly Place[] => {
      const value = point.median / divisor;
      return value > axis.max || value < axis.min ? [] : [[middleOf(point, bucket), value]];
    }),
    spans:
      bucket === 1
        ? []
        : points
            .filter(({ median }) => median / divisor <= axis.max && median / divisor >= axis.min)
            .map(({ low, high }) => [low / divisor, high / divisor]),
    outliers: points.flatMap((point): readonly Place[] => {
      const value = (point.outliers === 0 ? Number.NaN : farther(point)) / divisor;
      return value <= axis.max ? [[middleOf(point, bucket), value]] : [];
    }),
    clipped: dedupe(
      far.flatMap(([x, value]): readonly Place[] =>
        value > axis.max ? [[x, axis.max]] : value < axis.min ? [[x, axis.min]] : [],
      ),
    ),
    trend: parts.map(({ from, to, median }): Place => [(from + to) / 2, median / divisor]),
  };
}

const farther = ({ low, median, high }: SeriesPoint): number => (high - median >= median - low ? high : low);

const dedupe = (places: readonly Place[]): readonly Place[] => [
  ...new Map(places.map((place) => [`${place[0]} ${place[1]}`, place] as const)).values(),
];

/** Warm-up blocks stand before block 0, as plain points; one beyond the axis stands at its edge. */
function withWarmup(
  arm: RunSeries['arms'][number],
  { axis, divisor, bucket, warmup }: Scale & { readonly warmup: number },
): Pick<TimeSeries, 'points'> {
  const told = lineOf(arm, { label: '', placed: { role: 'baseline', place: 0 }, axis, divisor, bucket });
  return {
    points: [
      ...told.points,
      ...arm.warmup.map((ns, index): Place => [index - warmup, Math.min(axis.max, Math.max(axis.min, ns / divisor))]),
    ],
  };
}

/** From zero where that is near; over all values, unless some lie much farther than the others. */
function axisOf({ arms }: RunSeries, divisor: number): Axis {
  const usual = Math.max(...arms.map(({ high }) => high));
  const all = Math.max(usual, ...arms.flatMap(({ outliers }) => outliers));
  const top = all > FARTHEST * usual ? FARTHEST * usual : all;
  return dotAxis(
    [Math.min(...arms.map(({ low, outliers }) => Math.min(low, ...outliers))), top].map((ns) => ns / divisor),
  );
}

/**
 * Over nearly all paired changes: the farthest one in a hundred of each side may lie beyond. Buckets hold the farthest
 * of many blocks, so that of them five in a hundred may.
 */
function changeAxisOf({ paired, bucket }: RunSeries): Axis {
  const beyond = bucket === 1 ? 0.01 : 0.05;
  const all = paired.flatMap(({ points }) => points.flatMap(({ low, high }) => [low, high])).sort((a, b) => a - b);
  const at = (share: number): number => all[Math.round(share * (all.length - 1))] ?? 0;
  const axis = dotAxis(all.length === 0 ? [0] : [Math.min(0, at(beyond)), Math.max(0, at(1 - beyond))], 5);
  return { ...axis, min: Math.max(-100, axis.min) };
}

function estimateOf({ analysis }: AnalysedRun, { metric }: RunSeries, { arm }: PairedSeries) {
  const estimate = analysis.comparisons.find((one) => one.arm === arm && one.metric === metric)?.estimate ?? null;
  if (estimate === null) return null;
  const { percent, low, high } = effectOf(estimate);
  return low === null || high === null ? null : { value: percent, low, high };
}

function subtitleOf({ bucket, warmupBlocks }: RunSeries, { run }: AnalysedRun): string {
  const { scenario } = run.plan;
  const [one, plain] = scenario.kind === 'parallel' ? ['batch', 'batches'] : ['block', 'blocks'];
  return [
    bucket === 1
      ? `One point per ${one} and arm.`
      : `Thinned: each point is the median of ${bucket} ${plain}, its line reaches from their smallest to their \
largest value.`,
    'Lines: medians of parts of the run.',
    'Rings: outliers. Triangles at the edge: beyond the axis.',
    ...(warmupBlocks === 0 ? [] : [`Shaded: ${blockWords(scenario, warmupBlocks)} of warm-up, not analysed.`]),
    'Below: change in pairs, with the estimate and its 95 % interval as a band.',
  ].join(' ');
}

function timeSentence(analysed: AnalysedRun, series: RunSeries): string {
  const { baseline } = rolesOf(analysed);
  const { scenario } = analysed.run.plan;
  const drift = analysed.analysis.diagnostics.find((one) => one.kind === 'drift' && one.metric === series.metric);
  const outliers = series.arms.reduce((sum, one) => sum + one.outlierCount, 0);
  const seen = `${counted(outliers, 'outlier')} in ${blockWords(scenario, series.blocks)}`;
  if (drift?.kind !== 'drift') return `${seen}; too few for a statement about drift.`;
  return `${baseline} moves by ${formatChange(drift.logRatio)} from the first to the last quarter of the run${
    drift.clear ? ', which does not affect pairs' : ', which is little'
  }; ${seen}.`;
}

/** The twentieths of the run: what the eye follows in the picture. */
function timeTable(title: string, { arms, paired }: RunSeries): Table {
  const places = arms[0]?.parts ?? [];
  const at = (parts: readonly SeriesPart[], from: number, text: (value: number) => string): string => {
    const part = parts.find((one) => one.from === from);
    return part === undefined ? DASH : text(part.median);
  };
  return {
    title,
    columns: [
      left('Blocks'),
      ...arms.map(({ arm }) => right(`Median, ${arm}`)),
      ...paired.map(({ arm, baseline }) => right(`Median change, ${arm} / ${baseline}`)),
    ],
    rows: places.map(({ from, to }) => [
      `${from + 1} to ${to}`,
      ...arms.map(({ parts }) => at(parts, from, formatTime)),
      ...paired.map(({ parts }) => at(parts, from, (percent) => `${signed(percent, 1)} %`)),
    ]),
  };
}
