import { describe, expect, it } from 'vitest';
import { atFirstInstruction } from '../../../src/engine/stage-marks.js';
import type { ContainerRun } from '../../../src/model/container/container.js';
import { nanoseconds } from '../../../src/model/time.js';
import { NO_USAGE } from '../../../src/process/waiter.js';

/** A clock that began with this machine's own. */
const clock = () => nanoseconds(Number(process.hrtime.bigint()));

/** Long, so that it does not matter when the clocks are read. */
const WALL = 1e15;

const run = (stdout: string, startedAt: number): ContainerRun => ({
  exit: { kind: 'exited', code: 0 },
  startedAt: nanoseconds(startedAt),
  wall: nanoseconds(WALL),
  usage: NO_USAGE,
  stdout,
  stderr: '',
});

describe('an exec by one command', () => {
  it('is told apart at the first instruction of its program, without a rest', () => {
    const startedAt = clock();
    const { stages } = atFirstInstruction(run(`ok ${startedAt + WALL / 4}\n`, startedAt), clock);
    const { start = 0, exit = 0 } = stages ?? {};
    expect([start > 0, exit > start, start + exit]).toEqual([true, true, WALL]);
  });

  it.each([
    ['told no time', 'ok\n'],
    ['may not read the clock', 'ok -1\n'],
    ['has the clock of another kernel', 'ok 5\n'],
  ])('has no stages where its program %s', (_, stdout) => {
    const one = run(stdout, clock());
    expect(atFirstInstruction(one, clock)).toBe(one);
  });
});
