import type { NamedCall, UnpricedCall } from '../../model/results/percall/percall.js';
import type { Machine } from '../../payload/index.js';
import type { ConvertedArm } from '../arms/convert.js';
import { numbered } from '../percall/simulate.js';
import { priceable, unpricedUnder } from '../percall/split.js';
import { refuse } from './cannot-run.js';
import { CALLER_NEEDS, knownFilter } from './needs.js';

/** What is to be timed. */
interface CallsToTime {
  readonly calls: readonly NamedCall[];
  /** Names of calls that may be left out. */
  readonly droppable?: readonly string[];
}

/**
 * Looks at the calls to time before the first container. Throws `input` for an arm under which the program that times
 * calls cannot run, `notComparable` for a call that was asked for by name and would end that program.
 */
export function checkCalls(
  arms: readonly ConvertedArm[],
  { calls, droppable = [] }: CallsToTime,
  machine: Machine,
): void {
  const priced = numbered(calls, machine);
  const unpriced: UnpricedCall[] = [];
  for (const arm of arms) {
    const { name, copyOf } = arm.definition;
    const filter = copyOf === undefined ? knownFilter(arm, machine) : undefined;
    if (filter === undefined) continue;
    const unmet = filter.unmet(CALLER_NEEDS);
    if (unmet !== undefined)
      refuse(name, {
        code: 'cannot-start',
        words: `${unmet.call} is not allowed, and the program that times calls needs it`,
        hint: `Allow ${unmet.call} in the profile, or leave the arm out.`,
      });
    unpriced.push(...unpricedUnder({ arm: name, filters: filter.filters }, priced, machine));
  }
  priceable(priced, unpriced, droppable);
}
