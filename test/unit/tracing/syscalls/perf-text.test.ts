import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPerfStat, readPerfTrace } from '../../../../src/tracing/syscalls/perf-text.js';

const fixture = (name: string): string => readFileSync(join(import.meta.dirname, '../../../fixtures', name), 'utf8');

describe('what perf prints', () => {
  it('is read thread by thread, also with names that contain brackets and colons', () => {
    const threads = readPerfTrace(fixture('perf-trace-runc.txt'));
    expect(threads.map(({ name, pid, calls }) => [name, pid, calls.length])).toEqual([
      ['runc', 26658, 44],
      ['runc:[1:CHILD]', 26681, 6],
      ['payload', 26682, 61],
    ]);
    expect(threads[2]!.calls.slice(0, 2)).toEqual([
      { name: 'read', calls: 84, errors: 0, seconds: 0.067271 },
      { name: 'newfstatat', calls: 289, errors: 50, seconds: 0.007737 },
    ]);
  });

  it('is read by the names of its columns: older versions have no errors', () => {
    const old =
      ' Summary of events:\n\n true (7), 4 events, 100.0%\n\n   syscall            calls    total       min       avg       max      stddev\n                               (msec)    (msec)    (msec)    (msec)        (%)\n   --------------- -------- --------- --------- --------- ---------     ------\n   brk                    3     1.250     0.010     0.013     0.022     45.86%\n';
    expect(readPerfTrace(old)).toEqual([
      { name: 'true', pid: 7, calls: [{ name: 'brk', calls: 3, errors: null, seconds: 0.00125 }] },
    ]);
  });

  it('is refused where events were lost, or nothing was counted', () => {
    expect(() => readPerfTrace('LOST 12 events!\n')).toThrow('perf trace did not see every call: LOST 12 events');
    expect(() => readPerfStat('<not supported>,,raw_syscalls:sys_enter,0,100.00,,\n')).toThrow(
      'perf stat did not count raw_syscalls:sys_enter: <not supported>',
    );
    expect(() => readPerfStat('')).toThrow('perf stat did not count raw_syscalls:sys_enter');
  });

  it('is one number from perf stat', () => {
    expect(readPerfStat(fixture('perf-stat-runc.txt'))).toEqual({
      name: '(any call)',
      calls: 3101,
      errors: null,
      seconds: null,
    });
  });
});
