import { DIFFERENCE_KINDS } from '../../model/filter/verification.js';
import type {
  DifferenceKind,
  FilterDifference,
  RuleOverlap,
  RulePlace,
  Verification,
  VerifiedCall,
  VerifiedSection,
} from '../../model/filter/verification.js';
import { arrange, wrapped } from '../text/columns.js';
import { counted, formatCount } from '../text/format.js';
import { BOLD, painter, tableWidthOf, WIDE, widthOf, type Look } from '../text/look.js';
import { faultLines } from '../words/faults.js';
import { plainLine } from '../../model/plain-text.js';

const SECTION_WIDTH = 14;
const NAMES_SHOWN = 3;
const OVERLAPS_SHOWN = 5;
const INDENT = '  ';

const KIND_TITLES: Readonly<Record<DifferenceKind, string>> = {
  weaker: 'Weaker than the rules: the filter allows more.',
  other: 'Different from the rules: neither weaker nor stricter.',
  stricter: 'Stricter than the rules: the filter allows less.',
};

/**
 * Whether a filter answers as its rules say, the counts by architecture, and the differences, weaker ones first, at
 * most `limit` (0: all); for terminals of 60 columns or more. Ends with a newline.
 */
export function renderVerification(verification: Verification, limit: number, { columns, colour }: Look): string {
  const width = widthOf(columns);
  const bold = (text: string): string => painter(colour)(BOLD, text);
  const running = (lines: readonly string[]): readonly string[] =>
    lines.flatMap((line) => wrapped(plainLine(line), width));
  const paragraphs = [
    [...running([verdictLine(verification)]).map(bold), ...running(headLines(verification))],
    sectionTable(verification.sections, tableWidthOf(columns)),
    running(remarks(verification)),
    ...differenceParagraphs(verification.differences, limit, width).map(([title, ...lines]) => [
      bold(title ?? ''),
      ...lines,
    ]),
  ];
  return `${paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** A row for each of several machines, for terminals of 60 columns or more; ends with a newline. */
export function renderVerifications(
  machines: readonly Verification[],
  notVerified: readonly { readonly machine: string; readonly reason: string }[],
  { columns, colour }: Look,
): string {
  const width = widthOf(columns);
  const agreeing = machines.filter(({ agrees }) => agrees).length;
  const title = `${agreeing} of ${counted(machines.length + notVerified.length, 'filter')} answer as the rules say`;
  const head = ['machine', 'calls', 'agree', ...DIFFERENCE_KINDS];
  const rows = machines.map(({ machine, sections }) => {
    const total = (key: 'evaluated' | 'agreed' | DifferenceKind): string =>
      formatCount(sections.reduce((sum, section) => sum + section[key], 0));
    return [machine, total('evaluated'), total('agreed'), ...DIFFERENCE_KINDS.map(total)];
  });
  const lines = [
    painter(colour)(BOLD, title),
    '',
    ...arrange([head, ...rows], { width, first: SECTION_WIDTH, align: 'right' }),
    ...notVerified.flatMap(({ machine, reason }) => wrapped(plainLine(`not verified on ${machine}: ${reason}`), width)),
  ];
  return `${lines.join('\n')}\n`;
}

function verdictLine({ subject, agrees, differences }: Verification): string {
  if (agrees) return `${subject}: the filter answers as its rules say`;
  const weaker = differences.some(({ kind }) => kind === 'weaker');
  return `${subject}: the filter ${weaker ? 'allows more than its rules' : 'differs from its rules'}`;
}

function headLines({ read, origin, filters, libseccomp, leftOut }: Verification): readonly string[] {
  const lengths = filters.map(({ instructions }) => counted(instructions, 'instruction')).join(' and ');
  return [
    ...(read === undefined ? [] : [read]),
    `${originWords(origin)}: ${filters.length === 0 ? 'no filter' : lengths}`,
    ...(libseccomp === undefined
      ? []
      : faultLines(libseccomp, { isLoaded: origin.kind === 'loaded', isVerified: true })),
    ...leftOut.map(({ what, reason }) => `${what} left out: ${reason}`),
  ];
}

function originWords(origin: Verification['origin']): string {
  switch (origin.kind) {
    case 'given':
      return origin.name;
    case 'loaded':
      return `loaded in ${origin.what} (read by ${origin.via})`;
    case 'predicted':
      return `built by libseccomp ${origin.libseccomp}, ${origin.form === 'tree' ? 'binary tree' : 'plain'}`;
  }
}

function sectionTable(sections: readonly VerifiedSection[], width: number): readonly string[] {
  const isWide = width >= WIDE;
  const columns: readonly (readonly [string, keyof Omit<VerifiedSection, 'arch'>])[] = [
    ...(isWide ? ([['numbers', 'numbers']] as const) : []),
    ['calls', 'evaluated'],
    ['agree', 'agreed'],
    ...(sections.some(({ stub }) => stub > 0) ? ([['stub', 'stub']] as const) : []),
    ['weaker', 'weaker'],
    ['other', 'other'],
    ['stricter', 'stricter'],
  ];
  const head = ['section', ...columns.map(([title]) => title)];
  const rows = sections.map((section) => [
    section.arch ?? 'not in spec',
    ...columns.map(([, key]) => formatCount(section[key])),
  ]);
  return arrange([head, ...rows], { width, first: SECTION_WIDTH, align: 'right' });
}

function remarks({ sections, overlaps, random }: Verification): readonly string[] {
  const total = (key: 'stub' | 'hidden'): number => sections.reduce((sum, section) => sum + section[key], 0);
  const [stub, hidden] = [total('stub'), total('hidden')];
  return [
    random.evaluations === 0
      ? 'No random calls were tried.'
      : `${counted(random.evaluations, 'random call')} included, seed ${random.seed}.`,
    ...(stub === 0
      ? []
      : [
          `${counted(stub, 'call')} with numbers above those of the rules got ENOSYS from the runtime's stub, which \
is how the runtime means it.`,
        ]),
    ...(hidden === 0
      ? []
      : [
          `${counted(hidden, 'call')} of socketcall or ipc cannot be decided by their rule: it compares an argument \
behind a pointer, which no filter can read. Answers with and without the rule are accepted.`,
        ]),
    ...overlaps.slice(0, OVERLAPS_SHOWN).map(overlapLine),
    ...(overlaps.length > OVERLAPS_SHOWN ? [`${overlaps.length - OVERLAPS_SHOWN} more overlaps: see --json.`] : []),
  ];
}

