import { describe, expect, it } from 'vitest';
import type { CallAnalysis } from '../../../src/model/analysis/call-analysis.js';
import type { CallCount, PartCounts, SyscallCounts } from '../../../src/model/results/syscalls.js';
import { renderCalls, renderComparisons } from '../../../src/report/calls/call-lines.js';
import { callTables } from '../../../src/report/calls/calls.js';
import { renderMarkdown } from '../../../src/report/run/markdown.js';
import { summaryOf } from '../../../src/report/run/summary.js';
import { viewOf } from '../../../src/report/run/view.js';
import { analyseCalls } from '../../../src/statistics/index.js';
import { SEQUENTIAL } from './fixtures.js';

const call = (name: string, calls: number, errors = 0, seconds = 0): CallCount => ({ name, calls, errors, seconds });
const arm = (brk: number, reads: number, load: number): readonly PartCounts[] => [
  {
    part: 'runtime',
    calls: [call('brk', brk, 0, 0.25), call('read', reads, 2, 0.75), call('a_call_with_a_long_name_indeed', 1)],
    operations: load === 0 ? [] : [call('seccomp(SECCOMP_SET_MODE_FILTER)', load)],
  },
  { part: 'container', calls: [call('write', 1, 0, 0.5)], operations: [] },
];
const COUNTS: SyscallCounts = {
  formatVersion: 1,
  counter: { name: 'strace', version: '6.1', split: 'exec' },
  refusals: [],
  notes: ['dockerd (process 7) was traced'],
  arms: [
    {
      arm: 'before',
      state: 'counted',
      runs: [arm(41, 10, 1), arm(41, 12, 1)],
      countedNs: [30e6, 30e6],
      uncountedNs: [10e6, 10e6],
    },
    {
      arm: 'after',
      state: 'counted',
      runs: [arm(21, 11, 1), arm(21, 12, 1)],
      countedNs: [40e6, 40e6],
      uncountedNs: [10e6, 10e6],
    },
    { arm: 'broken', state: 'notCounted', reason: 'it failed' },
  ],
};
const analysis = (): CallAnalysis => {
  const calls = analyseCalls(COUNTS);
  if (calls === undefined) throw new Error('there are counts');
  return calls;
};
const look = { columns: 80, colour: false, all: true };

const CLIENT = { code: 'client', making: ['unshare'], talking: ['connect'], go: ['futex'] } as const;

describe('counts on a terminal', () => {
  it('are a sentence per part, the calls that differ, and a table per arm and part as strace -c prints it', () => {
    const lines = renderCalls(analysis(), look).split('\n');
    expect(lines.join(' ')).toContain(
      'before: 2 runs; counting made a start take 3.00 times as long (30.0 ms instead of 10.0 ms)',
    );
    expect(lines).toContain('broken was not counted: it failed');
    const from = lines.indexOf('before: runtime');
    expect(lines.slice(from + 1, from + 8)).toEqual([
      '% time  seconds usecs/call   calls errors syscall',
      '------ -------- ---------- ------- ------ ------------------------------',
      ' 75.00 0.750000      68750 ~10..12      2 read',
      ' 25.00 0.250000       6098      41        brk',
      '  0.00 0.000000          0       1        a_call_with_a_long_name_indeed',
      '------ -------- ---------- ------- ------ ------------------------------',
      '100.00 1.000000      18875 ~52..54      2 total',
    ]);
  });

  it('show what varies only where all is asked for', () => {
    expect(renderCalls(analysis(), { ...look, all: false })).toContain('1 call left out: it varies only between runs.');
    expect(renderCalls(analysis(), look)).not.toContain('left out');
  });

  it.each([80, 60, 40])('fit %i columns', (columns) => {
    expect(
      Math.max(
        ...renderCalls(analysis(), { ...look, columns })
          .split('\n')
          .map((line) => line.length),
      ),
    ).toBeLessThanOrEqual(columns);
  });

  it('of saved files begin with what is doubtful about both, said once, and end with what would count the container', () => {
    const text = renderComparisons(
      analysis().comparisons,
      {
        doubts: [
          { file: 'a', signs: CLIENT },
          { file: 'b', signs: CLIENT },
        ],
        warnings: ['b: only calls on files were counted'],
      },
      look,
    );
    expect(text).toMatch(/\nWarning: b: only calls on files were counted\.\n$/);
    expect(text).toMatch(/^a and b: these are the calls of the docker client, or one like it/);
    expect(text).toContain('bench syscalls count --engine docker');
    expect(renderComparisons(analysis().comparisons, { doubts: [], warnings: [] }, look)).not.toContain(
      'bench syscalls count',
    );
  });
});

describe('counts in a report', () => {
  const analysed = { ...SEQUENTIAL, analysis: { ...SEQUENTIAL.analysis, calls: analysis() } };

  it('are tables: the slow-down, every comparison, and every arm in full, folded', () => {
    const tables = callTables(analysis());
    expect(tables.map(({ title, folded }) => [title, folded ?? false])).toEqual([
      ['System calls', false],
      ['System calls: after against before', false],
      ['System calls of before', true],
      ['System calls of after', true],
    ]);
    expect(tables[0]!.rows).toEqual([
      ['before', '2', 'runtime ~52..54, container 1', '10.0', '30.0', '3.00'],
      ['after', '2', 'runtime ~33..34, container 1', '10.0', '40.0', '4.00'],
      ['broken', '0', 'not counted: it failed', '–', '–', '–'],
    ]);
    expect(tables[1]!.rows.map((row) => [row[1], row[2], row[3], row[4], row[9]])).toEqual([
      ['brk', '41', '21', '−20', 'differs exactly'],
    ]);
    expect(callTables(undefined)).toEqual([]);
  });

  it('are in Markdown and summary.json, and are null there where nothing was counted', () => {
    expect(renderMarkdown(viewOf([analysed]))).toContain('### System calls: after against before');
    expect(summaryOf([analysed], []).runs[0]!.calls?.arms.map((one) => one.arm)).toEqual(['before', 'after']);
    expect(summaryOf([SEQUENTIAL], []).runs[0]!.calls).toBeNull();
  });
});
