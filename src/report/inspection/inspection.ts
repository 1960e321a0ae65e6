import type {
  CallCounts,
  DeniedCount,
  Inspection,
  InspectedFilter,
  InspectionSort,
  ProgramFacts,
} from '../../model/filter/inspection.js';
import { callRows, selectCalls, viewTitle } from '../calls/call-table.js';
import { arrange, wrapped } from '../text/columns.js';
import { printable } from '../text/format.js';
import { inspectionJson } from './inspection-json.js';

export { renderDisassembly, renderExplanation } from './explanation.js';

/** From so many columns on nothing has to be left away. */
const WIDE = 76;
/** Of a call's name. */
const NAME_WIDTH = { narrow: 18, wide: 24 } as const;

/** What of an inspection is shown, and how. */
export interface InspectionView {
  readonly sort: InspectionSort;
  /** libseccomp's name of an architecture, or all. */
  readonly section: string;
  /** Rows; 0 = all; `null` = the view's own. */
  readonly limit: number | null;
  readonly json: boolean;
  /** Of the built-in default profile. */
  readonly denied: DeniedCount | null;
}

export interface InspectionLook {
  readonly columns: number;
  readonly colour: boolean;
}

/**
 * The filter in numbers, its architectures, how much of it the kernel's bitmap saves, and one view of the calls; made
 * for 60 columns and more. Ends with a newline.
 */
export function renderInspection(
  inspection: Inspection,
  view: InspectionView,
  { columns, colour }: InspectionLook,
): string {
  if (view.json) return inspectionJson(inspection, view.denied);
  const width = Math.max(40, Math.min(columns, 100));
  const bold = (text: string): string => (colour ? `\u001b[1m${text}\u001b[0m` : text);
  const [main] = inspection.filters;
  const paragraphs = [
    [
      ...wrapped(printable(inspection.subject), width).map(bold),
      ...headLines(inspection).flatMap((line) => wrapped(printable(line), width)),
    ],
    ...(main === undefined
      ? []
      : [sectionTable(main, width), shareLines(main, view.section, width), callLines(main, view, { width, bold })]),
    ...(view.denied === null ? [] : [deniedLines(view.denied, width)]),
  ];
  return `${paragraphs
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headLines({ filters, notSeen, agreement, cache }: Inspection): readonly string[] {
  return [
    ...filters.flatMap(filterLines),
    ...(agreement === undefined ? [] : [AGREEMENT[agreement]]),
    ...notSeen.map((reason) => `not seen: ${reason}`),
    ...(cache === undefined ? [] : [cacheLine(cache)]),
  ];
}

const AGREEMENT: Readonly<Record<NonNullable<Inspection['agreement']>, string>> = {
  same: 'The loaded program is the predicted one, byte for byte.',
  'same after the stub': 'After the stub the loaded program is the predicted one, byte for byte.',
  different: 'The loaded program is not the predicted one.',
};

function filterLines({ origin, programs, machine }: InspectedFilter): readonly string[] {
  const from =
    origin.kind === 'loaded'
      ? `loaded in ${origin.what} (read by ${origin.via})`
      : `predicted: libseccomp ${origin.libseccomp}, ${origin.form === 'tree' ? 'binary tree' : 'plain'}, for ${machine}`;
  if (programs.length === 0) return [`${from}: no filter`];
  return programs.map(
    (program, index) =>
      `${from}${programs.length === 1 ? '' : `, program ${index + 1} of ${programs.length}`}: ${programWords(program)}`,
  );
}

function programWords({ instructions, longest, jumpDepth, order, stub, sha256 }: ProgramFacts): string {
  return [
    `${instructions} instructions`,
    `at most ${longest} executed`,
    `jump depth ${jumpDepth}`,
    ...(order === 'big-endian' ? [order] : []),
    ...(stub === undefined
      ? []
      : [`the first ${stub.instructions} are a stub that answers newer calls with ENOSYS, as runc adds`]),
    `SHA-256 ${sha256.slice(0, 12)}`,
  ].join(', ');
}

function cacheLine(cache: NonNullable<Inspection['cache']>): string {
  if (cache.state === 'notSeen') return `The bitmap below is predicted: ${cache.reason}.`;
  if (cache.differing.length === 0)
    return `The kernel's own bitmap (/proc/PID/seccomp_cache) agrees on all ${cache.calls} calls.`;
  return `The kernel's own bitmap differs on ${cache.differing.length} of ${cache.calls} calls: ${cache.differing.join(', ')}.`;
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

/** What the kernel saves: its bitmap answers, without running a filter, what is allowed by number alone. */
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

function shareWords({ arch, allowed, conditional, cacheable }: CallCounts, byArguments: readonly string[]): string {
  const possible = allowed + conditional;
  const share = possible === 0 ? '' : ` (${((100 * allowed) / possible).toFixed(1)} %)`;
  const byNumber = `${arch}: of ${possible} calls that can be allowed, number alone decides ${allowed}${share}`;
  const bitmap =
    cacheable === 0
      ? 'none of them is in a bitmap of the kernel'
      : `Linux 5.11 and newer answers ${cacheable} from its bitmap, without running the filter`;
  const rest =
    byArguments.length === 0 ? '' : ` By arguments, so never cached and always enforced: ${byArguments.join(', ')}.`;
  return `${byNumber}; ${bitmap}.${rest}`;
}

function callLines(
  { calls }: InspectedFilter,
  view: InspectionView,
  { width, bold }: { readonly width: number; readonly bold: (text: string) => string },
): readonly string[] {
  const { shown, total } = selectCalls(calls, view);
  const title = viewTitle(view, shown.length, total);
  return total === 0
    ? [title]
    : [
        bold(title),
        ...arrange(callRows(shown, { withArch: view.section === 'all', wide: width >= WIDE }), {
          width,
          first: width < WIDE ? NAME_WIDTH.narrow : NAME_WIDTH.wide,
          align: 'left',
        }),
      ];
}

function deniedLines({ arch, figure, rows, split, documented }: DeniedCount, width: number): readonly string[] {
  const { named, existing, denied, notDenied } = documented;
  return [
    `Docker's documentation says of its default profile: "around ${figure} system calls out of 300+". Counted on ${arch}, of all calls that libseccomp knows:`,
    ...rows.map((row) => `- ${row.what}: ${row.denied} denied, ${row.conditional} more with some arguments`),
    ...(split === undefined
      ? []
      : [
          `- of the first ${rows[0]?.denied ?? 0}: ${split.withoutFunction} are names that the kernel has no function for, ${split.newer} are newer than the figure (2016, Linux 4.5), ${split.others} are left to hold against ${figure}`,
        ]),
    `- of ${named} calls that its table names, ${existing} exist on ${arch}: ${denied} are denied${notDenied.length === 0 ? '' : `; not, or not with all arguments: ${notDenied.join(', ')}`}`,
  ].flatMap((line) => wrapped(line, width));
}
