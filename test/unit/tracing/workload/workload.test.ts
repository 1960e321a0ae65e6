import { describe, expect, it } from 'vitest';
import { cprofileArgs, cprofileSeconds, readTaskState } from '../../../../src/tracing/index.js';
import { readIntervals } from '../../../../src/tracing/workload/call-rate.js';

describe('a python command under cProfile', () => {
  it('runs a script or a module by -m cProfile', () => {
    expect(cprofileArgs(['/usr/bin/python3', 'a.py', '-c'])).toEqual([
      '/usr/bin/python3',
      '-m',
      'cProfile',
      '-s',
      'tottime',
      'a.py',
      '-c',
    ]);
    expect(cprofileArgs(['python3.11', '-X', 'utf8', '-u', '-m', 'json.tool', 'x'])).toEqual([
      'python3.11',
      '-X',
      'utf8',
      '-u',
      '-m',
      'cProfile',
      '-s',
      'tottime',
      '-m',
      'json.tool',
      'x',
    ]);
  });

  it('runs a text through cProfile.run, with the arguments after it', () => {
    const [program, option, wrapper, text, ...own] = cprofileArgs(['python3', '-c', 'print(1)', 'a', 'b']) ?? [];
    expect([program, option, text, own]).toEqual(['python3', '-c', 'print(1)', ['a', 'b']]);
    expect(wrapper).toContain('cProfile.run(text');
  });

  it.each([
    [['ls', '-c']],
    [['python3']],
    [['python3', '-']],
    [['python3', '-c']],
    [['python3', '-X', 'utf8']],
    [['pythonic', 'a.py']],
    [[]],
  ])('is none where it is %j', (args) => {
    expect(cprofileArgs(args)).toBeNull();
  });

  it('has the time it took', () => {
    expect(cprofileSeconds('         20000005 function calls in 4.123 seconds\n')).toBe(4.123);
    expect(cprofileSeconds('   120 function calls (117 primitive calls) in 0.002 seconds\n')).toBe(0.002);
    expect(cprofileSeconds('nothing')).toBeNull();
  });
});

describe('the intervals of perf stat -I', () => {
  it('are read in their order, with comments around them', () => {
    expect(
      readIntervals(
        '# started on Wed\n\n     1.000192113,812,,raw_syscalls:sys_enter,1000000,100.00,,\n     1.500192113,40,,raw_syscalls:sys_enter,500000,100.00,,\n',
      ),
    ).toEqual([812, 40]);
  });

  it('are null where perf did not count, and empty where it wrote nothing', () => {
    expect(readIntervals('     1.0,<not supported>,,raw_syscalls:sys_enter,0,100.00,,\n')).toBeNull();
    expect(readIntervals('# started\n')).toEqual([]);
  });
});

describe('the state of a task', () => {
  it('is read from its status', () => {
    const status =
      'Name:\tpayload\nSeccomp:\t2\nSeccomp_filters:\t1\nSpeculation_Store_Bypass:\tthread force mitigated\nSpeculationIndirectBranch:\tconditional force disabled\n';
    expect(readTaskState(7, (path) => (path === '/proc/7/status' ? status : ''))).toEqual({
      speculationStoreBypass: 'thread force mitigated',
      speculationIndirectBranch: 'conditional force disabled',
      seccompFilters: 1,
    });
  });

  it('is empty on an old kernel, and null for a process that is gone', () => {
    expect(readTaskState(7, () => 'Name:\tx\n')).toEqual({
      speculationStoreBypass: null,
      speculationIndirectBranch: null,
      seccompFilters: null,
    });
    expect(
      readTaskState(7, () => {
        throw new Error('ENOENT');
      }),
    ).toBeNull();
  });

  it('is that of this process', () => {
    expect(readTaskState(process.pid)).not.toBeNull();
  });
});
