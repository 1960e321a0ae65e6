import type { InspectionSort } from '../../model/filter/inspection.js';
import { callKind, DENIALS, denialOf } from '../../model/filter/answers.js';
import type { Denial } from '../../model/filter/answers.js';
import type { CallVerdict } from '../../model/filter/simulation.js';

const DEAREST_SHOWN = 20;
const X32_BIT = 0x40000000;
const TITLES: Readonly<Record<InspectionSort, string>> = {
  dearest: 'Calls that run the most instructions',
  denied: 'Denied calls',
  cacheable: 'Cached calls',
  name: 'All calls',
};

/** Which calls a view shows. */
export interface CallSelection {
  readonly sort: InspectionSort;
  readonly section: string;
  readonly limit: number | null;
}

const BY_NAME = (one: CallVerdict, other: CallVerdict): number =>
  (one.name < other.name ? -1 : Number(one.name > other.name)) || one.nr - other.nr;
const BY_COST = (one: CallVerdict, other: CallVerdict): number => other.most - one.most || BY_NAME(one, other);

/** The calls of a view in its order, and how many there are before the limit. */
export function selectCalls(
  calls: readonly CallVerdict[],
  { sort, section, limit }: CallSelection,
): { readonly shown: readonly CallVerdict[]; readonly total: number } {
  const own = calls.filter(({ arch }) => section === 'all' || arch === section);
  const chosen = own.filter((call) =>
    sort === 'denied' ? callKind(call) === 'denied' : sort !== 'cacheable' || call.cacheable,
  );
  const sorted = [...chosen].sort(sort === 'dearest' ? BY_COST : BY_NAME);
  const most = limit ?? (sort === 'dearest' ? DEAREST_SHOWN : 0);
  return { shown: most === 0 ? sorted : sorted.slice(0, most), total: sorted.length };
}

/** Calls with one answer, for a view with a title for each. */
export interface CallGroup {
  readonly title: string;
  readonly calls: readonly CallVerdict[];
}

/**
 * What the view of denied calls shows: the denied ones by what happens to them, then those that are logged and those
 * that return 0, which are not denied. Calls beyond the limit are left out of the first part only.
 */
export function deniedGroups(calls: readonly CallVerdict[], selection: CallSelection): readonly CallGroup[] {
  const { shown, total } = selectCalls(calls, selection);
  const where = placeText(selection);
  const ways = DENIALS.filter((denial) => shown.some((call) => denialOf(call) === denial));
  const own = [...calls].filter(({ arch }) => selection.section === 'all' || arch === selection.section).sort(BY_NAME);
  const others = OTHER_GROUPS.map(({ kind, title }) => ({
    title,
    calls: own.filter((call) => callKind(call) === kind),
  }));
  return [
    ...(ways.length < 2
      ? [{ title: viewTitle(selection, shown.length, total), calls: shown }]
      : [
          { title: viewTitle(selection, shown.length, total), calls: [] },
          ...ways.map((denial) => {
            const some = shown.filter((call) => denialOf(call) === denial);
            return { title: `${DENIAL_TITLES[denial]}, ${some.length}`, calls: some };
          }),
        ]),
    ...others
      .filter((group) => group.calls.length > 0)
      .map((group) => ({ title: `${group.title} of ${where}, ${group.calls.length}`, calls: group.calls })),
  ];
}

const DENIAL_TITLES: Readonly<Record<Denial, string>> = {
  killed: 'Killed',
  errno: 'Fail with an errno',
  trapped: 'Trapped (SIGSYS)',
  traced: 'Left to a tracer, ENOSYS without one',
  notified: 'Left to a listener',
  mixed: 'Denied in several ways, by arguments',
};

const OTHER_GROUPS = [
  { kind: 'logged', title: 'Logged calls, which run,' },
  { kind: 'returnsZero', title: 'Calls that return 0 and do nothing,' },
] as const;

export function viewTitle(
  { sort, section }: Pick<CallSelection, 'sort' | 'section'>,
  shown: number,
  total: number,
): string {
  const where = placeText({ section });
  if (total === 0) return `${TITLES[sort]} of ${where}: none`;
  return `${TITLES[sort]} of ${where}, ${shown === total ? String(total) : `${shown} of ${total}`}`;
}

const placeText = ({ section }: Pick<CallSelection, 'section'>): string =>
  section === 'all' ? 'all architectures' : section;

/** Columns that are not always shown. */
export interface CallColumns {
  readonly withArch: boolean;
  /** Numbers, and whether the bitmap holds the call: those that are always allowed by number. */
  readonly wide: boolean;
}

/** A head and one row per call. */
export function callRows(
  calls: readonly CallVerdict[],
  { withArch, wide }: CallColumns,
): readonly (readonly string[])[] {
  const optional = (arch: string, nr: string): readonly string[] => [
    ...(withArch ? [arch] : []),
    ...(wide ? [nr] : []),
  ];
  return [
    ['call', ...optional('section', 'nr'), 'instr.', 'by', ...(wide ? ['cache'] : []), 'answer'],
    ...calls.map((call) => [
      call.name,
      ...optional(call.arch, String(call.arch === 'x32' ? call.nr - X32_BIT : call.nr)),
      executedText(call),
      call.dependsOnArguments ? 'args' : 'number',
      ...(wide ? [call.cacheable ? 'yes' : 'no'] : []),
      call.outcomes.map(({ action }) => action).join(' or '),
    ]),
  ];
}

/** Instructions executed: 306, 602-613, 1-900? where the range is only known as a bound. */
export function executedText({ fewest, most, range }: CallVerdict): string {
  const text = fewest === most ? String(most) : `${fewest}-${most}`;
  return range === 'exact' ? text : `${text}?`;
}
