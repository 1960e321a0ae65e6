import { surveyCalls } from '../../filter/index.js';
import type { Simulator } from '../../filter/index.js';
import type { FilterWork } from '../../model/analysis/priced-table.js';
import { isBitmapKernel } from '../percall/bitmap.js';

/**
 * What a filter does with every call of a machine, by the call's name. `kernel` is the one that runs it (`uname -r`):
 * whether it keeps a bitmap of calls that are always allowed. Throws `input` for a filter the kernel would refuse.
 */
export function filterWorks(filter: Simulator, machine: string, kernel: string): ReadonlyMap<string, FilterWork> {
  return new Map(
    surveyCalls(filter, [machine]).map(({ name, outcomes, cacheable, fewest, most }) => [
      name,
      { answers: outcomes.map(({ action }) => action), cached: cacheable && isBitmapKernel(kernel), fewest, most },
    ]),
  );
}
