import type {
  ArchitectureFacts,
  CallCounts,
  DeniedCount,
  FilterOrigin,
  Inspection,
  InspectedFilter,
  InspectionSort,
  ProgramFacts,
} from '../../model/filter/inspection.js';
import { DENIALS } from '../../model/filter/answers.js';
import type { Denial } from '../../model/filter/answers.js';
import type { CallVerdict } from '../../model/filter/simulation.js';
import { callRows, deniedGroups, selectCalls, viewTitle } from '../calls/call-table.js';
import { arrange, wrapped } from '../text/columns.js';
import { counted, formatCount } from '../text/format.js';
import { faultLines } from '../words/faults.js';
import { notesBlock } from './notes-block.js';
import { BOLD, painter, tableWidthOf, WIDE, widthOf, type Look } from '../text/look.js';
import { plainLine } from '../../model/plain-text.js';

/** Of a call's name. */
const NAME_WIDTH = { narrow: 18, wide: 24 } as const;

/** Which part of an inspection is shown, and how. */
export interface InspectionView {
  readonly sort: InspectionSort;
  /** libseccomp's name of an architecture, or all. */
  readonly section: string;
  /** Rows; 0 = all; `null` = the view's own. */
  readonly limit: number | null;
  /** Of the built-in default profile. */
  readonly denied: DeniedCount | null;
}

/**
 * The filter in numbers, its architectures, how much the kernel's bitmap saves, and one view of the calls; for
 * terminals of 60 columns or more. Ends with a newline.
 */
