import type { LatencyShare, Sweep, SweepPoint } from '../../model/analysis/throughput.js';
import { barAxis } from '../charts/axis.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import type { LinesSpec, Placed } from '../charts/spec.js';
import { EFFICIENCY, rateText, sweepTable } from '../run/throughput.js';
import { counted, formatTime, plain } from '../text/format.js';

type Line = LinesSpec['lines'][number];
type PlacedOf = (arm: string) => Placed;

/** Throughput, latency and efficiency of a sweep over concurrency, all with 95 % intervals where there are some. */
export function sweepPictures(sweep: Sweep, placed: PlacedOf, id: string): readonly Picture[] {
  const numbers = sweepTable(sweep);
  const picture = (spec: LinesSpec, sentence: string): Picture => pictureOf('sweep', spec, { sentence, numbers });
  return [
    picture(throughputOf(sweep, placed, `${id}-throughput`), throughputSentence(sweep)),
    picture(latencyOf(sweep, placed, `${id}-latency`), latencySentence(sweep, placed)),
    picture(efficiencyOf(sweep, placed, id), efficiencySentence(sweep)),
  ];
}

const armsOf = ({ points }: Sweep): readonly string[] => [...new Set(points.map(({ arm }) => arm))];

interface Read {
  readonly value: (point: SweepPoint) => number | null;
  readonly low: (point: SweepPoint) => number | null;
  readonly high: (point: SweepPoint) => number | null;
}

/** One value per level of an arm. */
function lineOf(sweep: Sweep, arm: string, { value, low, high }: Read): Pick<Line, 'values' | 'low' | 'high'> {
  const read = (of: Read['value']): readonly (number | null)[] =>
    sweep.levels.map((level) => {
      const point = sweep.points.find((one) => one.arm === arm && one.concurrency === level);
      return point === undefined ? null : of(point);
    });
  return { values: read(value), low: read(low), high: read(high) };
}

const shared = ({ levels, count }: Sweep) => ({
  kind: 'lines' as const,
  labels: levels.map(String),
  xTitle: 'containers in flight (C)',
  count,
});

/** An axis from zero over all values and bounds. */
const axisOver = (lines: readonly Pick<Line, 'values' | 'high'>[]): LinesSpec['axis'] =>
  barAxis(lines.flatMap(({ values, high }) => [...values, ...high].filter((one) => one !== null)));

function throughputOf(sweep: Sweep, placed: PlacedOf, id: string): LinesSpec {
  const lines = armsOf(sweep).map((arm) => ({
    label: arm,
    ...placed(arm),
    dash: 0,
    ...lineOf(sweep, arm, {
      value: ({ perSecond }) => perSecond,
      low: ({ perSecondLow }) => perSecondLow,
      high: ({ perSecondHigh }) => perSecondHigh,
    }),
  }));
  const { count, ...rest } = shared(sweep);
  return {
    ...rest,
    id,
    title: 'Throughput',
    yTitle: 'containers per second',
    subtitle: `Batches of ${count} containers. Upright lines: 95 % interval.`,
    axis: axisOver(lines),
    lines,
  };
}

const SHARES: readonly LatencyShare[] = ['median', 'p90', 'p99'];
const SHARE_WORDS: Readonly<Record<LatencyShare, string>> = { median: 'p50', p90: 'p90', p99: 'p99' };

/** The control repeats the baseline and is left out: it would hide it. */
function latencyOf(sweep: Sweep, placed: PlacedOf, id: string): LinesSpec {
  const lines = armsOf(sweep)
    .filter((arm) => placed(arm).role !== 'control')
    .flatMap((arm) =>
      SHARES.map((share, dash) => ({
        label: `${arm} ${SHARE_WORDS[share]}`,
        ...placed(arm),
        dash,
        ...lineOf(sweep, arm, {
          value: ({ latency }) => inMs(latency?.[share]),
          low: ({ latencyIntervals }) => inMs(latencyIntervals?.[share].low),
          high: ({ latencyIntervals }) => inMs(latencyIntervals?.[share].high),
        }),
      })),
    );
  const { count, ...rest } = shared(sweep);
  return {
    ...rest,
    id,
    title: 'Latency of single containers',
    yTitle: 'latency, ms',
    subtitle: `Batches of ${count} containers; solid p50, long dashes p90, short dashes p99. Upright lines: 95 % \
interval over batches, where at least 6 batches and enough containers give one.`,
    axis: axisOver(lines),
    lines,
  };
}

const inMs = (ns: number | null | undefined): number | null => (ns === null || ns === undefined ? null : ns / 1e6);

function efficiencyOf(sweep: Sweep, placed: PlacedOf, id: string): LinesSpec {
  const { levels, cpuCount } = sweep;
  const percent = (share: number | null): number | null => (share === null ? null : 100 * share);
  const none = levels.map(() => null);
  const guide = (label: string, role: 'ideal' | 'limit', values: readonly number[]): Line => ({
    label,
    role,
    place: 0,
    dash: 0,
    values,
    low: none,
    high: none,
  });
  const lines: readonly Line[] = [
    guide(
      'ideal',
      'ideal',
      levels.map(() => 100),
    ),
    guide(
      `${counted(cpuCount, 'CPU')}, if all were CPU work`,
      'limit',
      levels.map((level) => 100 * Math.min(1, cpuCount / level)),
    ),
    ...armsOf(sweep).map((arm) => ({
      label: arm,
      ...placed(arm),
      dash: 0,
      ...lineOf(sweep, arm, {
        value: ({ efficiency }) => percent(efficiency),
        low: ({ efficiencyLow }) => percent(efficiencyLow),
        high: ({ efficiencyHigh }) => percent(efficiencyHigh),
      }),
    })),
  ];
  const { count, ...rest } = shared(sweep);
  return {
    ...rest,
    id,
    title: 'Scaling efficiency',
    yTitle: 'efficiency in %',
    subtitle: `Batches of ${count} containers. ${EFFICIENCY} Upright lines: 95 % interval.`,
    axis: axisOver(lines),
    lines,
  };
}

/** The best point of an arm by a figure; `undefined` of an empty sweep. */
const best = (points: readonly SweepPoint[], of: (point: SweepPoint) => number): SweepPoint | undefined =>
  points.reduce<SweepPoint | undefined>((a, b) => (a === undefined || of(b) > of(a) ? b : a), undefined);

function throughputSentence({ points }: Sweep): string {
  const most = best(points, ({ perSecond }) => perSecond);
  return most === undefined
    ? 'No batch is complete.'
    : `The most is ${rateText(most)} containers per second, by ${most.arm} with ${most.concurrency} in \
flight.`;
}

function latencySentence({ points, levels }: Sweep, placed: PlacedOf): string {
  const last = points.filter(({ arm, concurrency }) => concurrency === levels.at(-1) && placed(arm).role !== 'control');
  const told = last.flatMap(({ arm, latency }) =>
    latency === null ? [] : [`${arm} ${formatTime(latency.median)} at p50 and ${formatTime(latency.p99)} at p99`],
  );
  return told.length === 0 ? 'No latency was recorded.' : `With ${levels.at(-1) ?? 0} in flight: ${told.join('; ')}.`;
}

function efficiencySentence({ points, levels }: Sweep): string {
  const told = points.flatMap(({ arm, concurrency, efficiency }) =>
    concurrency !== levels.at(-1) || efficiency === null ? [] : [`${arm} ${plain(100 * efficiency, 0)} %`],
  );
  return told.length === 0
    ? 'Efficiency is not known without level 1.'
    : `With ${levels.at(-1) ?? 0} in flight, efficiency is: ${told.join(', ')}.`;
}
