import type {
  FilterAttach,
  JitSamples,
  LoadPart,
  TimeInterval,
  NotSwitched,
  PartLine,
} from '../../model/filter/attaching.js';
import { disturbances } from '../../model/results/conditions.js';
import type { RunConditions } from '../../model/results/conditions.js';
import { amountText, counted, formatCount, formatPercent, plain } from '../text/format.js';
import { busyWords } from '../words/diagnostics.js';

/** Each part in a narrow cell. */
export const PART_WORDS: Readonly<Record<LoadPart, string>> = {
  copy: 'copy and check',
  translate: 'translate',
  convert: '  convert to eBPF',
  jit: '  JIT',
  walk: "bitmap's walk",
  first: 'first filter',
};

/** What is done in a part. */
export const PART_NOTES: Readonly<Record<LoadPart, string>> = {
  copy: 'memory, copy, both checks',
  translate: 'to eBPF and by the JIT',
  convert: 'the kernel’s own form',
  jit: 'machine code',
  walk: 'which calls are always allowed',
  first: 'more than for a further filter',
};

const NOT_SWITCHED: Readonly<Record<NotSwitched, string>> = {
  notAsked: 'The JIT’s own part is measured with --switch-jit, or sampled with --sample-jit.',
  alwaysOn:
    'The JIT’s own part is not known: this kernel is built with CONFIG_BPF_JIT_ALWAYS_ON and cannot switch it off. \
--sample-jit samples it.',
  off: 'This kernel interprets filters (net.core.bpf_jit_enable is 0): no JIT takes part.',
  noFile: 'The JIT’s own part is not known: net.core.bpf_jit_enable cannot be read here.',
  noRight:
    'The JIT’s own part is not known: net.core.bpf_jit_enable cannot be changed here. It takes root on the \
machine itself, not in a container.',
  busy: 'The JIT’s own part is not known: another run of bench uses the kernel’s JIT settings. Try again.',
};

/** What the filter is, for a line below the answer. */
export function attachedFilter({ name, machine, kernel, instructions, jit }: FilterAttach): string {
  const state = jit === null ? 'JIT unknown' : jit ? 'JIT on' : 'JIT off';
  return `${name}: ${counted(instructions, 'instruction')}; ${machine}, Linux ${kernel}, ${state}`;
}

/** The whole, and the largest part of it. */
export function attachAnswer({ whole, parts }: FilterAttach): string {
  const [largest] = parts.filter(({ part }) => part !== 'convert' && part !== 'jit').toSorted((a, b) => b.ns - a.ns);
  // Parts are differences: on a busy machine one may exceed the whole.
  const most =
    largest === undefined || largest.ns > whole.ns
      ? ''
      : `; ${DOING[largest.part]} takes ${formatPercent(largest.ns / whole.ns, 2)}`;
  return `The kernel takes ${amountText(whole)} to load this filter${most}.`;
}

/** The filter's own times of these parts, in their order. */
export const timesOf = ({ parts }: FilterAttach, shown: readonly LoadPart[]): FilterAttach['parts'] =>
  shown.flatMap((part) => parts.filter((one) => one.part === part));

/** The parts of a chart, each with its time. */
export const partsSentence = (attach: FilterAttach, shown: readonly LoadPart[]): string =>
  `Beside the walk: ${timesOf(attach, shown)
    .map((one) => `${DOING[one.part]} takes ${amountText(one)}`)
    .join(', ')}.`;

const DOING: Readonly<Record<LoadPart, string>> = {
  copy: 'copying and checking',
  translate: 'translating it',
  convert: 'converting it to eBPF',
  jit: 'the JIT',
  walk: 'the walk for its bitmap',
  first: 'being the first filter',
};

const busySentence = (busy: RunConditions): string =>
  `The machine was busy meanwhile: ${busyWords(busy)}. Times are longer and intervals wider than on a quiet one.`;

/** What else there is to say, one fact each. */
export function attachSentences(attach: FilterAttach): readonly string[] {
  const { rounds, seed, walkedPerCall, instructions, log, conditions } = attach;
  const busy = disturbances(conditions);
  return [
    ...(busy === null ? [] : [busySentence(busy)]),
    `For its bitmap the kernel follows ${plain(walkedPerCall, 0)} of ${formatCount(instructions)} instructions per \
call number, on average.`,
    ...lineSentences(attach),
    ...(log === null ? [] : [logSentence(log)]),
    ...jitSentences(attach),
    `${counted(rounds, 'round')}, each load in a task of its own, in an order drawn from seed ${seed}.`,
  ];
}

function jitSentences({ sampled, notSwitched }: FilterAttach): readonly string[] {
  if (sampled !== null) return [sampledSentence(sampled)];
  return notSwitched === null ? [] : [NOT_SWITCHED[notSwitched]];
}

const sampledSentence = ({ loads, inLoad, inJit }: JitSamples): string =>
  inJit === 0
    ? `The JIT’s own part is not known: none of ${counted(inLoad, 'sample')} of ${counted(loads, 'load')} is in it.`
    : `The JIT’s own part is sampled: ${formatCount(inJit)} of ${formatCount(inLoad)} ticks of a clock in \
${counted(loads, 'load')} without the walk.`;

function logSentence({ ns, low, high }: TimeInterval): string {
  if (low <= 0 && high >= 0)
    return `SECCOMP_FILTER_FLAG_LOG changes nothing that can be seen: ${amountText({ ns, low, high })}.`;
  return high < 0
    ? `With SECCOMP_FILTER_FLAG_LOG it took ${amountText({ ns: -ns, low: -high, high: -low })} less, which the flag \
does not explain.`
    : `SECCOMP_FILTER_FLAG_LOG takes ${amountText({ ns, low, high })} more.`;
}

/** `134 ns per instruction [133, 135] and 8.1 µs`. */
export const lineText = ({ perInstruction, fixed }: PartLine): string =>
  `${amountText(perInstruction)} per instruction and ${amountText(fixed)}`;

function lineSentences({ lines, parts }: FilterAttach): readonly string[] {
  const wide = lines.flatMap((line) => {
    const own = parts.find(({ part }) => part === line.part);
    return own === undefined || own.ns === 0 ? [] : [{ ...line, off: (own.ns - line.expectedNs) / line.expectedNs }];
  });
  const off = wide.filter(({ part, off: share }) => part !== 'first' && Math.abs(share) > FAR);
  return off.map(
    ({ part, off: share }) =>
      `${sentenceOf[part]} takes ${formatPercent(Math.abs(share), 2)} ${share > 0 ? 'more' : 'less'} than the line \
through filters of other sizes says.`,
  );
}

const FAR = 0.2;

const sentenceOf: Readonly<Record<LoadPart, string>> = {
  copy: 'Copying and checking it',
  translate: 'Translating it',
  convert: 'Converting it to eBPF',
  jit: 'Its JIT',
  walk: 'Its walk',
  first: 'Being the first',
};
