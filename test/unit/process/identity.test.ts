import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { livenessOf, thisProcess } from '../../../src/process/identity.js';

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
});
