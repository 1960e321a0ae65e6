import type { Bytes, FilterCapacity, FilterRoom, Measured, NotMeasured } from '../../model/filter/capacity.js';
import { plainLine } from '../../model/plain-text.js';
import { arrange, wrapped } from '../text/columns.js';
import { counted, DASH, deservedDecimals, formatCount, plain } from '../text/format.js';
import { BOLD, painter, tableWidthOf, widthOf } from '../text/look.js';
import type { Look } from '../text/look.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const FIRST_COLUMN = 22;

/** What a filter takes and how many fit, for terminals of 60 columns or more; ends with a newline. */
export function renderCapacity(capacity: FilterCapacity, look: Look): string {
  const [width, tableWidth] = [widthOf(look.columns), tableWidthOf(look.columns)];
  const bold = painter(look.colour);
  const text = (sentences: readonly string[]): readonly string[] =>
    sentences.flatMap((one) => wrapped(plainLine(one), width));
  const lines = [
    ...text([answerOf(capacity)]).map((line) => bold(BOLD, line)),
    ...text([filterOf(capacity)]),
    '',
    ...arrange(rowsOf(capacity), { width: tableWidth, first: FIRST_COLUMN, align: 'left' }),
    '',
    ...text([...roomSentences(capacity), ...missingSentences(capacity)]),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** The sentences of the terminal's report, for other forms of it. */
export const capacitySentences = (capacity: FilterCapacity): readonly string[] => [
  answerOf(capacity),
  ...roomSentences(capacity),
  ...missingSentences(capacity),
];

function answerOf({ memory, room, stacked }: FilterCapacity): string {
  const total = sumOf([memory.program, memory.image, memory.slab]);
  const each = total === null ? null : `One loaded filter takes ${bytesText(total)} of kernel memory`;
  if (room.state !== 'measured') return `${each ?? programSentence(memory.predictedProgram)}.`;
  const { low, high } = room.value.filters;
  const tasks = { low: Math.floor(low / stacked), high: Math.floor(high / stacked) };
  const more =
    stacked === 1 ? `${span(low, high)} more fit` : `${span(tasks.low, tasks.high)} tasks with ${stacked} each fit`;
  return `${each ?? programSentence(memory.predictedProgram)}; ${more} under this machine's limit.`;
}

const programSentence = (bytes: number): string =>
  `The program of one loaded filter takes ${sizeText(bytes)} of kernel memory`;

function filterOf({ name, machine, kernel, instructions, kernelInstructions, jit }: FilterCapacity): string {
  const state = jit === null ? 'JIT unknown' : jit ? 'JIT on' : 'JIT off';
  const own = `${formatCount(kernelInstructions)} in the kernel's own form (eBPF)`;
  return `${name}: ${counted(instructions, 'instruction')}, ${own}; ${machine}, Linux ${kernel}, ${state}`;
}

function rowsOf({ memory }: FilterCapacity): readonly (readonly string[])[] {
  const { predictedProgram, program, image, slab } = memory;
  const total = sumOf([program, image, slab]);
  return [
    ['part', 'bytes of one filter', ''],
    ['program', measuredText(program), `predicted ${formatCount(predictedProgram)}`],
    ['JIT image', measuredText(image), 'counts towards the limit'],
    ['other', measuredText(slab), 'copy, bookkeeping, bitmap'],
    ['in all', total === null ? DASH : bytesText(total, formatCount), ''],
  ];
}

/** Independent parts: half widths add in quadrature; `null` where one is missing. */
function sumOf(parts: readonly Measured<Bytes>[]): Bytes | null {
  const known = parts.flatMap((part) => (part.state === 'measured' ? [part.value] : []));
  if (known.length < parts.length) return null;
  const bytes = known.reduce((sum, one) => sum + one.bytes, 0);
  const half = Math.hypot(...known.map(({ low, high }) => (high - low) / 2));
  return { bytes, low: bytes - half, high: bytes + half };
}

const measuredText = (part: Measured<Bytes>): string =>
  part.state === 'measured' ? bytesText(part.value, formatCount) : `${DASH} ${REASONS[part.reason].short}`;

/** `12,288`, or with bounds `13,200 [12,900, 13,500]`. */
function bytesText({ bytes, low, high }: Bytes, unit: (bytes: number) => string = sizeText): string {
  const half = (high - low) / 2;
  if (half < 0.5) return unit(Math.round(bytes));
  const step = unit === sizeText ? 1 : 10 ** Math.max(0, Math.floor(Math.log10(half)) - 1);
  const round = (value: number): number => Math.round(value / step) * step;
  return `${unit(round(bytes))} [${unit(round(low))}, ${unit(round(high))}]`;
}

/** `11.6 KiB`, `504 MiB`. */
function sizeText(bytes: number): string {
  const [unit, divisor] = bytes >= MIB ? ['MiB', MIB] : ['KiB', KIB];
  const value = bytes / divisor;
  return `${plain(value, deservedDecimals(value / 100, 1))} ${unit}`;
}

function roomSentences({ room, stacked, counted: counts }: FilterCapacity): readonly string[] {
  if (room.state !== 'measured') return [];
  return [
    limitSentence(room.value),
    'Each container loads one filter. Each exec in it loads another one, which stays until its process ends. Forked \
processes share the filter of their parent.',
    'Beyond the limit the kernel refuses a filter with errno 524, unless its loader has CAP_BPF or CAP_SYS_ADMIN.',
    `Counted by lowering the limit for moments: ${counts
      .map(({ limit, crowd }) => `${formatCount(crowd.filters)} under ${formatCount(limit)} bytes`)
      .join(', ')}${stacked === 1 ? '' : `, ${stacked} in each task`}.`,
  ];
}

const limitSentence = ({ limit, inUse }: FilterRoom): string =>
  `net.core.bpf_jit_limit is ${sizeText(limit)} (${formatCount(limit)} bytes); ${sizeText(inUse.low)} to \
${sizeText(inUse.high)} are in use.`;

const span = (low: number, high: number): string =>
  low === high ? formatCount(low) : `${formatCount(low)} to ${formatCount(high)}`;

const REASONS: Readonly<Record<NotMeasured, { readonly short: string; readonly long: string }>> = {
  needsRoot: {
    short: 'root only',
    long: 'The program was not measured: the kernel shows /proc/vmallocinfo to root only.',
  },
  needsUntilRefused: {
    short: 'not measured',
    long: 'The JIT image and the room under net.core.bpf_jit_limit are measured with --until-refused.',
  },
  noFile: { short: 'not shown', long: 'The program was not measured: this kernel has no /proc/vmallocinfo.' },
  noJit: {
    short: 'none',
    long: 'This kernel interprets filters (net.core.bpf_jit_enable is 0): no image, no limit.',
  },
  disturbed: {
    short: 'not known',
    long: 'The room is not known: filters of other programs came and went while it was counted. Try again.',
  },
};

/** One for each reason. */
function missingSentences({ memory, room }: FilterCapacity): readonly string[] {
  const reasons = [memory.program, memory.image, memory.slab, room].flatMap((part) =>
    part.state === 'notMeasured' ? [part.reason] : [],
  );
  return [...new Set(reasons)].map((reason) => REASONS[reason].long);
}
