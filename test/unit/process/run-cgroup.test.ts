import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { controllerPlace } from '../../../src/process/cgroup/cgroups.js';
import { RunCgroup } from '../../../src/process/cgroup/run-cgroup.js';

const LIMITS = { pids: 3000, memory: 2 ** 32 };

/** Enters the cgroup of a run, or skips the test where this machine or this user cannot. */
function entered(context: TestContext): RunCgroup {
  const cgroup = RunCgroup.enter(`sb-cgroup-test-${process.pid}`, LIMITS);
  const refusal = cgroup.refusal('pids');
  if (refusal !== undefined) context.skip(refusal);
  return cgroup;
}

const limitOf = (folder: string): string => readFileSync(join(folder, 'pids.max'), 'utf8').trim();
const own = (): string => controllerPlace('pids')?.folder ?? '';

describe('the cgroup of a run', () => {
  it('holds this process and what it starts, with limits, and is gone when the last engine has left', async (context) => {
    const before = own();
    const first = entered(context);
    const inside = own();
    expect([inside === before, inside.endsWith(`sb-cgroup-test-${process.pid}-limits`), limitOf(inside)]).toEqual([
      false,
      true,
      '3000',
    ]);
    const second = RunCgroup.enter('sb-another-run', LIMITS);
    expect([second === first, own()]).toEqual([true, inside]);
    first.limit('pids', 5000);
    expect(limitOf(inside)).toBe('5000');
    await first.leave();
    expect(own()).toBe(inside);
    await second.leave();
    expect([own(), existsSync(inside)]).toEqual([before, false]);
  });

  it('may be entered anew', async (context) => {
    const before = own();
    for (let times = 0; times < 2; times += 1) await entered(context).leave();
    expect(own()).toBe(before);
  });
});
