import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { livenessOf, thisProcess } from '../../../src/process/identity.js';
import { childrenOf, isRunning, startTicksOf } from '../../../src/process/processes.js';

describe('the identity of a process', () => {
  it('names pid, start, boot, pid namespace and host', () => {
    expect(thisProcess()).toEqual({
      pid: process.pid,
      startTicks: expect.any(Number) as number,
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
      pidNamespace: readlinkSync('/proc/self/ns/pid'),
      hostname: hostname(),
    });
  });
});

describe('whether a recorded process still runs', () => {
  const own = thisProcess();

  it('is recognised by pid and start time together, because pids are used again', () => {
    expect(livenessOf(own)).toBe('alive');
    expect(livenessOf({ ...own, startTicks: own.startTicks - 1 })).toBe('dead');
    expect(livenessOf({ ...own, pid: 2 ** 22 + 1 })).toBe('dead');
  });

  it('is known for records without boot id and pid namespace, as earlier versions wrote them', () => {
    const { pid, startTicks } = own;
    expect(livenessOf({ pid, startTicks })).toBe('alive');
    expect(livenessOf({ pid, startTicks: startTicks - 1 })).toBe('dead');
  });

  it('is no after a reboot, even if another process has its pid and start time', () => {
    expect(livenessOf({ ...own, bootId: '00000000-0000-0000-0000-000000000000' })).toBe('dead');
  });

  it('is unknown for a process of another pid namespace or another machine', () => {
    expect(livenessOf({ ...own, pidNamespace: 'pid:[1]' })).toBe('unknown');
    expect(livenessOf({ ...own, pidNamespace: 'pid:[1]', pid: 2 ** 22 + 1 })).toBe('unknown');
    expect(livenessOf({ ...own, bootId: '00000000-0000-0000-0000-000000000000', hostname: 'elsewhere' })).toBe(
      'unknown',
    );
  });

  it('is no for a zombie, which only waits to be reaped', async () => {
    // The shell becomes a sleep, which never reaps the child of the shell.
    const parent = spawn('/bin/sh', ['-c', '/bin/true & exec /bin/sleep 60'], { stdio: 'ignore' });
    try {
      await once(parent, 'spawn');
      const zombie = await eventually(() => childrenOf(parent.pid!).find((pid) => !isRunning(pid)));
      expect(startTicksOf(zombie)).toBeGreaterThan(0);
      expect(livenessOf({ ...own, pid: zombie, startTicks: startTicksOf(zombie)! })).toBe('dead');
    } finally {
      parent.kill('SIGKILL');
    }
  });

  it('is told by its lock where its pid means nothing', () => {
    const elsewhere = { ...own, pidNamespace: 'pid:[1]', pid: 2 ** 22 + 1 };
    expect(livenessOf(elsewhere, { lock: 'held' })).toBe('alive');
    expect(livenessOf(elsewhere, { lock: 'free' })).toBe('dead');
    expect(livenessOf(elsewhere, { lock: 'unknown' })).toBe('unknown');
  });

  it('is not told by a free lock on another machine, whose locks may not be seen here', () => {
    const far = { ...own, bootId: '00000000-0000-0000-0000-000000000000', hostname: 'elsewhere' };
    expect(livenessOf(far, { lock: 'free' })).toBe('unknown');
    expect(livenessOf(far, { lock: 'held' })).toBe('alive');
  });
});

async function eventually<Found>(look: () => Found | undefined): Promise<Found> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
