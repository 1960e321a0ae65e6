import { describe, expect, it } from 'vitest';
import type { RunWarning } from '../../../src/model/analysis/analysis.js';
import { busyWords, renderTerminalSummary, warningsOf } from '../../../src/report/index.js';
import { warningSentence } from '../../../src/report/words/warnings.js';
import { SEQUENTIAL } from './fixtures.js';

const words = (warning: RunWarning): string => warningSentence(warning, 'sequential');
const paused = { code: 'paused', times: 1, blocks: 1, gapNs: 3.2e9, left: 0 } as const;

describe('what kept blocks from following one another evenly', () => {
  it.each<[RunWarning, string]>([
    [paused, 'The machine, bench or a container stood still once (at most 4 s). The block was run again.'],
    [
      { ...paused, times: 3, blocks: 2 },
      'The machine, bench or a container stood still 3 times (at most 4 s). Those blocks were run again.',
    ],
    [
      { ...paused, times: 4, left: 1 },
      'The machine, bench or a container stood still 4 times (at most 4 s). One block stood still in the last attempt \
too and counts as measured: find out what stops it, and run again.',
    ],
    [
      { code: 'runtimeChanged', path: '/usr/sbin/runc' },
      '/usr/sbin/runc was replaced while the run went on, which ended it. Its comparisons are invalid: run again.',
    ],
    [
      { code: 'runtimeChanged', path: null },
      'The runtime was replaced while the run went on, which ended it. Its comparisons are invalid: run again.',
    ],
    [
      { code: 'failedBlocks' },
      'The run ended early: every container of several blocks in a row failed. The results so far are kept.',
    ],
  ])('is told: %o', (warning, sentence) => {
    expect(words(warning)).toBe(sentence);
  });

  it('is on the terminal, with the other warnings', () => {
    const { run, analysis } = SEQUENTIAL;
    const told = { run, analysis: { ...analysis, warnings: [paused] } };
    expect(warningsOf(told)[0]).toContain('stood still once');
    expect(renderTerminalSummary(told, { columns: 80, colour: false, reportPath: null }).replaceAll(/\s+/g, ' ')).toContain('Warning: The machine, bench or a container');
  });
});

describe('a busy machine in words', () => {
  const quiet = { processors: 2, loadBefore: 0.1, othersShare: 0, stolenShare: 0, otherRuns: [] };

  it.each([
    [{ othersShare: 0.384 }, 'other programs used 38 % of the CPU time'],
    [{ othersShare: null, loadBefore: 3.14 }, 'load average 3.1 on 2 CPUs before it'],
    [{ stolenShare: 0.05 }, 'the hypervisor took 5 % of the CPU time'],
    [{ otherRuns: ['sb-1'] }, '1 other run of bench (sb-1)'],
    [
      { othersShare: 0.5, stolenShare: 0.1, otherRuns: ['sb-1', 'sb-2'] },
      'other programs used 50 % of the CPU time, the hypervisor took 10 % of the CPU time, \
2 other runs of bench (sb-1, sb-2)',
    ],
  ])('%o', (change, said) => {
    expect(busyWords({ ...quiet, ...change })).toBe(said);
  });
});
