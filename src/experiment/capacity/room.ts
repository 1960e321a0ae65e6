import type { Bytes, Crowd, FilterRoom, Measured } from '../../model/filter/capacity.js';

/** Counts tasks under a limit in bytes. */
export type CountUnder = (limit: number, tasks: number) => Promise<Crowd>;

/** A limit and what was loaded under it. */
export interface Counted {
  readonly limit: number;
  readonly crowd: Crowd;
}

export interface FoundRoom {
  readonly image: Measured<Bytes>;
  readonly room: Measured<FilterRoom>;
  readonly counted: readonly Counted[];
}

/** Fewer tell the size of one too roughly. */
const FEWEST = 100;
/** Between the two limits: the size of one is known to 0.1 %. */
const BETWEEN = 1000;
/** More than any filter of 4096 instructions takes 100 times. */
const FIRST_LIMIT = 1024 * 1024;
const MOST_TASKS = 20_000;

/**
 * What one filter takes of the limit, and how many fit: filters are counted under two limits. What all other programs
 * use is the same under both. A third count, under the first limit again, tells whether it was.
 */
export async function findRoom(limit: number, count: CountUnder): Promise<FoundRoom> {
  const counted: Counted[] = [];
  const under = async (bytes: number): Promise<Counted> => {
    const one = { limit: bytes, crowd: await count(bytes, MOST_TASKS) };
    counted.push(one);
    return one;
  };
  const disturbed = (): FoundRoom => ({ image: DISTURBED, room: DISTURBED, counted });
  const first = await firstLimit(limit, under);
  if (first === null) return disturbed();
  const step = Math.ceil((BETWEEN * first.limit) / first.crowd.filters);
  const second = await under(Math.min(limit, first.limit + step));
  const again = await under(first.limit);
  const more = second.crowd.filters - first.crowd.filters;
  const isSteady = Math.abs(again.crowd.filters - first.crowd.filters) <= 1;
  if (!isSteady || more < FEWEST || second.crowd.refusal?.step !== 'load') return disturbed();
  const bytes = second.limit - first.limit;
  const image = { bytes: bytes / more, low: bytes / (more + 1), high: bytes / (more - 1) };
  return {
    image: { state: 'measured', value: image },
    room: { state: 'measured', value: roomOf(limit, image, first) },
    counted,
  };
}

const DISTURBED = { state: 'notMeasured', reason: 'disturbed' } as const;

/** The lowest of doubled limits under which enough are loaded; `null` up to the machine's own. */
async function firstLimit(limit: number, under: (bytes: number) => Promise<Counted>): Promise<Counted | null> {
  for (let bytes = Math.min(FIRST_LIMIT, limit); ; bytes = Math.min(2 * bytes, limit)) {
    const one = await under(bytes);
    const { filters, refusal } = one.crowd;
    if (refusal?.step === 'load' && filters >= FEWEST) return one;
    if (bytes >= limit || refusal?.step !== 'load') return null;
  }
}

function roomOf(limit: number, image: Bytes, { limit: bytes, crowd }: Counted): FilterRoom {
  const used = (size: number, filters: number): number => Math.max(0, bytes - size * filters);
  const inUse = {
    bytes: used(image.bytes, crowd.filters + 0.5),
    low: used(image.high, crowd.filters + 1),
    high: used(image.low, crowd.filters),
  };
  return {
    limit,
    inUse,
    filters: {
      low: Math.floor((limit - inUse.high) / image.high),
      high: Math.floor((limit - inUse.low) / image.low),
    },
  };
}
