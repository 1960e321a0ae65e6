import { writeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errnoName } from '../../../src/process/libc.js';
import { MemoryFile } from '../../../src/process/files/memfd.js';
import { spawnChild, StdioActions } from '../../../src/process/spawn.js';
import { ChildWaiter, decodeUsage } from '../../../src/process/waiter.js';
import { sh } from './commands.js';

describe('struct rusage', () => {
  it('is read field by field, times to the nanosecond', () => {
    const usage = Buffer.alloc(144);
    // Two timevals, then fourteen longs; every field has a different value, so that a wrong offset shows.
    [3, 999_999, 5, 1, 123_456, 11, 12, 13, 2_000, 7, 14, 15, 16, 17, 18, 19, 42, 2 ** 40].forEach((value, field) => {
      usage.writeBigInt64LE(BigInt(value), field * 8);
    });
    expect(decodeUsage(usage)).toEqual({
      user: 3_999_999_000,
      system: 5_000_001_000,
      maxRssKiB: 123_456,
      minorFaults: 2_000,
      majorFaults: 7,
      voluntarySwitches: 42,
      involuntarySwitches: 2 ** 40,
    });
  });
});

describe('waiting for children', () => {
  const start = (script: string): number => {
    using output = new MemoryFile('output');
    using actions = new StdioActions({ stdin: output.fd, stdout: output.fd, stderr: output.fd });
    return Number(spawnChild(sh(script), actions));
  };

  it('finds those that ended, and reaps each with its own status', () => {
    using waiter = new ChildWaiter();
    const codes = new Map([1, 2, 3].map((code) => [start(`exit ${code}`), code]));
    for (const pid of codes.keys()) waiter.add(pid);
    const ended = new Map<number, unknown>();
    while (ended.size < codes.size) for (const pid of waiter.wait(5_000)) ended.set(pid, waiter.reap(pid).exit);
    expect(ended).toEqual(new Map([...codes].map(([pid, code]) => [pid, { kind: 'exited', code }])));
  });

  it('takes no child for ended that it cannot reap: an untouched status would read as exit code 0', () => {
    using waiter = new ChildWaiter();
    expect(() => waiter.reap(process.pid)).toThrow(`wait4 could not reap child ${process.pid}: ECHILD`);
  });

  it('refuses to watch what is no process, by errno', () => {
    using waiter = new ChildWaiter();
    expect(() => {
      waiter.add(2 ** 22 + 1);
    }).toThrow(/pidfd_open failed: (ESRCH|EINVAL)/);
  });

  it('kills and reaps all it watches', () => {
    using waiter = new ChildWaiter();
    const pids = [start('exec sleep 60'), start('exec sleep 60')];
    for (const pid of pids) waiter.add(pid);
    waiter.killAll();
    for (const pid of pids) expect(() => waiter.reap(pid)).toThrow('ECHILD');
  });
});

describe('a memory file', () => {
  it('gives what was written since the last time', () => {
    using file = new MemoryFile('test');
    expect(file.take()).toBe('');
    writeSync(file.fd, 'first');
    writeSync(file.fd, ' ü');
    expect([file.take(), file.take()]).toEqual(['first ü', '']);
    writeSync(file.fd, 'second');
    expect(file.take()).toBe('second');
  });

  it('takes all that is written and keeps the last 64 KiB of it', () => {
    using file = new MemoryFile('test');
    writeSync(file.fd, 'x'.repeat(1_000_000));
    writeSync(file.fd, 'the end');
    const kept = file.take();
    expect([kept.length, kept.endsWith('xthe end'), file.take()]).toEqual([65_536, true, '']);
  });
});

describe('errno', () => {
  it('has its usual name, or its number where it has none', () => {
    expect([errnoName(2), errnoName(17), errnoName(4_000)]).toEqual(['ENOENT', 'EEXIST', 'errno 4000']);
  });
});
