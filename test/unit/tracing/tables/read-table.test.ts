import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCallTable, readCountsFile } from '../../../../src/tracing/index.js';

const HEAD = [
  '   syscall            calls  errors  total       min       avg       max       stddev',
  '                                     (msec)    (msec)    (msec)    (msec)        (%)',
  '   --------------- --------  ------ -------- --------- --------- ---------     ------',
];
const section = (title: string, ...rows: readonly string[]): readonly string[] => [title, '', ...HEAD, ...rows, '', ''];
const row = (name: string, calls: number, errors = 0): string =>
  `   ${name.padEnd(15)} ${calls}   ${errors}   120.500     0.001     0.086     9.100      7.20%`;
const read = (...lines: readonly string[]) => readCallTable(lines.join('\n'), 'f');

describe('a summary of perf trace', () => {
  it('of all processes together is read, in the kernel or not, with a warning of what it counts', () => {
    const bpf = read(
      ' Summary of events:',
      '',
      ...section(' total, 30 events', row('futex', 10, 3), row('syscall:470', 20)),
    );
    expect(bpf.calls).toEqual([
      { name: 'futex', calls: 10, errors: 3, seconds: 0.1205 },
      { name: 'syscall:470', calls: 20, errors: 0, seconds: 0.1205 },
    ]);
    expect([bpf.time, bpf.warnings]).toEqual([
      'wall',
      ['perf trace counted all processes together; with -a those of the whole machine'],
    ]);
    expect(read(...section(' total, 62 events', row('futex', 10), row('read', 20))).warnings[0]).toBe(
      'f:1: 30 calls in 62 events are all of them only if --bpf-summary was not used',
    );
  });

  it('of threads or control groups is their sum', () => {
    const threads = [
      ...section(' a b (7), 42 events, 60.0%', row('read', 20)),
      ...section(' thread (8), 20 events', row('read', 20, 1)),
    ];
    expect(read(' Summary of events:', '', ...threads).calls).toEqual([
      { name: 'read', calls: 40, errors: 1, seconds: 0.241 },
    ]);
    const groups = [
      ...section(' cgroup /a.slice, 20 events', row('read', 20)),
      ...section(' cgroup id:77, 5 events', row('open', 5)),
    ];
    expect(read(...groups).calls.map(({ name }) => name)).toEqual(['open', 'read']);
  });

  it('with decimal commas and numbers of errors below its rows is read', () => {
    const lines = section(' total, 20 events', row('read', 20, 2).replaceAll('.', ','), '\t\t\t\tEAGAIN: 2');
    expect(read(...lines).calls).toEqual([{ name: 'read', calls: 20, errors: 2, seconds: 0.1205 }]);
  });

  it('whose rows are fewer than its events has a warning, and one with more calls than events is refused', () => {
    expect(read(...section(' total, 2824 events', row('futex', 1390))).warnings[0]).toBe(
      'f:1: 1390 calls in 2824 events are all of them only if --bpf-summary was not used',
    );
    for (const heading of [' total, 2824 events', ' thread (9), 2824 events', ' cgroup /a, 2824 events'])
      expect(read(...section(heading, row('futex', 1204))).warnings[0], heading).toBe(
        'f:1: the rows have 1204 calls for 2824 events, so rows are missing',
      );
    expect(() => read(...section(' x (3), 10 events', row('futex', 11)))).toThrow(
      'f:1: 10 events have 11 calls in their rows',
    );
    expect(read('LOST 3 events!', ...section(' x (3), 22 events, 9.0%', row('futex', 11))).warnings).toEqual([
      'perf trace did not see every call (LOST 3 events): the counts are too low',
    ]);
  });

  it('with a row that cannot be read or without any row is refused', () => {
    expect(() => read(...section(' total, 20 events', row('read', 20).replace('20', '2o')))).toThrow(
      'f:6: this row of perf trace cannot be read',
    );
    expect(() => read(...section(' total, 20 events'))).toThrow('f:1: the summary of perf trace has no calls');
  });

  it('next to a second one is chosen by its number', () => {
    const two = [...section(' total, 20 events', row('read', 20)), ...section(' total, 5 events', row('open', 5))];
    expect(() => read(...two)).toThrow('f has 2 tables of system calls, at lines 1, 9');
    expect(readCallTable(two.join('\n'), 'f', 2).calls.map(({ name }) => name)).toEqual(['open']);
  });
});