export function renderInspection(inspection: Inspection, view: InspectionView, { columns, colour }: Look): string {
  const [width, tableWidth] = [widthOf(columns), tableWidthOf(columns)];
  const bold = (text: string): string => painter(colour)(BOLD, text);
  const [main] = inspection.filters;
  const paragraphs = [
    [
      ...wrapped(plainLine(inspection.subject), width).map(bold),
      ...headLines(inspection).flatMap((line) => wrapped(plainLine(line), width)),
    ],
    ...(main === undefined
      ? []
      : [
          sectionTable(main, tableWidth),
          shareLines(main, view.section, width),
          notesBlock(inspection.notes ?? [], { width, bold }),
          callLines(main, view, { width: tableWidth, bold }),
        ]),
    ...(view.denied === null ? [] : [deniedLines(view.denied, width)]),
  ];
  return `${paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headLines({
  read,
  filters,
  notSeen,
  notPredicted,
  agreement,
  cache,
  libseccomp,
}: Inspection): readonly string[] {
  return [
    ...(read === undefined ? [] : [read]),
    ...filters.flatMap(filterLines),
    ...(agreement === undefined ? [] : [agreementLine(agreement, filters[1])]),
    ...(notPredicted === undefined ? [] : [`not predicted: ${notPredicted}`]),
    ...notSeen.map((reason) => `not seen: ${reason}`),
    ...(cache === undefined ? [] : [cacheLine(cache)]),
    ...(libseccomp === undefined
      ? []
      : faultLines(libseccomp, { isLoaded: filters[0]?.origin.kind === 'loaded', isVerified: false })),
  ];
}

/** What the loaded filter, the first, is compared with comes second. */
function agreementLine(agreement: NonNullable<Inspection['agreement']>, other: InspectedFilter | undefined): string {
  const what = other?.origin.kind === 'given' ? 'file' : 'prediction';
  switch (agreement) {
    case 'same':
      return `The loaded filter matches the ${what} byte for byte.`;
    case 'same after the stub':
      return `After the stub, the loaded filter matches the ${what} byte for byte.`;
    case 'different':
      return `The loaded filter differs from the ${what}.`;
  }
}

const FORMS = { tree: 'binary tree', plain: 'plain' } as const;

function filterLines({ origin, programs, machine }: InspectedFilter): readonly string[] {
  const from = originWords(origin, machine);
  if (programs.length === 0) return [`${from}: no filter`];
  return programs.flatMap((program, index) => [
    `${from}${programs.length === 1 ? '' : `, filter ${index + 1} of ${programs.length}`}: ${programWords(program)}`,
    ...(origin.kind === 'given' || !program.architectures.checked
      ? architectureLines(program.architectures, machine)
      : []),
  ]);
}

function originWords(origin: FilterOrigin, machine: string): string {
  switch (origin.kind) {
    case 'loaded':
      return `loaded in ${origin.what} (read by ${origin.via})`;
    case 'given':
      return "accepted by the kernel's checks";
    case 'predicted': {
      const by = origin.rules === undefined ? '' : ` by the rules of ${origin.rules}`;
      const as = origin.runtime === undefined ? '' : ` as ${origin.runtime} builds it`;
      return `predicted${by}${as}: libseccomp ${origin.libseccomp}, ${FORMS[origin.form]}, for ${machine}`;
    }
  }
}

/** Which architectures a program knows, and what calls of others get. */
function architectureLines({ checked, known, x32, others }: ArchitectureFacts, machine: string): readonly string[] {
  if (!checked)
    return [
      `It does not look at the architecture: a call of any architecture gets the answer for its number. \
The calls below are those of ${machine}.`,
    ];
  const foreign = answerWords(others);
  return [
    known.length === 0
      ? `It looks at the architecture, but compares it with none. The calls below are those of ${machine}.`
      : `It knows ${known.join(', ')}; calls of other architectures get ${foreign}.`,
    ...(x32 === undefined
      ? []
      : [
          x32.toldApart
            ? `It tells calls of x32 apart: they get ${answerWords(x32.answers)}.`
            : `It does not tell calls of x32 apart: their numbers, 0x40000000 and up, get ${answerWords(x32.answers)}.`,
        ]),
  ];
}

const answerWords = (answers: readonly string[]): string =>
  answers.length === 1 ? (answers[0] ?? '') : `one of ${answers.join(', ')}`;

function programWords({ instructions, longest, jumpDepth, order, stub, sha256 }: ProgramFacts): string {
  return [
    counted(instructions, 'instruction'),
    `at most ${formatCount(longest)} executed`,
    `jump depth ${jumpDepth}`,
    ...(order === 'big-endian' ? [order] : []),
    ...(stub === undefined
      ? []
      : [`the first ${stub.instructions} are a stub from the runtime that answers newer calls with ENOSYS`]),
    `SHA-256 ${sha256.slice(0, 12)}`,
  ].join(', ');
}

function cacheLine(cache: NonNullable<Inspection['cache']>): string {
  if (cache.state === 'notSeen') return `The bitmap column is predicted (${cache.reason}).`;
  if (cache.differing.length === 0)
    return `The kernel's bitmap (/proc/PID/seccomp_cache) agrees on all ${counted(cache.calls, 'call')}.`;
  const { differing, calls } = cache;
  const names = differing.join(', ');
  return `The kernel's bitmap differs on ${differing.length} of ${counted(calls, 'call')}: ${names}.`;
}

function sectionTable({ programs, counts }: InspectedFilter, width: number): readonly string[] {
  if (counts.length === 0) return [];
  const rows = counts.map(({ arch, calls, allowed, conditional, denied, cacheable }) => {
    const sections = programs.flatMap(({ sections: all }) => all.filter((section) => section.arch === arch));
    const total = (key: 'instructions' | 'longest' | 'jumpDepth'): number =>
      sections.reduce((sum, section) => sum + section[key], 0);
    const jumps = width < WIDE ? [] : [total('jumpDepth')];
    return [
      arch,
      total('instructions'),
      total('longest'),
      ...jumps,
      calls,
      allowed,
      conditional,
      denied,
      cacheable,
    ].map(String);
  });
  return arrange(
    [
      ['section', 'reach', 'most', ...(width < WIDE ? [] : ['jumps']), 'calls', 'allow', 'args', 'deny', 'bitmap'],
      ...rows,
    ],
    { width, first: 12, align: 'right' },
  );
}

