import { describe, expect, it } from 'vitest';
import { versionedFault } from '../../../src/results/check/documents.js';
import type { WorkloadFindings } from '../../../src/model/results/workload-findings.js';

const workloadFault = (value: unknown, arms: readonly string[]): string | undefined =>
  versionedFault('workload', value, arms);

const FINDINGS: WorkloadFindings = {
  formatVersion: 1,
  program: { kind: 'program', args: ['/bin/true'], env: [], cwd: '/', binds: [] },
  starts: [{ arm: 'a', wallNs: [1, null], cpuNs: [1, null] }],
  rates: [{ arm: 'a', stepMs: 1000, calls: [5, 6], wallNs: 9 }],
  prices: {
    times: [{ arm: 'a', call: 'getppid', ns: [100.5, null] }],
    classes: [{ arm: 'a', call: 'getppid', cached: true, fewest: 5, most: 5 }],
  },
  touch: [{ arm: 'a', call: 'getppid', ns: [3, -1], mib: 8, order: 'random' }],
  profiles: [{ arm: 'a', profiler: 'perf', state: 'none', reason: 'no perf' }],
  notTaken: [{ what: 'rate', reason: 'no perf' }],
};

describe('workload.json', () => {
  it('is accepted as a run writes it, with and without prices', () => {
    expect([workloadFault(FINDINGS, ['a']), workloadFault({ ...FINDINGS, prices: null, starts: [] }, ['a'])]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it.each<[object, string]>([
    [{ formatVersion: 3 }, 'formatVersion: expected 1 or 2, got 3'],
    [{ program: { ...FINDINGS.program, args: [1] } }, 'program.args[0]: expected text, got 1'],
    [{ starts: {} }, 'starts: expected a list, got {}'],
    [{ starts: [{ arm: 'b', wallNs: [], cpuNs: [] }] }, 'starts[0].arm: expected one of the plan\'s (a), got "b"'],
    [{ rates: [{ ...FINDINGS.rates[0], calls: [-1] }] }, 'rates[0].calls[0]: expected a number of at least 0, got -1'],
    [{ prices: 'x' }, 'prices: expected an object or null, got "x"'],
    [
      { prices: { times: [{ arm: 'a', call: 'x', ns: ['1'] }], classes: [] } },
      'prices.times[0].ns[0]: expected a number or null, got "1"',
    ],
    [{ prices: { times: [], classes: [{}] } }, 'prices.classes[0].arm: expected text, got nothing'],
    [{ touch: [{ ...FINDINGS.touch[0], order: 'up' }] }, 'touch[0].order: expected "sequential" or "random", got "up"'],
    [
      { profiles: [{ arm: 'a', profiler: 'gprof', state: 'none', reason: 'x' }] },
      'profiles[0].profiler: expected "cprofile" or "perf", got "gprof"',
    ],
    [{ notTaken: undefined }, 'notTaken: expected a list, got nothing'],
  ])('is refused with %j', (more, message) => {
    expect(workloadFault({ ...FINDINGS, ...more }, ['a'])).toBe(message);
  });
});
