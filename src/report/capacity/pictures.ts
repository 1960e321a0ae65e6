import type { Bytes, FilterCapacity, FilterRoom, Measured } from '../../model/filter/capacity.js';
import { barAxis } from '../charts/axis.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import type { LinesSpec } from '../charts/spec.js';
import { left, right, type Table } from '../run/tables.js';
import { DASH, formatCount, plain } from '../text/format.js';
import { filterOf, isBoundless, sizeText, span } from './words.js';

type Line = LinesSpec['lines'][number];

const MIB = 1024 * 1024;

/** The memory of filters by their number, and where the limit is; none where nothing was measured. */
export const capacityPictures = (capacity: FilterCapacity): readonly Picture[] =>
  [growthPicture(capacity), limitPicture(capacity)].filter((picture) => picture !== null);

interface Numbered {
  readonly label: string;
  readonly at: readonly Measured<Bytes>[];
}

/** As measured: by part, for fewer filters and for all. */
function growthPicture(capacity: FilterCapacity): Picture | null {
  const { points, memory } = capacity;
  if (points.length < 2) return null;
  const images = points.map(({ filters }) => times(memory.image, filters));
  const lines = linesOf([
    { label: 'program', at: points.map(({ program }) => program) },
    { label: 'JIT image (from counts)', at: images },
    { label: 'other', at: points.map(({ slab }) => slab) },
    { label: "charged to the tasks' cgroup", at: points.map(({ charged }) => charged) },
  ]);
  const spec: LinesSpec = {
    kind: 'lines',
    id: 'memory',
    title: 'Kernel memory by the number of filters',
    subtitle: `${filterOf(capacity)}. With the filter less without it; upright lines: 95 % interval.`,
    labels: points.map(({ filters }) => formatCount(filters)),
    xTitle: 'loaded filters',
    yTitle: 'MiB',
    axis: axisOf(lines),
    lines,
  };
  const last = points.at(-1);
  const told =
    last?.program.state === 'measured'
      ? ` The programs of ${formatCount(last.filters)} take ${sizeText(last.program.value.bytes)}.`
      : '';
  return pictureOf('memory', spec, { sentence: `Every filter takes its own memory.${told}`, numbers: numbersOf(spec) });
}

/** The number of filters at which the limit is used up is about here. */
const STEPS = 5;

/** From what one filter takes: how much many of them take, with the limit as a line. */
function limitPicture(capacity: FilterCapacity): Picture | null {
  const { room, memory } = capacity;
  if (room.state !== 'measured' || isBoundless(room.value)) return null;
  const { limit, filters, inUse } = room.value;
  const step = roundStep(filters.high / STEPS);
  const numbers = Array.from({ length: STEPS + 2 }, (_, index) => index * step);
  const many = (part: Measured<Bytes>): readonly Measured<Bytes>[] => numbers.map((count) => times(part, count));
  const lines = [
    ...linesOf([
      { label: 'JIT images, with those in use', at: many(memory.image).map((one) => plus(one, inUse)) },
      { label: 'programs', at: many(memory.program) },
      { label: 'other', at: many(memory.slab) },
      { label: "charged to the containers' cgroups", at: many(memory.charged.bytes) },
    ]).map((line) => ({ ...line, low: [], high: [] })),
    {
      label: `net.core.bpf_jit_limit: ${sizeText(limit)}`,
      role: 'limit' as const,
      place: 0,
      dash: 0,
      values: numbers.map(() => limit / MIB),
      low: [],
      high: [],
    },
  ];
  const spec: LinesSpec = {
    kind: 'lines',
    id: 'limit',
    title: 'Where the limit is',
    subtitle: `${filterOf(capacity)}. From the memory of one filter; the limit is for JIT images alone.`,
    labels: numbers.map(formatCount),
    xTitle: 'more filters on this machine',
    yTitle: 'MiB',
    axis: axisOf(lines),
    lines,
  };
  return pictureOf('memory', spec, { sentence: fitWords(room.value), numbers: numbersOf(spec) });
}

const fitWords = ({ filters, limit }: FilterRoom): string =>
  `The JIT images of ${span(filters.low, filters.high)} more filters use up the limit of ${sizeText(limit)}.`;

/** 1, 2 or 5 times a power of ten. */
function roundStep(about: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, about)));
  return ([1, 2, 5, 10].find((factor) => factor * power >= about) ?? 10) * power;
}

function times(part: Measured<Bytes>, count: number): Measured<Bytes> {
  if (part.state !== 'measured') return part;
  const { bytes, low, high } = part.value;
  return { state: 'measured', value: { bytes: count * bytes, low: count * low, high: count * high } };
}

function plus(part: Measured<Bytes>, { bytes, low, high }: Bytes): Measured<Bytes> {
  if (part.state !== 'measured') return part;
  const { value } = part;
  return { state: 'measured', value: { bytes: value.bytes + bytes, low: value.low + low, high: value.high + high } };
}

/** Parts of which nothing is known have no line. */
const linesOf = (parts: readonly Numbered[]): readonly Line[] =>
  parts
    .map(({ label, at }, place): Line => {
      const read = (bound: keyof Bytes): readonly (number | null)[] =>
        at.map((one) => (one.state === 'measured' ? one.value[bound] / MIB : null));
      return { label, role: 'compared', place, dash: 0, values: read('bytes'), low: read('low'), high: read('high') };
    })
    .filter(({ values }) => values.some((value) => value !== null));

const axisOf = (lines: readonly Pick<Line, 'values' | 'high'>[]): LinesSpec['axis'] =>
  barAxis(lines.flatMap(({ values, high }) => [...values, ...high].filter((one) => one !== null)));

function numbersOf({ title, labels, lines, xTitle }: LinesSpec): Table {
  return {
    title,
    columns: [left(xTitle), ...lines.map(({ label }) => right(label))],
    rows: labels.map((label, index) => [label, ...lines.map(({ values }) => cell(values[index] ?? null))]),
    note: 'Values: MiB.',
  };
}

const cell = (value: number | null): string => (value === null ? DASH : plain(value, value < 10 ? 2 : 1));
