import type { CallOutcome, CallVerdict } from '../../model/filter/simulation.js';
import { AUDIT_ARCH } from './architectures.js';
import { knownArchitecture } from './calls.js';
import type { Simulator } from '../simulate/simulate.js';
import { executeAll } from '../simulate/survey.js';

/**
 * The verdicts on filters loaded one after the other: the kernel runs all of them, so instructions add up; the least
 * permissive answer counts, and a result is cached only where every filter allows the call by its number. Where more
 * than one filter reads arguments, the result is a bound: all answers that are possible. `surveys` has the verdicts of
 * each filter, all on the same calls in the same order.
 */
export function stackedVerdicts(
  filters: readonly Simulator[],
  surveys: readonly (readonly CallVerdict[])[],
): readonly CallVerdict[] {
  const [first = [], ...others] = surveys;
  if (others.length === 0) return first;
  return first.map((verdict, index) =>
    combined(filters, [verdict, ...others.flatMap((survey) => survey[index] ?? [])]),
  );
}

function combined(filters: readonly Simulator[], verdicts: readonly CallVerdict[]): CallVerdict {
  const [first] = verdicts as readonly [CallVerdict, ...CallVerdict[]];
  const { arch, name, nr } = first;
  const outcomes = verdicts.map((verdict) => verdict.outcomes).reduce(leastPermissive);
  const dependent = verdicts.filter(
    ({ dependsOnArguments, fewest, most }) => dependsOnArguments || fewest !== most,
  ).length;
  return {
    arch,
    name,
    nr,
    outcomes,
    zero: executeAll(filters, { arch: arch === 'x32' ? AUDIT_ARCH.X86_64 : knownArchitecture(arch).audit, nr }),
    fewest: total(verdicts, 'fewest'),
    most: total(verdicts, 'most'),
    range: dependent <= 1 && verdicts.every(({ range }) => range === 'exact') ? 'exact' : 'bound',
    dependsOnArguments: outcomes.length > 1 || outcomes[0]?.value === null,
    constantAllow: verdicts.every(({ constantAllow }) => constantAllow),
    cacheable: verdicts.every(({ cacheable }) => cacheable),
  };
}

const total = (verdicts: readonly CallVerdict[], key: 'fewest' | 'most'): number =>
  verdicts.reduce((sum, verdict) => sum + verdict[key], 0);

/**
 * Every pair of answers gives one: of equal actions that of the newer filter. Equal answers are merged, with the widest
 * range of instructions.
 */
function leastPermissive(older: readonly CallOutcome[], newer: readonly CallOutcome[]): readonly CallOutcome[] {
  const found = new Map<number | null, CallOutcome>();
  for (const a of older) {
    for (const b of newer) {
      const { value, action } = rank(a) < rank(b) ? a : b;
      const known = found.get(value);
      found.set(value, {
        value,
        action,
        fewest: Math.min(known?.fewest ?? Infinity, a.fewest + b.fewest),
        most: Math.max(known?.most ?? 0, a.most + b.most),
      });
    }
  }
  return [...found.values()].sort((x, y) => rank(y) - rank(x));
}

/** A computed answer may be the least permissive one. */
const rank = ({ value }: CallOutcome): number => (value === null ? -Infinity : value & 0xffff0000);
