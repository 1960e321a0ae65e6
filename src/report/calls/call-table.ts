import type { InspectionSort } from '../../model/filter/inspection.js';
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

/** Whether a call is never allowed. */
const isDenied = ({ outcomes }: CallVerdict): boolean =>
  outcomes.every(({ action }) => action !== 'ALLOW' && action !== 'LOG' && action !== 'any');

/** The calls of a view in its order, and how many there are before the limit. */
export function selectCalls(
  calls: readonly CallVerdict[],
  { sort, section, limit }: CallSelection,
): { readonly shown: readonly CallVerdict[]; readonly total: number } {
  const own = calls.filter(({ arch }) => section === 'all' || arch === section);
  const chosen = own.filter((call) => (sort === 'denied' ? isDenied(call) : sort !== 'cacheable' || call.cacheable));
  const sorted = [...chosen].sort(sort === 'dearest' ? BY_COST : BY_NAME);
  const most = limit ?? (sort === 'dearest' ? DEAREST_SHOWN : 0);
  return { shown: most === 0 ? sorted : sorted.slice(0, most), total: sorted.length };
}

export function viewTitle({ sort, section }: CallSelection, shown: number, total: number): string {
  const where = section === 'all' ? 'all architectures' : section;
  if (total === 0) return `${TITLES[sort]} of ${where}: none`;
  return `${TITLES[sort]} of ${where}, ${shown === total ? String(total) : `${shown} of ${total}`}`;
}

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