/** What the kernel saves: its bitmap answers calls that are allowed by number alone without running a filter. */
function shareLines({ counts, calls }: InspectedFilter, section: string, width: number): readonly string[] {
  return counts
    .filter(({ arch }) => section === 'all' || arch === section)
    .flatMap((count) => {
      const byArguments = calls
        .filter(({ arch, dependsOnArguments }) => arch === count.arch && dependsOnArguments)
        .map(({ name }) => name);
      return wrapped(shareWords(count, byArguments), width);
    });
}

function shareWords(counts: CallCounts, byArguments: readonly string[]): string {
  const { arch, allowed, conditional, logged, cacheable } = counts;
  const possible = allowed + conditional + logged;
  const share = possible === 0 ? '' : ` (${((100 * allowed) / possible).toFixed(1)} %)`;
  const byNumber = `${arch}: ${counted(possible, 'call')} can be allowed, ${allowed}${share} of them by number alone`;
  const bitmap =
    cacheable === 0
      ? 'the kernel keeps none of them in a bitmap'
      : `Linux 5.11 and newer answers ${cacheable} from its bitmap, without running the filter`;
  const rest = byArguments.length === 0 ? '' : ` Decided by arguments, so never cached: ${byArguments.join(', ')}.`;
  return `${byNumber}; ${bitmap}.${rest}${otherWords(counts)}`;
}

/** What happens to the calls that are not simply allowed. */
function otherWords({ denied, denials, logged, returnsZero }: CallCounts): string {
  const ways = DENIALS.filter((denial) => denials[denial] > 0).map(
    (denial) => `${denials[denial]} ${DENIAL_WORDS[denial]}`,
  );
  return [
    ...(logged === 0 ? [] : [` Logged: ${logged}.`]),
    ...(returnsZero === 0 ? [] : [` Return 0 and do nothing: ${returnsZero}.`]),
    ...(denied === 0 ? [] : [` Denied: ${ways.join(', ')}.`]),
  ].join('');
}

const DENIAL_WORDS: Readonly<Record<Denial, string>> = {
  killed: 'killed',
  errno: 'with an errno',
  trapped: 'trapped',
  traced: 'left to a tracer',
  notified: 'left to a listener',
  mixed: 'in several ways',
};

function callLines(
  { calls }: InspectedFilter,
  view: InspectionView,
  { width, bold }: { readonly width: number; readonly bold: (text: string) => string },
): readonly string[] {
  const table = (some: readonly CallVerdict[]): readonly string[] =>
    arrange(callRows(some, { withArch: view.section === 'all', wide: width >= WIDE }), {
      width,
      first: width < WIDE ? NAME_WIDTH.narrow : NAME_WIDTH.wide,
      align: 'left',
    });
  const { shown, total } = selectCalls(calls, view);
  const groups =
    view.sort === 'denied'
      ? deniedGroups(calls, view)
      : [{ title: viewTitle(view, shown.length, total), calls: shown }];
  return groups.flatMap(({ title, calls: some }, index) => [
    ...(index === 0 ? [] : ['']),
    total === 0 && index === 0 ? title : bold(title),
    ...(some.length === 0 ? [] : table(some)),
  ]);
}

function deniedLines({ arch, figure, rows, split, documented }: DeniedCount, width: number): readonly string[] {
  const { named, existing, denied, notDenied } = documented;
  return [
    `Docker's documentation about its default profile: "around ${figure} system calls out of 300+". Counted on \
${arch}, \
of all calls that libseccomp knows:`,
    ...rows.map((row) => `- ${row.what}: ${row.denied} denied, ${row.conditional} more with some arguments`),
    ...(split === undefined
      ? []
      : [
          `- of the first ${rows[0]?.denied ?? 0}: ${split.withoutFunction} are names without a function in the \
kernel, \
${split.newer} are newer than the figure (2016, Linux 4.5), ${split.others} remain to compare with ${figure}`,
        ]),
    `- of ${named} calls in its table, ${existing} exist on ${arch}: ${denied} are denied${
      notDenied.length === 0 ? '' : `; not denied, or only with some arguments: ${notDenied.join(', ')}`
    }`,
  ].flatMap((line) => wrapped(line, width));
}
