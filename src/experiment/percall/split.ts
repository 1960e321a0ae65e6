import { BenchError } from '../../errors.js';
import { actionText, auditArch, executeAll, RETURN } from '../../filter/index.js';
import type { Simulator } from '../../filter/index.js';
import type { PricedCall } from '../../model/results/percall/caller-report.js';
import type { UnpricedCall } from '../../model/results/percall/percall.js';
import type { Machine } from '../../payload/index.js';

/** Answers that neither end nor stop the caller, by the action's bits. */
const SURVIVED: readonly number[] = [RETURN.ALLOW, RETURN.LOG, RETURN.ERRNO];

/** A call as the caller makes it; only the caller knows the address of its memory, and no filter asks for it. */
export const callOf = ({ nr, args }: Pick<PricedCall, 'nr' | 'args'>, machine: Machine) => ({
  arch: auditArch(machine),
  nr,
  args: args.map((arg) => (arg === '@' ? 0n : BigInt(arg))),
});

/** Whether a filter's answer lets the caller live on, by itself. */
export const isSurvived = (value: number): boolean => SURVIVED.includes((value & 0xffff0000) >>> 0);

/** An arm's filters, all loaded. */
export interface FilteredArm {
  readonly arm: string;
  readonly filters: readonly Simulator[];
}

/** The calls that cannot be timed under an arm, as its filter would end or stop the program that times them. */
export function unpricedUnder(
  { arm, filters }: FilteredArm,
  calls: readonly PricedCall[],
  machine: Machine,
): readonly UnpricedCall[] {
  return calls.flatMap((call) => {
    const { value } = executeAll(filters, callOf(call, machine));
    return isSurvived(value) ? [] : [{ call: call.name, arm, action: actionText(value) }];
  });
}

/** Throws `notComparable` for a call that was asked for by its name. */
export function refuseUnpriced({ call, arm, action }: UnpricedCall): never {
  throw new BenchError('notComparable', `${call} cannot be timed under ${arm}: the filter answers ${action}`, {
    hint: action.startsWith('TRACE')
      ? 'That asks a tracer, and there is none. Leave out the call or the arm.'
      : 'This would end or stop the program that times it. Leave out the call or the arm.',
  });
}

/**
 * The calls that are left to time, and those that are left out, each with the first arm that stands against it. Throws
 * `notComparable` for one that may not be left out, and where none is left.
 */
export function priceable(
  calls: readonly PricedCall[],
  unpriced: readonly UnpricedCall[],
  droppable: readonly string[],
): { readonly calls: readonly PricedCall[]; readonly leftOut: readonly UnpricedCall[] } {
  const named = unpriced.find(({ call }) => !droppable.includes(call));
  if (named !== undefined) refuseUnpriced(named);
  const leftOut = calls.flatMap(({ name }) => unpriced.find(({ call }) => call === name) ?? []);
  const left = calls.filter(({ name }) => leftOut.every(({ call }) => call !== name));
  const [first] = leftOut;
  if (left.length === 0 && first !== undefined) refuseUnpriced(first);
  return { calls: left, leftOut };
}
