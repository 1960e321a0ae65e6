import type {
  Bytes,
  ChargedFilter,
  FilterCapacity,
  FilterRoom,
  FilterStack,
  Measured,
  NotMeasured,
} from '../../model/filter/capacity.js';
import { counted, deservedDecimals, formatCount, plain } from '../text/format.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const TIB = 1024 * GIB;

/** More than the memory of machines: on arm64 the limit is half of the kernel's address space for its own areas. */
const BOUNDLESS_BYTES = 16 * TIB;

/** Whether memory ends before the limit does. */
export const isBoundless = ({ limit }: FilterRoom): boolean => limit >= BOUNDLESS_BYTES;

/** The sentences of the terminal's report, for other forms of it. */
export const capacitySentences = (capacity: FilterCapacity): readonly string[] => [
  answerOf(capacity),
  ...wordsOf(capacity),
];

/** All sentences but the first. */
export const wordsOf = (capacity: FilterCapacity): readonly string[] => [
  ...chargedSentences(capacity),
  ...roomSentences(capacity),
  ...stackSentences(capacity),
  ...missingSentences(capacity),
];

/** What one filter takes, and how many fit. */
export function answerOf({ memory, room, stacked }: FilterCapacity): string {
  const total = sumOf([memory.program, memory.image, memory.slab]);
  const each = total === null ? null : `One loaded filter takes ${bytesText(total)} of kernel memory`;
  if (room.state !== 'measured') return `${each ?? programSentence(memory.predictedProgram)}.`;
  const start = each ?? programSentence(memory.predictedProgram);
  if (isBoundless(room.value)) return `${start}; memory ends long before this machine's limit.`;
  const { low, high } = room.value.filters;
  const tasks = { low: Math.floor(low / stacked), high: Math.floor(high / stacked) };
  const more =
    stacked === 1 ? `${span(low, high)} more fit` : `${span(tasks.low, tasks.high)} tasks with ${stacked} each fit`;
  return `${start}; ${more} under this machine's limit.`;
}

const programSentence = (bytes: number): string =>
  `The program of one loaded filter takes ${sizeText(bytes)} of kernel memory`;

/** The filter and the kernel, in one line. */
export function filterOf({ name, machine, kernel, instructions, kernelInstructions, jit }: FilterCapacity): string {
  const state = jit === null ? 'JIT unknown' : jit ? 'JIT on' : 'JIT off';
  const own = `${formatCount(kernelInstructions)} in the kernel's own form (eBPF)`;
  return `${name}: ${counted(instructions, 'instruction')}, ${own}; ${machine}, Linux ${kernel}, ${state}`;
}

/** Independent parts: half widths add in quadrature; `null` where one is missing. */
export function sumOf(parts: readonly Measured<Bytes>[]): Bytes | null {
  const known = parts.flatMap((part) => (part.state === 'measured' ? [part.value] : []));
  if (known.length < parts.length) return null;
  const bytes = known.reduce((sum, one) => sum + one.bytes, 0);
  const half = Math.hypot(...known.map(({ low, high }) => (high - low) / 2));
  return { bytes, low: bytes - half, high: bytes + half };
}

/** `12,288`, or with bounds `13,200 [12,900, 13,500]`. */
export function bytesText({ bytes, low, high }: Bytes, unit: (bytes: number) => string = sizeText): string {
  const half = (high - low) / 2;
  if (half < 0.5) return unit(Math.round(bytes));
  const step = unit === sizeText ? 1 : 10 ** Math.max(0, Math.floor(Math.log10(half)) - 1);
  const round = (value: number): number => Math.round(value / step) * step;
  // In KiB or MiB a narrow interval can vanish in the rounding.
  if (unit(round(low)) === unit(round(high))) return unit(round(bytes));
  return `${unit(round(bytes))} [${unit(round(low))}, ${unit(round(high))}]`;
}

const UNITS = [
  ['TiB', TIB],
  ['MiB', MIB],
  ['KiB', KIB],
] as const;

/** `11.6 KiB`, `504 MiB`. */
export function sizeText(bytes: number): string {
  const [unit, divisor] = UNITS.find(([, least]) => bytes >= least) ?? UNITS[2];
  const value = bytes / divisor;
  return `${plain(value, deservedDecimals(value / 100, 1))} ${unit}`;
}

/** Less of one filter than this is the noise of a kernel that charges in pages. */
const NEXT_TO_NOTHING_BYTES = 256;

