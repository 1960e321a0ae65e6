import { BenchError } from '../../errors.js';
import { loadSameFilter } from '../../model/run/evidence.js';
import type { ArmEvidence } from '../../model/run/evidence.js';
import type { ArmDefinition } from '../../model/run/scenario.js';

/**
 * Refuses an arm that asks for the form that its runtime builds of that spec in any case, next to an arm that has it:
 * each call would be priced twice under one filter. Throws `notComparable`.
 */
export function refuseSameForms(arms: readonly ArmDefinition[], evidence: readonly ArmEvidence[]): void {
  const own = new Set(arms.flatMap(({ name, making }) => (making === undefined ? [] : [name])));
  for (const { name, making } of arms) {
    const one = evidence.find(({ arm }) => arm === name);
    if (making?.form === undefined || one?.predicted.state !== 'built') continue;
    const { runtime, form } = one.predicted;
    const like = evidence.find((other) => !own.has(other.arm) && loadSameFilter(one, other) === true);
    // Without a runtime, bench itself builds the filter in the form that is asked for.
    if (like === undefined || runtime === undefined) continue;
    const what = form === 'tree' ? 'a binary tree' : 'the plain form';
    throw new BenchError(
      'notComparable',
      `arms ${name} and ${like.arm} load the same filter: ${runtime} builds ${what} of this spec in any case`,
      { hint: 'Price only one of them, or use --engine crun or namespaces, which load either form.' },
    );
  }
}
