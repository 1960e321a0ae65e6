import type { KnownFault, LibseccompFacts } from '../../model/filter/faults.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import { libseccompName } from '../inspect/architectures.js';
import { widthOf } from '../verify/conditions.js';
import { COMPARE, filterPlan } from './plan.js';
import type { Condition, FilterPlan } from './plan.js';
import { formatCount } from '../../model/numbers.js';

/** What decides whether a fault can be in a filter. */
export interface FilterKind {
  readonly spec: SeccompSpec;
  /** By libseccomp's name. */
  readonly machine: string;
  readonly form: 'plain' | 'tree';
  /** Length of the filter; absent: not built. */
  readonly instructions?: number;
}

interface Fault extends KnownFault {
  readonly affects: (plan: FilterPlan, kind: FilterKind) => boolean;
}

const ORDERED: ReadonlySet<number> = new Set([COMPARE.LT, COMPARE.LE, COMPARE.GE, COMPARE.GT]);
/** struct bpf_program counts instructions with 16 bits. */
const MOST_COUNTED = 65_535;

/**
 * Known faults of libseccomp that matter to filters, from its security advisories and issues:
 * CVE-2019-9893 is issue 139, fixed by version 2.4.0 of March 2019; issue 148, April 2019; issue 370 of March 2022,
 * fixed on the branch of 2.5.4; the three advisories of July 2026. 2.6.1 fixes two of them; of GHSA-4q85-33p6-j5g6 it
 * corrects some pairs of rules and not others: 2.6.1 still matches 6 by the rules >= 0x1_0000_0005 and <= 5, as `bench
 * verify` and the kernel showed (Debian's 2.6.1-1+b2).
 */
const FAULTS: readonly Fault[] = [
  {
    id: 'CVE-2019-9893',
    what: '64-bit comparisons with <, <=, >, >= are wrong, so a filter can allow more than its rules',
    since: null,
    fixedIn: '2.4.0',
    date: '2019-03',
    weakens: true,
    affects: (plan, kind) =>
      isWide(plan, kind) && plan.rules.some(({ conditions }) => conditions.some(({ operator }) => isOrdered(operator))),
  },
  {
    id: 'seccomp/libseccomp#148',
    what: 'rules of one call with several comparisons can be merged although they differ',
    since: '2.4.0',
    fixedIn: '2.4.1',
    date: '2019-04',
    weakens: true,
    affects: (plan) => comparisonsByCall(plan).some((alternatives) => alternatives.length > 1),
  },
  {
    id: 'seccomp/libseccomp#370',
    what: 'a binary tree without rules ignores the default action',
    since: '2.5.0',
    fixedIn: '2.5.4',
    date: '2022-03',
    weakens: false,
    affects: ({ rules }, { form }) => form === 'tree' && rules.length === 0,
  },
  {
    id: 'GHSA-4q85-33p6-j5g6',
    what: 'overlapping 64-bit comparisons can be merged wrongly, so a filter can allow more than its rules',
    since: null,
    fixedIn: null,
    date: '2026-07',
    weakens: true,
    affects: (plan, kind) => isWide(plan, kind) && comparisonsByCall(plan).some(overlap),
  },
  {
    id: 'GHSA-46fr-jh49-xvhx, GHSA-2hqh-5c36-grrm',
    what: `a filter of more than ${formatCount(MOST_COUNTED)} instructions corrupts memory`,
    since: null,
    fixedIn: '2.6.1',
    date: '2026-07',
    weakens: false,
    affects: (_, { instructions = 0 }) => instructions > MOST_COUNTED,
  },
];

const isOrdered = (operator: number): boolean => ORDERED.has(operator);

/** Whether some architecture of the filter compares 64 bits. */
const isWide = ({ architectures }: FilterPlan, { machine }: FilterKind): boolean =>
  [machine, ...architectures.map(libseccompName)].some((name) => widthOf(name) === 64);

/** The conditions of every rule that compares arguments, by call. */
function comparisonsByCall({ rules }: FilterPlan): readonly (readonly (readonly Condition[])[])[] {
  const byCall = new Map<string, (readonly Condition[])[]>();
  for (const { name, conditions } of rules)
    if (conditions.length > 0) byCall.set(name, [...(byCall.get(name) ?? []), conditions]);
  return [...byCall.values()];
}

/** Two rules of a call compare the same argument, and one of them for its order. */
const overlap = (alternatives: readonly (readonly Condition[])[]): boolean =>
  alternatives.some((conditions, at) =>
    conditions.some((one) =>
      alternatives
        .filter((_, other) => other !== at)
        .flat()
        .some((other) => other.index === one.index && (isOrdered(one.operator) || isOrdered(other.operator))),
    ),
  );

/** All known faults of a version; of a later one than any that is known to have a fault, none. */
export const faultsOf = (version: string): readonly KnownFault[] => faultsIn(version).map(known);

/** The same, split by whether a filter has what it takes. Throws `input` for a spec that no runtime could load. */
export function libseccompFacts(version: string, kind: FilterKind): LibseccompFacts {
  const plan = filterPlan(kind.spec);
  const [affecting, others] = [true, false].map((wanted) =>
    faultsIn(version).filter((fault) => fault.affects(plan, kind) === wanted),
  ) as [Fault[], Fault[]];
  return { version, affecting: affecting.map(known), others: others.map(known) };
}

const faultsIn = (version: string): readonly Fault[] =>
  FAULTS.filter(
    ({ since, fixedIn }) =>
      (since === null || !isOlder(version, since)) && (fixedIn === null || isOlder(version, fixedIn)),
  );

const known = ({ id, what, since, fixedIn, date, weakens }: Fault): KnownFault => ({
  id,
  what,
  since,
  fixedIn,
  date,
  weakens,
});

/** Whether a version is older than another, number by number. */
function isOlder(version: string, than: string): boolean {
  const [one, other] = [version, than].map((text) => text.split('.').map(Number)) as [number[], number[]];
  const at = other.findIndex((part, index) => part !== (one[index] ?? 0));
  return at !== -1 && (one[at] ?? 0) < (other[at] ?? 0);
}
