import type { Simulator } from '../../filter/index.js';
import { callsOf } from '../../filter/index.js';
import type { CallCount } from '../../model/results/syscalls.js';
import { UNKNOWN_CALL } from '../../model/results/percall/percall.js';
import type { NamedCall } from '../../model/results/percall/percall.js';
import { harmlessCall, MOST_CALLS } from '../../model/run/harmless-calls.js';
import type { Machine } from '../../payload/index.js';
import { callOf, isSurvived } from '../percall/split.js';

/**
 * Always timed where they are survived: cached ones, some decided by their arguments, a denied one and one that does
 * not exist, so that there is a line from short to long paths.
 */
const PROBES = ['getppid', 'getuid', 'personality', 'socket', 'kexec_load', UNKNOWN_CALL.name];

/**
 * The calls to time for a table: the probes, and the table's own that are known to change nothing, the most frequent
 * first; without those that a filter would answer with the caller's end.
 */
export function timedCalls(
  counts: readonly CallCount[],
  filters: readonly Simulator[],
  machine: Machine,
): readonly NamedCall[] {
  const own = counts.toSorted((a, b) => b.calls - a.calls).map(({ name }) => name);
  const numbers = new Map<string, number>(callsOf(machine).map(({ name, nr }) => [name, nr]));
  numbers.set(UNKNOWN_CALL.name, UNKNOWN_CALL.nr);
  return [...new Set([...PROBES, ...own])]
    .flatMap((name) => harmlessCall(name) ?? [])
    .filter(({ name, args }) => {
      const nr = numbers.get(name);
      return (
        nr !== undefined && filters.every((filter) => isSurvived(filter.execute(callOf({ nr, args }, machine)).value))
      );
    })
    .slice(0, MOST_CALLS);
}
