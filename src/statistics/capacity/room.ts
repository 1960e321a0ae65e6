import { FEWEST_COUNTED } from '../../model/filter/capacity.js';
import type {
  Bytes,
  CountedCrowd,
  FilterRoom,
  FitWithExecs,
  Measured,
  NotMeasured,
} from '../../model/filter/capacity.js';

/** The image of one filter, and how many fit. */
export interface RoomFound {
  readonly image: Measured<Bytes>;
  readonly room: Measured<FilterRoom>;
}

/** Neither is known. */
export const withoutRoom = (reason: NotMeasured): RoomFound => ({
  image: { state: 'notMeasured', reason },
  room: { state: 'notMeasured', reason },
});

/**
 * What one filter takes of the limit, and how many fit, from counts under two limits and under the first one again.
 * `stacked`: filters in each task.
 */
export function roomFrom(limit: number, counted: readonly CountedCrowd[], stacked: number): RoomFound {
  const [last] = counted.slice(-1);
  if (last === undefined) return withoutRoom('disturbed');
  if (last.crowd.refusal === null) return withoutRoom('neverRefused');
  const [first, second, again] = counted.slice(-3);
  if (first === undefined || second === undefined || again === undefined) return withoutRoom('disturbed');
  const more = second.crowd.filters - first.crowd.filters;
  const isSteady = again.limit === first.limit && Math.abs(again.crowd.filters - first.crowd.filters) <= 1;
  if (!isSteady || more < FEWEST_COUNTED || second.crowd.refusal?.step !== 'load') return withoutRoom('disturbed');
  const bytes = second.limit - first.limit;
  const image = { bytes: bytes / more, low: bytes / (more + 1), high: bytes / (more - 1) };
  return {
    image: { state: 'measured', value: image },
    room: { state: 'measured', value: roomOf(limit, image, first, stacked) },
  };
}

function roomOf(limit: number, image: Bytes, { limit: bytes, crowd }: CountedCrowd, stacked: number): FilterRoom {
  const used = (size: number, filters: number): number => Math.max(0, bytes - size * filters);
  const inUse = {
    bytes: used(image.bytes, crowd.filters + 0.5),
    low: used(image.high, crowd.filters + 1),
    high: used(image.low, crowd.filters),
  };
  const filters = {
    low: Math.floor((limit - inUse.high) / image.high),
    high: Math.floor((limit - inUse.low) / image.low),
  };
  return { limit, inUse, filters, withExecs: EXECS.map((execs) => fitWith(execs, filters, stacked)) };
}

/** In every container at the same time. */
const EXECS = [0, 1, 10] as const;

function fitWith(execs: number, { low, high }: FilterRoom['filters'], stacked: number): FitWithExecs {
  const each = stacked * (1 + execs);
  return { execs, containers: { low: Math.floor(low / each), high: Math.floor(high / each) } };
}