function overlapLine({ arch, rules, actions, calls, example }: RuleOverlap): string {
  const call = `${callText(example)} on ${arch}${moreCalls(calls, example)}`;
  return `${placesText(rules)} match ${call}: libseccomp may take any of ${actions.join(', ')}.`;
}

/** One paragraph for each kind, its title first. */
function differenceParagraphs(
  differences: readonly FilterDifference[],
  limit: number,
  width: number,
): readonly (readonly string[])[] {
  const shown = limit === 0 ? differences : differences.slice(0, limit);
  const kinds = [...new Set(shown.map(({ kind }) => kind))];
  const rest = differences.length - shown.length;
  return [
    ...kinds.map((kind) => [
      ...wrapped(KIND_TITLES[kind], width),
      ...shown.filter((difference) => difference.kind === kind).flatMap((one) => differenceLines(one, width)),
    ]),
    ...(rest === 0 ? [] : [[`${counted(rest, 'more difference')}: use --limit 0 to show all.`]]),
  ];
}

function differenceLines(difference: FilterDifference, width: number): readonly string[] {
  const { arch, calls, evaluations, example, answer } = difference;
  const where = arch ?? `architecture 0x${example.audit.toString(16)}`;
  const head = `${callText(example)} on ${where}${moreCalls(calls, example)}: ${counted(evaluations, 'difference')}`;
  const part = (text: string, indent: string): readonly string[] =>
    wrapped(plainLine(text), width - indent.length).map((line) => `${indent}${line}`);
  return [
    ...part(head, INDENT),
    ...part(`rules: ${expectedText(difference)}`, INDENT.repeat(2)),
    ...part(`filter: ${answer}`, INDENT.repeat(2)),
  ];
}

function expectedText({ by, rules, expected }: FilterDifference): string {
  const answers = expected.join(' or ');
  switch (by) {
    case 'rule':
      return `${placesText(rules)}: ${answers}`;
    case 'default':
      return `no rule matches: ${answers}, the default action`;
    case 'architecture':
      return `not in the spec: ${answers}`;
  }
}

/** `syscalls[1], syscalls[4] of my.json`. */
function placesText(places: readonly RulePlace[]): string {
  const [first] = places;
  return first === undefined ? '' : `${places.map(({ path }) => path).join(', ')} of ${first.file}`;
}

/** The calls besides the example. */
function moreCalls(calls: readonly string[], { name, nr }: VerifiedCall): string {
  const others = calls.filter((one) => one !== (name ?? numberText(nr)));
  const names = others.slice(0, NAMES_SHOWN).join(', ');
  if (others.length === 0) return '';
  return others.length <= NAMES_SHOWN ? ` (also ${names})` : ` (also ${names}, ... ${calls.length} calls)`;
}

/** Numbers up to the bit of x32 in decimal. */
const numberText = (nr: number): string => (nr < 0x40000000 ? String(nr) : `0x${nr.toString(16)}`);

/** `lseek(0, 0x1001)`; for a number without a call, `call 470`. */
function callText({ name, nr, args }: VerifiedCall): string {
  const last = args.findLastIndex((value) => value !== 0n);
  const shown = args
    .slice(0, Math.max(1, last + 1))
    .map((value) => (value < 10n ? String(value) : `0x${value.toString(16)}`));
  return `${name ?? `call ${numberText(nr)}`}(${shown.join(', ')})`;
}