describe('counts of tracepoints', () => {
  it('of perf stat are read by the names of their calls, as a person or a program is shown them', () => {
    const human = [
      " Performance counter stats for './a':",
      '',
      '             1,234      syscalls:sys_enter_newstat                                            ( +-  0.10% )',
      '                 0      syscalls:sys_enter_open',
      '                 7      syscalls:sys_enter_futex',
    ];
    expect(read(...human).calls).toEqual([
      { name: 'futex', calls: 7, errors: null, seconds: null },
      { name: 'stat', calls: 1234, errors: null, seconds: null },
    ]);
    expect(
      read('12,,syscalls:sys_enter_read,100,100.00,,', '7,,syscalls:sys_enter_futex,100,100.00,,').calls,
    ).toHaveLength(2);
    expect(() => read('<not supported>,,syscalls:sys_enter_read,0,100.00,,')).toThrow(
      'f:1: perf stat did not count sys_enter_read: <not supported>',
    );
  });

  it('of bpftrace are read, over all programs', () => {
    expect(
      read(
        'Attaching 2 probes...',
        '@[tracepoint:syscalls:sys_enter_read]: 5',
        '@[tracepoint:syscalls:sys_enter_futex]: 6',
      ).calls,
    ).toHaveLength(2);
    expect(
      read('@n[bash, tracepoint:syscalls:sys_enter_read]: 5', '@n[ls, tracepoint:syscalls:sys_enter_read]: 2').calls,
    ).toEqual([{ name: 'read', calls: 7, errors: null, seconds: null }]);
  });
});

describe('what is no table', () => {
  it.each([
    ['PERFILE2\0', 'it is not text'],
    ['openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY) = 3\n', 'it is a log of strace, without the table of -c'],
    [
      '% time     seconds  usecs/call     calls      function\n',
      'it is output of ltrace -c, which counts calls of libraries',
    ],
    ['SYSCALL                   COUNT\nread 3\n', 'it is output of syscount, which shows only the most frequent calls'],
    ['3101,,raw_syscalls:sys_enter,1,100.00,,', 'it has one number for all calls, without names'],
    ['     0.030 ( 0.010 ms): ls/7 brk() = 0x5\n', 'it is a log of perf trace, without the summary of -s'],
    ['[]', 'it is JSON'],
  ])('is named: %j', (text, words) => {
    expect(() => readCallTable(text, 'f')).toThrow(`f is not a table of system calls: ${words}`);
  });
});

describe('a file of counts', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tables-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const open = (given: string) => readCountsFile(given, { cwd: folder }, 'a hint');

  it('may be given with the number of a table, unless its own name ends so', async () => {
    writeFileSync(join(folder, 'a'), 'one');
    writeFileSync(join(folder, 'b#2'), 'two');
    expect(await open('a#3')).toMatchObject({ shown: 'a', table: 3, text: 'one' });
    expect(await open('b#2')).toMatchObject({ shown: 'b#2', table: null, text: 'two' });
  });

  it('is a regular file or a pipe of at most 16 MiB', async () => {
    await expect(open('/dev/zero')).rejects.toThrow('/dev/zero is neither a regular file nor a pipe');
    await expect(open('.')).rejects.toThrow('. is a folder, not a file');
    await expect(open('none')).rejects.toThrow('could not read none: no such file or directory');
    writeFileSync(join(folder, 'large'), Buffer.alloc(16 * 2 ** 20 + 1));
    await expect(open('large')).rejects.toThrow('large is larger than 16 MiB');
  });
});
