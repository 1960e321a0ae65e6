import { describe, expect, it } from 'vitest';
import { findRoom } from '../../../src/experiment/capacity/room.js';
import type { CountUnder } from '../../../src/experiment/capacity/room.js';

const LIMIT = 528_482_304;
const ENOTSUPP = 524;

/** A kernel in which other programs use `used` bytes, and a filter takes `size`. */
const kernel =
  ({ size, used }: { readonly size: number; readonly used: number }): CountUnder =>
  (limit, tasks) => {
    const fit = Math.max(0, Math.floor((limit - used) / size));
    return Promise.resolve(
      fit < tasks
        ? { tasks: fit, filters: fit, refusal: { step: 'load', errno: ENOTSUPP } }
        : { tasks, filters: tasks, refusal: null },
    );
  };

describe('the room under net.core.bpf_jit_limit', () => {
  it('is bounded by what one filter takes and what others use', async () => {
    for (const [size, used] of [
      [11_904, 160_000],
      [64, 0],
      [40_000, 3_000_000],
    ] as const) {
      const { image, room } = await findRoom(LIMIT, kernel({ size, used }));
      if (image.state !== 'measured' || room.state !== 'measured') throw new Error('not measured');
      expect(image.value.low).toBeLessThanOrEqual(size);
      expect(image.value.high).toBeGreaterThanOrEqual(size);
      expect((image.value.high - image.value.low) / size).toBeLessThan(0.003);
      expect(room.value.inUse.low).toBeLessThanOrEqual(used);
      expect(room.value.inUse.high).toBeGreaterThanOrEqual(used);
      const fit = Math.floor((LIMIT - used) / size);
      expect(room.value.filters.low).toBeLessThanOrEqual(fit);
      expect(room.value.filters.high).toBeGreaterThanOrEqual(fit);
    }
  });

  it('is not known where other programs load filters while it is counted', async () => {
    let calls = 0;
    const busy: CountUnder = (limit, tasks) => {
      calls += 1;
      return kernel({ size: 11_904, used: 160_000 + calls * 100_000 })(limit, tasks);
    };
    const { image, room, counted } = await findRoom(LIMIT, busy);
    expect([image, room].map(({ state }) => state)).toEqual(['notMeasured', 'notMeasured']);
    expect(counted.length).toBe(calls);
  });

  it('is not known where something else than the limit ends the count', async () => {
    const noProcesses: CountUnder = () =>
      Promise.resolve({ tasks: 500, filters: 500, refusal: { step: 'fork', errno: 11 } });
    expect((await findRoom(LIMIT, noProcesses)).room).toEqual({ state: 'notMeasured', reason: 'disturbed' });
  });

  it('never raises the limit of the machine', async () => {
    const limits: number[] = [];
    const count = kernel({ size: 11_904, used: 0 });
    await findRoom(1_500_000, (limit, tasks) => {
      limits.push(limit);
      return count(limit, tasks);
    });
    expect(Math.max(...limits)).toBe(1_500_000);
  });
});