function chargedSentences({ memory }: FilterCapacity): readonly string[] {
  const { charged } = memory;
  if (charged.bytes.state !== 'measured') return [];
  const { value } = charged.bytes;
  if (value.low <= 0 && value.high < NEXT_TO_NOTHING_BYTES)
    return [
      "None of it is charged to the cgroup of its task, so it does not count towards a container's memory limit.",
    ];
  // Disturbed: charged and not charged are both possible.
  if (value.low <= 0) return [];
  return [
    `${bytesText(value)} per filter is charged to the cgroup of its task and counts towards a container's memory \
limit${partWords(memory.program, memory.image, charged)}.`,
  ];
}

/** Which parts are charged, where the sizes tell. */
function partWords(program: Measured<Bytes>, image: Measured<Bytes>, { bytes, parts }: ChargedFilter): string {
  if (bytes.state !== 'measured' || program.state !== 'measured') return '';
  const hasProgram =
    parts.vmalloc.state === 'measured'
      ? parts.vmalloc.value.high >= 0.99 * program.value.bytes
      : bytes.value.high >= program.value.bytes;
  if (!hasProgram) return '. It is less than the program takes';
  const hasNoImage = image.state === 'measured' && bytes.value.high < program.value.low + image.value.low;
  return hasNoImage ? '. The program is part of that, the JIT image is not' : '. The program is part of that';
}

function roomSentences({ room, stacked, counted: counts }: FilterCapacity): readonly string[] {
  if (room.state !== 'measured') return [];
  return [
    limitSentence(room.value),
    isBoundless(room.value)
      ? 'Memory ends long before this limit: how many fit is a matter of memory.'
      : fitSentence(room.value),
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

function fitSentence({ withExecs }: FilterRoom): string {
  const parts = withExecs.map(({ execs, containers: { low, high } }, index) =>
    index === 0 ? moreContainers(low, high) : `${span(low, high)} with ${counted(execs, 'exec')} in each`,
  );
  const [first = '', ...others] = parts;
  const more = others.length === 0 ? '' : `, or ${others.join(', or ')}`;
  return `That is room for ${first} with this filter${more}, at the same time.`;
}

const moreContainers = (low: number, high: number): string =>
  `${span(low, high)} more ${high === 1 ? 'container' : 'containers'}`;

export const span = (low: number, high: number): string =>
  low === high ? formatCount(low) : `${formatCount(low)} to ${formatCount(high)}`;

const ENOMEM = 12;

function stackSentences({ stack }: FilterCapacity): readonly string[] {
  const { loaded, refusal, predicted } = stack;
  if (refusal?.step === 'end')
    return ['It cannot be stacked: the filter itself ends a task that loads another one (seccomp(2) is not allowed).'];
  if (refusal?.step === 'fork' || loaded === 0) return [];
  const other = loaded === predicted ? '' : `, not the ${formatCount(predicted)} that are predicted`;
  if (refusal === null) return [`One task loaded it ${times(loaded)} and was not refused${other}.`];
  const why =
    refusal.errno === ENOMEM
      ? 'with ENOMEM (errno 12): the filters of one task have at most 32,768 instructions'
      : `with errno ${refusal.errno}`;
  return [
    `One task can load ${counted(loaded, 'filter')} like this one${other}; the kernel refuses \
the next ${why}.${afterWords(stack)}`,
  ];
}

const times = (count: number): string => (count === 1 ? 'once' : `${formatCount(count)} times`);

function afterWords({ after }: FilterStack): string {
  if (after === null) return '';
  const same = after.same === 0 ? 'loads at a second try' : 'is refused again';
  const small = after.smallest === 0 ? 'still loads' : `is refused too (errno ${after.smallest})`;
  return ` The refused task goes on: the same filter ${same}, and one of a single instruction ${small}.`;
}

/** Why a figure is missing: in a table, and in a sentence. */
export const REASONS: Readonly<Record<NotMeasured, { readonly short: string; readonly long: string }>> = {
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
  neverRefused: {
    short: 'no limit',
    long: 'This kernel never refuses a filter for net.core.bpf_jit_limit: beyond it, filters are interpreted.',
  },
  disturbed: {
    short: 'not known',
    long: 'The room is not known: filters of other programs came and went while it was counted. Try again.',
  },
  noCgroup: {
    short: 'not measured',
    long: 'What is charged to a container was not measured: bench may not make a cgroup with a memory controller here.',
  },
};

/** One for each reason. */
function missingSentences({ memory, room }: FilterCapacity): readonly string[] {
  const reasons = [memory.program, memory.image, memory.slab, memory.charged.bytes, room].flatMap((part) =>
    part.state === 'notMeasured' ? [part.reason] : [],
  );
  return [...new Set(reasons)].map((reason) => REASONS[reason].long);
}
