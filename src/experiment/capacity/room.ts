import type { Crowd, CountedCrowd } from '../../model/filter/capacity.js';
import { FEWEST_COUNTED } from '../../model/filter/capacity.js';

/** Counts tasks under a limit in bytes. */
export type CountUnder = (limit: number, tasks: number) => Promise<Crowd>;

/** Between the two limits: the size of one is known to 0.1 %. */
const BETWEEN = 1000;
/** More than any filter of 4096 instructions takes 100 times. */
const FIRST_LIMIT = 1024 * 1024;
/** Each takes 64 bytes or more, so they do not fit under the first limit. */
const MOST_TASKS = 20_000;

/**
 * Counts filters under two limits, and under the first one again: what all other programs use is the same under both,
 * and the third count shows whether it was. Fewer counts where the kernel does not refuse, or too few fit.
 */
export async function countUnderLimits(limit: number, count: CountUnder): Promise<readonly CountedCrowd[]> {
  const counted: CountedCrowd[] = [];
  const under = async (bytes: number): Promise<CountedCrowd> => {
    const one = { limit: bytes, crowd: await count(bytes, MOST_TASKS) };
    counted.push(one);
    return one;
  };
  const first = await firstLimit(limit, under);
  if (first === null) return counted;
  const step = Math.ceil((BETWEEN * first.limit) / first.crowd.filters);
  await under(Math.min(limit, first.limit + step));
  await under(first.limit);
  return counted;
}

/** The lowest of doubled limits under which enough are loaded; `null` up to the machine's own. */
async function firstLimit(
  limit: number,
  under: (bytes: number) => Promise<CountedCrowd>,
): Promise<CountedCrowd | null> {
  for (let bytes = Math.min(FIRST_LIMIT, limit); ; bytes = Math.min(2 * bytes, limit)) {
    const one = await under(bytes);
    const { filters, refusal } = one.crowd;
    if (refusal?.step === 'load' && filters >= FEWEST_COUNTED) return one;
    if (bytes >= limit || refusal?.step !== 'load') return null;
  }
}
