import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type { Description } from '../../model/analysis/description.js';
import { FEWEST_FOR_P99, type ArmThroughput, type Sweep, type SweepPoint } from '../../model/analysis/throughput.js';
import { arrange, clipped, wrapped } from '../text/columns.js';
import { counted, DASH, deservedText, formatDuration, plain, threeDigits, timeOrDash } from '../text/format.js';
import { tableWidthOf, WIDE, widthOf } from '../text/look.js';
import { left, right, type Table } from './tables.js';
import { plainLine } from '../../model/plain-text.js';

/** After a 99th percentile of fewer than 100 values. */
const FEW = '*';

const DEFINITIONS =
  'Throughput: containers of a batch / mean makespan. Latency: start to end of one container, percentiles of type 7.';
export const EFFICIENCY = 'Efficiency: throughput at C / (C x throughput at 1) of the same arm.';
const FEW_NOTE = `${FEW} from fewer than ${FEWEST_FOR_P99} containers: between the two largest.`;

const p99Of = (latency: Description | null): string =>
  latency === null ? DASH : `${timeOrDash(latency.p99)}${latency.count < FEWEST_FOR_P99 ? FEW : ''}`;

const isFew = ({ latency }: ArmThroughput): boolean => latency !== null && latency.count < FEWEST_FOR_P99;

/** Containers per second with the interval, where there is one. */
export const rateText = ({ perSecond, perSecondLow, perSecondHigh }: ArmThroughput): string =>
  perSecondLow === null || perSecondHigh === null
    ? threeDigits(perSecond)
    : deservedText({ value: perSecond, low: perSecondLow, high: perSecondHigh }, 2);

const latencyCells = ({ latency }: ArmThroughput): readonly string[] => [
  timeOrDash(latency?.median),
  timeOrDash(latency?.p90),
  p99Of(latency),
  timeOrDash(latency?.max),
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
  timeOrDash(point.makespanSeconds * 1e9),
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

const efficiencyText = (share: number | null): string => (share === null ? DASH : `${plain(100 * share, 1)} %`);

/** With its 95 % interval, where it has one. */
function efficiencyCell({ efficiency, efficiencyLow: low, efficiencyHigh: high }: SweepPoint): string {
  if (efficiency === null || low === null || high === null) return efficiencyText(efficiency);
  return deservedText({ value: 100 * efficiency, low: 100 * low, high: 100 * high }, 1).replace(' [', ' % [');
}

/** All arms at all levels of a sweep. */
export function sweepTable(sweep: Sweep): Table {
  const { points, cpuCount } = sweep;
  return {
    title: 'Sweep over concurrency',
    columns: [left('Arm'), right('In flight'), ...FIGURES, right('Efficiency')],
    rows: points.map((point) => [point.arm, String(point.concurrency), ...figureCells(point), efficiencyCell(point)]),
    note: [
      DEFINITIONS,
      EFFICIENCY,
      `This host has ${counted(cpuCount, 'CPU')}: if a start were only CPU work, efficiency could reach at most \
min(C, ${cpuCount})/C. More means that a part of it is waiting, or that others share the machine.`,
      ...totalTime(sweep),
      ...(points.some(isFew) ? [FEW_NOTE] : []),
    ].join(' '),
  };
}

/** `Total time: 3 min.` */
const totalTime = ({ totalSeconds }: Sweep): readonly string[] =>
  totalSeconds === undefined ? [] : [`Total time: ${formatDuration(totalSeconds)}.`];

/** A sweep for a terminal: every arm at every level, and the total time. */
export function sweepLinesOfText(sweep: Sweep, columns: number | null): readonly string[] {
  const width = tableWidthOf(columns);
  const wide = width >= WIDE;
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
    clipped(`Sweep over concurrency: batches of ${sweep.count}, C in flight, ${counted(sweep.cpuCount, 'CPU')}`, width),
    ...arrange([heads, ...rows], { width, first: wide ? 16 : 9, align: 'right' }),
    ...wrapped(
      [EFFICIENCY, ...(sweep.points.some(isFew) ? [FEW_NOTE] : []), ...totalTime(sweep)].join(' '),
      widthOf(columns),
    ),
  ];
}

function textRow(point: SweepPoint, wide: boolean): readonly string[] {
  const { arm, concurrency, makespanSeconds, perSecond, latency, efficiency } = point;
  const inMs = (ns: number | undefined): string => (ns === undefined ? DASH : threeDigits(ns / 1e6));
  return [
    plainLine(arm),
    String(concurrency),
    ...(wide ? [timeOrDash(makespanSeconds * 1e9)] : []),
    threeDigits(perSecond),
    inMs(latency?.median),
    ...(wide ? [inMs(latency?.p90)] : []),
    `${inMs(latency?.p99)}${isFew(point) ? FEW : ''}`,
    inMs(latency?.max),
    efficiencyText(efficiency),
  ];
}

/** One line per arm of a single parallel run, short enough for 80 columns. */
export function throughputLines({ analysis: { throughput } }: AnalysedRun, width: number): readonly string[] {
  return throughput.flatMap((arm) => {
    const { latency } = arm;
    const ms = (ns: number): string => threeDigits(ns / 1e6);
    const times =
      latency === null
        ? ''
        : `; latency ms p50 ${ms(latency.median)}, p90 ${ms(latency.p90)}, p99 \
${ms(latency.p99)}${isFew(arm) ? FEW : ''}, \
max ${ms(latency.max)}`;
    return wrapped(`${plainLine(arm.arm)}: ${threeDigits(arm.perSecond)} containers/s${times}`, width);
  });
}
