import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStraceTable } from '../../../../src/tracing/index.js';

const text = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../../fixtures/strace', name), 'utf8');
const read = (name: string): ReadonlyMap<string, readonly unknown[]> =>
  new Map(
    readStraceTable(text(name), name).calls.map(({ name: call, calls, errors, seconds }) => [
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
    expect(readStraceTable(TABLE.join('\n'), 'f').calls).toEqual([
      { name: 'munmap', calls: 140, errors: 0, seconds: 0.000013 },
      { name: 'open', calls: 106, errors: 16, seconds: 0.000055 },
    ]);
    const two = [...TABLE, 'System call usage summary for 32 bit mode:', ...TABLE].join('\n');
    expect(readStraceTable(two, 'f').calls.map(({ name, calls }) => [name, calls])).toEqual([
      ['munmap', 140],
      ['munmap (32 bit)', 140],
      ['open', 106],
      ['open (32 bit)', 106],
    ]);
  });

  it.each([
    ['an empty file', '', 'f is not output of strace -c: the line of column names is missing'],
    ['another file', '{"a": 1}\n', 'f is not output of strace -c: the line of column names is missing'],
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
    expect(() => readStraceTable(content, 'f')).toThrow(message);
  });
});
