import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type { Description } from '../../model/analysis/description.js';
import { FEWEST_FOR_P99, type ArmThroughput, type Sweep, type SweepPoint } from '../../model/analysis/throughput.js';
import type { LinesSpec } from '../charts/spec.js';
import { arrange, clipped, wrapped } from '../text/columns.js';
import { durationOrDash, plain, printable } from '../text/format.js';
import { left, right, type Table } from './tables.js';

/** Behind a 99th percentile that fewer values than 100 cannot carry. */
const FEW = '*';

const DEFINITIONS =
  'Throughput: containers of a batch / mean makespan. Latency: start to end of one container, percentiles of type 7.';
const EFFICIENCY = 'Efficiency: throughput at C / (C x throughput at 1), of the same arm.';
const FEW_NOTE = `${FEW} of fewer than ${FEWEST_FOR_P99} containers: between the two largest.`;

const p99Of = (latency: Description | null): string =>
  latency === null ? '\u2013' : `${durationOrDash(latency.p99)}${latency.count < FEWEST_FOR_P99 ? FEW : ''}`;

const isFew = ({ latency }: ArmThroughput): boolean => latency !== null && latency.count < FEWEST_FOR_P99;

const rateText = ({ perSecond, perSecondLow, perSecondHigh }: ArmThroughput): string =>
  perSecondLow === null || perSecondHigh === null
    ? plain(perSecond, 1)
    : `${plain(perSecond, 1)} [${plain(perSecondLow, 1)}, ${plain(perSecondHigh, 1)}]`;

const latencyCells = ({ latency }: ArmThroughput): readonly string[] => [
  durationOrDash(latency?.median),
  durationOrDash(latency?.p90),
  p99Of(latency),
  durationOrDash(latency?.max),
];

const FIGURES = [
  right('Mean makespan'),
  right('Containers/s [95 %]'),
  right('p50'),
  right('p90'),
  right('p99'),
  right('Max'),
];

const figureCells = (point: ArmThroughput): readonly string[] => [
  durationOrDash(point.makespanSeconds * 1e9),
  rateText(point),
  ...latencyCells(point),
];

/** Throughput and latency of the arms of one parallel run; `null` where there is no complete batch. */
export function throughputTable({ analysis: { throughput } }: AnalysedRun): Table | null {
  if (throughput.length === 0) return null;
  return {
    title: 'Throughput and latency',
    columns: [left('Arm'), ...FIGURES],
    rows: throughput.map((arm) => [arm.arm, ...figureCells(arm)]),
    note: [DEFINITIONS, ...(throughput.some(isFew) ? [FEW_NOTE] : [])].join(' '),
  };
}

const percent = (share: number | null): string => (share === null ? '\u2013' : `${plain(100 * share, 1)} %`);

/** All arms at all levels of a sweep. */
export function sweepTable({ points, cpuCount }: Sweep): Table {
  return {
    title: 'Sweep over concurrency',
    columns: [left('Arm'), right('In flight'), ...FIGURES, right('Efficiency')],
    rows: points.map((point) => [
      point.arm,
      String(point.concurrency),
      ...figureCells(point),
      percent(point.efficiency),
    ]),
    note: [
      DEFINITIONS,
      EFFICIENCY,
      `This host has ${cpuCount} CPUs: were a start nothing but CPU work, min(C, ${cpuCount})/C would be the most; more means that part of it is waiting, or that others share the machine.`,
      ...(points.some(isFew) ? [FEW_NOTE] : []),
    ].join(' '),
  };
}

/** Efficiency against concurrency, one line per arm, with the ideal and what the processors allow. */
export function sweepLines(
  { points, levels, cpuCount, count }: Sweep,
  arms: { readonly baseline: string; readonly control: string | undefined },
  id: string,
): LinesSpec {
  const names = [...new Set(points.map(({ arm }) => arm))];
  const valueAt = (arm: string, level: number): number | null => {
    const efficiency = points.find((point) => point.arm === arm && point.concurrency === level)?.efficiency ?? null;
    return efficiency === null ? null : 100 * efficiency;
  };
  const values = points.flatMap(({ efficiency }) => (efficiency === null ? [] : [100 * efficiency]));
  return {
    kind: 'lines',
    id,
    title: 'Scaling efficiency',
    labels: levels.map(String),
    xTitle: 'containers in flight (C)',
    yTitle: 'efficiency in %',
    subtitle: `Batches of ${count} containers. ${EFFICIENCY}`,
    axis: { min: 0, max: Math.max(120, Math.ceil(Math.max(...values) / 20) * 20), step: 20 },
    lines: [
      { label: 'ideal', role: 'ideal', values: levels.map(() => 100) },
      {
        label: `${cpuCount} CPUs, were it all CPU work`,
        role: 'limit',
        values: levels.map((level) => 100 * Math.min(1, cpuCount / level)),
      },
      ...names.map((arm) => ({
        label: arm,
        role:
          arm === arms.baseline
            ? ('baseline' as const)
            : arm === arms.control
              ? ('control' as const)
              : ('compared' as const),
        values: levels.map((level) => valueAt(arm, level)),
      })),
    ],
  };
}

/** A sweep for a terminal: every arm at every level, narrower where the terminal is. */
export function sweepLinesOfText(sweep: Sweep, width: number): readonly string[] {
  const wide = width >= 76;
  const heads = [
    'arm',
    'C',
    ...(wide ? ['makespan'] : []),
    '/s',
    'p50 ms',
    ...(wide ? ['p90 ms'] : []),
    'p99 ms',
    'max ms',
    'effic.',
  ];
  const rows = sweep.points.map((point) => textRow(point, wide));
  return [
    clipped(`Sweep over concurrency: batches of ${sweep.count}, C in flight, ${sweep.cpuCount} CPUs`, width),
    ...arrange([heads, ...rows], { width, first: wide ? 16 : 9, align: 'right' }),
    ...wrapped(`${EFFICIENCY}${sweep.points.some(isFew) ? ` ${FEW_NOTE}` : ''}`, width),
  ];
}

function textRow(point: SweepPoint, wide: boolean): readonly string[] {
  const { arm, concurrency, makespanSeconds, perSecond, latency, efficiency } = point;
  const inMs = (ns: number | undefined): string => (ns === undefined ? '\u2013' : short(ns / 1e6));
  return [
    printable(arm),
    String(concurrency),
    ...(wide ? [durationOrDash(makespanSeconds * 1e9)] : []),
    short(perSecond),
    inMs(latency?.median),
    ...(wide ? [inMs(latency?.p90)] : []),
    `${inMs(latency?.p99)}${isFew(point) ? FEW : ''}`,
    inMs(latency?.max),
    percent(efficiency),
  ];
}

/** Three digits, or all before the point. */
const short = (value: number): string => plain(value, value < 10 ? 2 : value < 100 ? 1 : 0);

/** One line per arm of a single parallel run, short enough for 80 columns. */
export function throughputLines({ analysis: { throughput } }: AnalysedRun, width: number): readonly string[] {
  return throughput.flatMap((arm) => {
    const { latency } = arm;
    const times =
      latency === null
        ? ''
        : `; latency ms p50 ${short(latency.median / 1e6)}, p90 ${short(latency.p90 / 1e6)}, p99 ${short(latency.p99 / 1e6)}${isFew(arm) ? FEW : ''}, max ${short(latency.max / 1e6)}`;
    return wrapped(`${printable(arm.arm)}: ${short(arm.perSecond)} containers/s${times}`, width);
  });
}
