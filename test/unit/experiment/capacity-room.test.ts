import { describe, expect, it } from 'vitest';
import { countUnderLimits } from '../../../src/experiment/capacity/room.js';
import type { CountUnder } from '../../../src/experiment/capacity/room.js';
import { roomFrom } from '../../../src/statistics/index.js';
import { crowdUnder, KERNEL } from '../results/capacity-run.js';

const LIMIT = 528_482_304;

/** A kernel in which other programs use `used` bytes, and a filter takes `size`. */
const kernel =
  ({ size, used }: { readonly size: number; readonly used: number }): CountUnder =>
  (limit, tasks) =>
    Promise.resolve(crowdUnder({ ...KERNEL, image: size, used }, limit, tasks));

const found = async (count: CountUnder, limit = LIMIT) => roomFrom(limit, await countUnderLimits(limit, count), 1);

describe('the room under net.core.bpf_jit_limit', () => {
  it('is bounded by what one filter takes and what others use', async () => {
    for (const [size, used] of [
      [11_904, 160_000],
      [64, 0],
      [40_000, 3_000_000],
    ] as const) {
      const { image, room } = await found(kernel({ size, used }));
      if (image.state !== 'measured' || room.state !== 'measured') throw new Error('not measured');
      expect(image.value.low).toBeLessThanOrEqual(size);
      expect(image.value.high).toBeGreaterThanOrEqual(size);
      expect((image.value.high - image.value.low) / size).toBeLessThan(0.003);
      expect(room.value.inUse.low).toBeLessThanOrEqual(used);
      expect(room.value.inUse.high).toBeGreaterThanOrEqual(used);
      const fit = Math.floor((LIMIT - used) / size);
      expect(room.value.filters.low).toBeLessThanOrEqual(fit);
      expect(room.value.filters.high).toBeGreaterThanOrEqual(fit);
      expect(room.value.withExecs.map(({ execs }) => execs)).toEqual([0, 1, 10]);
      for (const { execs, containers } of room.value.withExecs)
        expect(containers.low).toBe(Math.floor(room.value.filters.low / (1 + execs)));
    }
  });

  it('is that of tasks with several filters where filters are stacked', async () => {
    const counted = await countUnderLimits(LIMIT, kernel({ size: 11_904, used: 0 }));
    const { room } = roomFrom(LIMIT, counted, 4);
    if (room.state !== 'measured') throw new Error('not measured');
    expect(room.value.withExecs[0]?.containers.high).toBe(Math.floor(room.value.filters.high / 4));
  });

  it('is not known where other programs load filters while it is counted', async () => {
    let calls = 0;
    const busy: CountUnder = (limit, tasks) => {
      calls += 1;
      return kernel({ size: 11_904, used: 160_000 + calls * 100_000 })(limit, tasks);
    };
    const { image, room } = await found(busy);
    const disturbed = { state: 'notMeasured', reason: 'disturbed' };
    expect([image, room]).toEqual([disturbed, disturbed]);
  });

  it('is not known where something else than the limit ends the count', async () => {
    const noProcesses: CountUnder = () =>
      Promise.resolve({ tasks: 500, filters: 500, refusal: { step: 'fork', errno: 11 } });
    expect((await found(noProcesses)).room).toEqual({ state: 'notMeasured', reason: 'disturbed' });
  });

  it('has no end where the kernel interprets filters beyond the limit', async () => {
    const interpreting: CountUnder = (_, tasks) => Promise.resolve({ tasks, filters: tasks, refusal: null });
    expect((await found(interpreting)).room).toEqual({ state: 'notMeasured', reason: 'neverRefused' });
  });

  it('never raises the limit of the machine', async () => {
    const limits: number[] = [];
    const count = kernel({ size: 11_904, used: 0 });
    await countUnderLimits(1_500_000, (limit, tasks) => {
      limits.push(limit);
      return count(limit, tasks);
    });
    expect(Math.max(...limits)).toBe(1_500_000);
  });
});
