import { describe, expect, it } from 'vitest';
import { runBatch } from '../../../src/engine/daemon-batch.js';
import type { ContainerRun } from '../../../src/model/container/container.js';
import { nanoseconds } from '../../../src/model/time.js';
import type { Nanoseconds } from '../../../src/model/time.js';
import { NO_USAGE } from '../../../src/process/waiter.js';

/** A clock that every container moves on by 10, and a container that ends only when it is let go. */
function batch(hanging: string, concurrency: number) {
  let now = 0;
  const ended: string[] = [];
  let letGo = (): void => undefined;
  const hang = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const one = async (id: string, startedAt: Nanoseconds): Promise<ContainerRun> => {
    if (id === hanging) await hang;
    else await new Promise(setImmediate);
    now += id === hanging ? 1000 : 10;
    ended.push(id);
    const wall = nanoseconds(now - startedAt);
    return { exit: { kind: 'exited', code: 0 }, startedAt, wall, usage: NO_USAGE, stdout: '', stderr: '' };
  };
  const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
  const request = { ids, concurrency, signal: new AbortController().signal, one };
  return {
    ended,
    letGo: () => {
      letGo();
    },
    run: runBatch(request, () => nanoseconds(now)),
  };
}

describe('a batch of a daemon', () => {
  it.each([6, 2])('keeps the times of the others while one hangs, at most %i at a time', async (concurrency) => {
    const { ended, letGo, run } = batch('b', concurrency);
    await expect.poll(() => ended.length).toBe(5);
    expect(ended).not.toContain('b');
    letGo();
    const { containers, makespan } = await run;
    const walls = containers.map(({ wall }) => Number(wall));
    expect(walls.filter((wall) => wall <= 50).length).toBe(5);
    expect([walls[1], Number(makespan)]).toEqual([1050, 1050]);
  });
});
