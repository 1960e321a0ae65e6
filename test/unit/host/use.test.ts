import { describe, expect, it } from 'vitest';
import { readHostUse } from '../../../src/host/index.js';
import { useBetween } from '../../../src/model/host/use.js';
import type { HostReading } from '../../../src/model/host/use.js';
import { disturbances } from '../../../src/model/results/conditions.js';

const files = (content: Readonly<Record<string, string>>) => ({
  read: (path: string) => content[path] ?? null,
  list: () => [],
});
const system = { cpus: () => Array(4).fill({}) as never, loadavg: () => [1.5, 1, 0.5] };
/** user nice system idle iowait irq softirq steal guest guest_nice; a process's name may hold blanks and brackets. */
const STAT = 'cpu  100 20 30 800 40 5 5 50 60 0\ncpu0 1 2 3 4 5 6 7 8 9 0';
const OWN = '42 (a ) b) S 1 1 1 0 -1 4194560 9 8 7 6 10 4 30 6 20 0 7 0 99';

describe('how busy a machine is', () => {
  it('is read from /proc/stat, and what is its own from /proc/self/stat', () => {
    expect(readHostUse(files({ '/proc/stat': STAT, '/proc/self/stat': OWN }), system)).toEqual({
      processors: 4,
      load: 1.5,
      ticks: { total: 1050, busy: 160, stolen: 50, own: 50 },
    });
  });

  it('is not known where the kernel does not tell', () => {
    expect(readHostUse(files({ '/proc/stat': STAT }), system).ticks).toBeNull();
    expect(readHostUse(files({ '/proc/self/stat': OWN }), system).ticks).toBeNull();
  });

  it('can be read on this machine', () => {
    const { ticks, processors } = readHostUse();
    expect(processors).toBeGreaterThan(0);
    expect(ticks?.total).toBeGreaterThan(ticks?.busy ?? Infinity);
  });
});

describe('what others used between two readings', () => {
  const reading = (total: number, busy: number, stolen: number, own: number): HostReading => ({
    processors: 2,
    load: 1,
    ticks: { total, busy, stolen, own },
  });

  it('is what is busy and not its own, as a share of all time', () => {
    expect(useBetween(reading(1000, 400, 10, 100), reading(2000, 900, 60, 300))).toEqual({
      othersShare: 0.3,
      stolenShare: 0.05,
    });
  });

  it('is never below nothing: children that ended now may have begun before', () => {
    expect(useBetween(reading(1000, 400, 0, 0), reading(2000, 500, 0, 400)).othersShare).toBe(0);
  });

  it('is not known without time in between, or without counts', () => {
    const nothing = { othersShare: null, stolenShare: null };
    expect(useBetween(reading(1, 1, 0, 0), reading(1, 1, 0, 0))).toEqual(nothing);
    expect(useBetween({ processors: 2, load: 1, ticks: null }, reading(1, 1, 0, 0))).toEqual(nothing);
  });
});

describe('what disturbs a run', () => {
  const quiet = { processors: 4, loadBefore: 0.2, loadAfter: 1.2, othersShare: 0.1, stolenShare: 0, otherRuns: [] };

  it.each([
    ['other programs', { othersShare: 0.26 }],
    ['the hypervisor', { stolenShare: 0.02 }],
    ['another run', { otherRuns: ['sb-1'] }],
    ['load before it, where a daemon hides the share', { othersShare: null, loadBefore: 1.1 }],
  ])('is %s', (_, change) => {
    expect(disturbances({ ...quiet, ...change })).toEqual({ ...quiet, ...change });
  });

  it.each([
    ['nothing', {}],
    ['no load that is its own', { loadAfter: 40 }],
    ['no load whose share was low', { loadBefore: 3 }],
    ['nothing that is not known', { othersShare: null, stolenShare: null }],
  ])('is %s on a quiet machine', (_, change) => {
    expect(disturbances({ ...quiet, ...change })).toBeNull();
  });
});
