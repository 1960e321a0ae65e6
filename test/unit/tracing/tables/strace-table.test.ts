import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCallTable } from '../../../../src/tracing/index.js';

const text = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../../fixtures/strace', name), 'utf8');
const read = (name: string): ReadonlyMap<string, readonly unknown[]> =>
  new Map(
    readCallTable(text(name), name).calls.map(({ name: call, calls, errors, seconds }) => [
      call,
      [calls, errors, seconds],
    ]),
  );

const TABLE = [
  '% time     seconds  usecs/call     calls    errors syscall',
  '------ ----------- ----------- --------- --------- ----------------',
  ' 80.88    0.000055           1       106        16 open',
  ' 19.12    0.000013           0       140           munmap',
  '------ ----------- ----------- --------- --------- ----------------',
  '100.00    0.000068                   246        16 total',
  '',
];
const changed = (line: number, by: string): string =>
  TABLE.map((own, index) => (index + 1 === line ? by : own)).join('\n');

describe('a saved output of strace -c', () => {
  it('is read as strace 6.1 writes it: no errors are blank', () => {
    const calls = read('docker-run-default.txt');
    expect([calls.size, calls.get('futex'), calls.get('newfstatat'), calls.get('clone')]).toEqual([
      30,
      [197, 1, 0.00683],
      [7, 6, 0],
      [5, 0, 0],
    ]);
    expect([...calls.values()].reduce((sum, [own]) => sum + Number(own), 0)).toBe(549);
  });

  it('is read with the name first, columns selected, in any order, and after the log of -C', () => {
    expect([read('columns-selected.txt').get('access'), read('columns-selected.txt').get('mmap')]).toEqual([
      [1, 1, null],
      [8, 0, null],
    ]);
    expect([read('columns-all.txt').get('access'), read('columns-all.txt').size]).toEqual([[1, 1, 0], 16]);
    expect([read('log-and-table.txt').get('access'), read('log-and-table.txt').size]).toEqual([[1, 1, 0], 16]);
  });

  it('is read as older versions write it, whose total has no time per call, and with a table per word size', () => {
    expect(readCallTable(TABLE.join('\n'), 'f').calls).toEqual([
      { name: 'munmap', calls: 140, errors: 0, seconds: 0.000013 },
      { name: 'open', calls: 106, errors: 16, seconds: 0.000055 },
    ]);
    const two = [...TABLE, 'System call usage summary for 32 bit mode:', ...TABLE].join('\n');
    expect(readCallTable(two, 'f').calls.map(({ name, calls }) => [name, calls])).toEqual([
      ['munmap', 140],
      ['munmap (32 bit)', 140],
      ['open', 106],
      ['open (32 bit)', 106],
    ]);
  });

  it.each([
    ['an empty file', '', 'f is not a table of system calls: it is empty'],
    ['another file', '{"a": 1}\n', 'f is not a table of system calls: it is JSON'],
    [
      'a row with a letter in a number',
      changed(3, ' 80.88    0.000055           1       1o6        16 open'),
      'f:3: expected a row of 6 columns (% time, seconds, usecs/call, calls, errors, syscall), got "80.88    0.000055           1       1o6        16 open"',
    ],
    [
      'an empty line in the table',
      changed(4, ''),
      'f:4: expected a row of 6 columns (% time, seconds, usecs/call, calls, errors, syscall), got an empty line',
    ],
    [
      'a total of errors that is not the sum',
      changed(6, '100.00    0.000068           0       246        17 total'),
      'f:6: expected a total of 16 errors, the sum of the rows above, got "100.00    0.000068           0       246        17 total"',
    ],
    [
      'a total that is not the sum',
      changed(6, '100.00    0.000068           0       245        16 total'),
      'f:6: expected a total of 246 calls, the sum of the rows above, got "100.00    0.000068           0       245        16 total"',
    ],
    ['no dashes under the names', changed(2, 'x'), 'f:2: expected a line of dashes, got "x"'],
    [
      'no end',
      TABLE.slice(0, 4).join('\n'),
      'f:4: expected the line "total", which ends the table, got " 19.12    0.000013           0       140           munmap"',
    ],
    [
      'no column of calls',
      'syscall          seconds\n------- --------\nread    0.1\n',
      'f:1: expected a column "calls", got "syscall          seconds"',
    ],
  ])('is refused with file and line: %s', (_, content, message) => {
    expect(() => readCallTable(content, 'f')).toThrow(message);
  });

  const comma = TABLE.map((line) => line.replaceAll(/(\d)\.(\d)/g, '$1,$2'));

  it('is read with decimal commas, as a German locale prints them', () => {
    expect(readCallTable(comma.join('\n'), 'f')).toEqual(readCallTable(TABLE.join('\n'), 'f'));
  });

  it('is read behind the words that a log puts before every line, and within quotes and diffs', () => {
    const plain = readCallTable(TABLE.join('\n'), 'f').calls;
    for (const prefix of ['web-1  | ', 'Nov 26 20:48:08 host strace[77]: ', '> ', '+'])
      expect(readCallTable(TABLE.map((line) => `${prefix}${line}`).join('\n'), 'f').calls, prefix).toEqual(plain);
    const stamped = TABLE.map((line, index) => `2026-11-26T20:48:08.${'1'.repeat(index + 1)}Z ${line}`);
    expect(readCallTable(stamped.join('\n'), 'f').calls).toEqual(plain);
  });

  it('is read with the name between other columns, and with the wall times of strace of 2026', () => {
    const named = ['calls syscall errors', '----- ------- ------', '    3 read', '    2 open 1', '    5 total 1'];
    expect(readCallTable(named.join('\n'), 'f').calls).toEqual([
      { name: 'open', calls: 2, errors: 1, seconds: null },
      { name: 'read', calls: 3, errors: 0, seconds: null },
    ]);
    const walls = [
      'wall-total wall-avg calls syscall',
      '---------- -------- ----- -------',
      '  0.250000   125000     2 read',
    ];
    expect(readCallTable([...walls, '  0.250000   125000     2 total'].join('\n'), 'f').calls).toEqual([
      { name: 'read', calls: 2, errors: null, seconds: 0.25 },
    ]);
  });

  it('of several tables in one file is chosen by its number, and refused without one', () => {
    const notes = ['# before', '```', ...TABLE, '```', '# after', '```', ...comma, '```'].join('\n');
    expect(() => readCallTable(notes, 'n.md')).toThrow('n.md has 2 tables of system calls, at lines 3, 13');
    expect([1, 2].map((number) => readCallTable(notes, 'n.md', number).line)).toEqual([3, 13]);
    expect(() => readCallTable(notes, 'n.md', 3)).toThrow('n.md#3: expected a table from 1 to 2, got 3');
    // A second run of a program of two word sizes is another table.
    const mixed = [...TABLE.slice(0, -1), 'System call usage summary for 32 bit mode:', ...TABLE];
    expect(() => readCallTable([...mixed, 'again', ...mixed].join('\n'), 'f')).toThrow('at lines 1, 16');
  });

  const tableOf = (...names: readonly string[]): string =>
    ['calls syscall', '----- -------', ...names.map((name) => `1 ${name}`), `${names.length} total`].join('\n');

  it('that counts one class of calls alone has a warning, and no other has one', () => {
    const warnings = (...names: readonly string[]): readonly string[] => readCallTable(tableOf(...names), 'f').warnings;
    expect(warnings('openat', 'newfstatat', 'access')).toEqual([
      'only calls on files were counted, as strace -e trace=%file does: all other calls are missing',
    ]);
    expect(warnings('socket', 'connect')).toEqual([expect.stringContaining('on sockets')]);
    expect(warnings('clone', 'execve')).toEqual([expect.stringContaining('on processes')]);
    expect(warnings('read', 'ppoll')).toEqual([expect.stringContaining('on file descriptors')]);
    expect(warnings('openat', 'read', 'futex')).toEqual([]);
  });

  it('is not looked for in prose, and time without sense is no number', () => {
    const prose = 'It prints seconds, calls and the calls syscall\n\n';
    expect(readCallTable(`${prose}${TABLE.join('\n')}`, 'f').line).toBe(3);
    expect(
      readCallTable(changed(3, '  -nan    0.000055           1       106        16 open'), 'f').calls,
    ).toHaveLength(2);
    expect(() => readCallTable(changed(4, ' 19.12    0.000013           0     1,140           munmap'), 'f')).toThrow(
      'f:4:',
    );
  });
});
