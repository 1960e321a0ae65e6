import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SyscallCounts } from '../../../src/model/results/syscalls.js';
import { createResultFolder, readResultFolder, readSyscallsFile } from '../../../src/results/index.js';
import { HOST, planOf, sequential } from './runs.js';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'seccomp-bench-counts-'));
});
afterEach(() => {
  rmSync(parent, { recursive: true });
});

const COUNTS: SyscallCounts = {
  formatVersion: 1,
  counter: { name: 'strace', version: '6.1', split: 'exec' },
  refusals: [{ name: 'perf-stat', reason: 'not found', fix: null }],
  notes: ['dockerd was traced'],
  arms: [
    {
      arm: 'before',
      state: 'counted',
      runs: [[{ part: 'runtime', calls: [{ name: 'brk', calls: 3, errors: 0, seconds: null }], operations: [] }]],
      countedNs: [2e6],
      uncountedNs: [1e6],
    },
    { arm: 'after', state: 'notCounted', reason: 'it failed' },
  ],
};

function folder(counts?: SyscallCounts): string {
  using writer = createResultFolder(parent, planOf(sequential(1)), HOST);
  if (counts !== undefined) writer.writeSyscalls(counts);
  return writer.path;
}

describe('syscalls.json', () => {
  it('is read back as it was written, alone too, and is absent where nothing was counted', () => {
    const path = folder(COUNTS);
    expect(readResultFolder(path).syscalls).toEqual(COUNTS);
    expect(readSyscallsFile(join(path, 'syscalls.json'))).toEqual(COUNTS);
    rmSync(path, { recursive: true });
    const without = folder();
    expect([existsSync(join(without, 'syscalls.json')), readResultFolder(without).syscalls]).toEqual([
      false,
      undefined,
    ]);
  });

  const [before] = COUNTS.arms;
  it.each([
    ['another format', { ...COUNTS, formatVersion: 3 }, 'formatVersion: expected 1 or 2, got 3'],
    [
      'another counter',
      { ...COUNTS, counter: { ...COUNTS.counter, name: 'ltrace' } },
      'counter.name: expected one of strace, perf-trace, perf-stat, got "ltrace"',
    ],
    ['no arms', { ...COUNTS, arms: undefined }, 'arms: expected a list, got '],
    [
      'a count below 0',
      {
        ...COUNTS,
        arms: [
          {
            ...before,
            runs: [
              [{ part: 'runtime', calls: [{ name: 'brk', calls: -1, errors: 0, seconds: null }], operations: [] }],
            ],
          },
        ],
      },
      'arms[0].runs[0][0].calls[0].calls: expected a whole number of at least 0, got -1',
    ],
    [
      'an unknown part',
      { ...COUNTS, arms: [{ ...before, runs: [[{ part: 'kernel', calls: [], operations: [] }]] }] },
      'arms[0].runs[0][0].part: expected one of daemon, shim, runtime, container, all, got "kernel"',
    ],
    [
      'a time that is not a number',
      { ...COUNTS, arms: [{ ...before, countedNs: ['1'] }] },
      'arms[0].countedNs[0]: expected a number of at least 0, got "1"',
    ],
    [
      'an arm without a reason',
      { ...COUNTS, arms: [{ arm: 'after', state: 'notCounted' }] },
      'arms[0].reason: expected text, got ',
    ],
  ])('is refused with the path: %s', (_, content, message) => {
    const path = folder();
    writeFileSync(join(path, 'syscalls.json'), JSON.stringify(content));
    expect(() => readResultFolder(path)).toThrow(`syscalls.json: ${message}`);
  });

  it('is refused where it is not JSON', () => {
    const path = folder();
    writeFileSync(join(path, 'syscalls.json'), '{');
    expect(() => readResultFolder(path)).toThrow('syscalls.json is not JSON');
    expect(() => readSyscallsFile(join(path, 'nowhere.json'))).toThrow(
      `could not read ${join(path, 'nowhere.json')}: no such file or directory`,
    );
  });
});
