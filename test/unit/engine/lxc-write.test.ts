import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { notWritten, stagesOf, withWrite, writeTimed } from '../../../src/engine/lxc/write.js';
import { NO_USAGE } from '../../../src/process/waiter.js';
import type { ContainerRun } from '../../../src/model/container/container.js';
import { judge } from '../../../src/model/container/outcome.js';
import { nanoseconds as ns } from '../../../src/model/time.js';
import { clock } from '../process/commands.js';

const RUN: ContainerRun = {
  exit: { kind: 'exited', code: 0 },
  startedAt: ns(1000),
  wall: ns(500),
  usage: { ...NO_USAGE, user: ns(40), system: ns(20) },
  stdout: 'ok\n',
  stderr: '',
};
const WRITE = { startedAt: ns(700), wall: ns(100), user: ns(3), system: ns(4) };

describe('a file written as part of a start', () => {
  it('is there, whole, and has its times', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-lxc-'));
    const write = writeTimed(join(folder, 'file'), () => 'a\nb\n', clock);
    expect([readFileSync(join(folder, 'file'), 'utf8'), write.errno, write.wall > 0]).toEqual([
      'a\nb\n',
      undefined,
      true,
    ]);
    rmSync(folder, { recursive: true });
  });

  it('fails the container, not the run, on a full disk', () => {
    const run = notWritten(
      '/dev/full',
      writeTimed('/dev/full', () => 'x', clock),
    );
    expect([run.exit, run.failedIn, run.stderr]).toEqual([
      { kind: 'notStarted', errno: 'ENOSPC' },
      'write',
      'writing /dev/full: ENOSPC',
    ]);
    expect(judge(run, 'exit')).toEqual({ state: 'failed', cause: 'could not be started: ENOSPC' });
  });

  it("adds its wall and CPU time to the container's, in stages that add up", () => {
    const stages = stagesOf(RUN, WRITE, clock);
    const { wall, startedAt, usage } = withWrite(RUN, WRITE, stages);
    expect([stages, wall, startedAt, usage.user, usage.system]).toEqual([{ write: 100, start: 500 }, 600, 900, 43, 24]);
  });

  it('ends the start at the first instruction where the payload stamped it', () => {
    const before = clock();
    const stamp = process.hrtime.bigint();
    const stages = stagesOf({ ...RUN, startedAt: before, wall: ns(1e9), stdout: `ok ${stamp}\n` }, WRITE, clock);
    expect(Object.keys(stages)).toEqual(['write', 'start', 'exit']);
    expect((stages.start ?? 0) + (stages.exit ?? 0)).toBe(1e9);
    expect(stagesOf({ ...RUN, startedAt: before, stdout: 'ok 1\n' }, WRITE, clock)).toEqual({
      write: 100,
      start: 0,
      exit: 500,
    });
  });
});
