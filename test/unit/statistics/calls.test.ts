import { describe, expect, it } from 'vitest';
import { FORMAT_VERSION } from '../../../src/model/results/format.js';
import type { ArmCounts, CallCount, PartCounts, SyscallCounts } from '../../../src/model/results/syscalls.js';
import { analyseCalls, clientNotContainer, partTables } from '../../../src/statistics/index.js';

const call = (name: string, calls: number, errors: number | null = 0, seconds: number | null = 0): CallCount => ({
  name,
  calls,
  errors,
  seconds,
});
const run = (...calls: readonly CallCount[]): readonly PartCounts[] => [{ part: 'runtime', calls, operations: [] }];
const counted = (arm: string, ...runs: readonly (readonly PartCounts[])[]): ArmCounts => ({
  arm,
  state: 'counted',
  runs,
  countedNs: [],
  uncountedNs: [],
});
const document = (...arms: readonly ArmCounts[]): SyscallCounts => ({
  formatVersion: FORMAT_VERSION,
  counter: { name: 'strace', version: '6.1', split: 'exec' },
  refusals: [],
  notes: [],
  arms,
});

describe('the table of an arm', () => {
  it('has the fewest and most calls, the median time, its mean per call and its share, most time first', () => {
    const [table] = partTables([
      run(call('brk', 10, 0, 1), call('read', 4, 1, 6)),
      run(call('brk', 10, 0, 3), call('read', 6, 3, 6)),
      run(call('brk', 10, 0, 2), call('read', 5, 2, 9)),
    ]);
    expect(table!.rows).toEqual([
      {
        name: 'read',
        calls: { min: 4, max: 6 },
        errors: { min: 1, max: 3 },
        seconds: 6,
        usecsPerCall: 1.5e6,
        timeShare: 6 / 9,
      },
      {
        name: 'brk',
        calls: { min: 10, max: 10 },
        errors: { min: 0, max: 0 },
        seconds: 2,
        usecsPerCall: 2e5,
        timeShare: 2 / 9,
      },
    ]);
    expect(table!.total).toMatchObject({
      name: 'total',
      calls: { min: 14, max: 16 },
      errors: { min: 1, max: 3 },
      seconds: 9,
    });
  });

  it('counts a call that one run lacks as 0 there, and a part that one run lacks too', () => {
    expect(partTables([run(call('mmap', 2)), run()])[0]!.rows[0]).toMatchObject({ calls: { min: 0, max: 2 } });
    expect(partTables([run(call('mmap', 2)), []])[0]!.rows[0]).toMatchObject({ calls: { min: 0, max: 2 } });
    expect(partTables([[], []])).toEqual([]);
  });

  it('leaves open what the counter does not tell', () => {
    const [table] = partTables([run(call('(any call)', 3101, null, null))]);
    expect([table!.rows[0], table!.total]).toMatchObject([
      { errors: null, seconds: null, usecsPerCall: null, timeShare: null },
      { errors: null, seconds: null, timeShare: null },
    ]);
  });
});

describe('the difference of two arms', () => {
  it('compares stable counts exactly, errors too, and marks those that vary by whether their ranges meet', () => {
    const analysis = analyseCalls(
      document(
        counted(
          'before',
          run(call('a', 5), call('b', 7, 1), call('c', 3), call('d', 10), call('e', 10)),
          run(call('a', 5), call('b', 7, 1), call('c', 3), call('d', 12), call('e', 12)),
        ),
        counted(
          'after',
          run(call('a', 5), call('b', 7, 2), call('f', 1), call('d', 11), call('e', 13)),
          run(call('a', 5), call('b', 7, 2), call('f', 1), call('d', 11), call('e', 15)),
        ),
      ),
    );
    expect(analysis!.comparisons.map(({ arm, baseline, repeats }) => [arm, baseline, repeats])).toEqual([
      ['after', 'before', 2],
    ]);
    expect(Object.fromEntries(analysis!.comparisons[0]!.calls.map(({ name, state }) => [name, state]))).toEqual({
      a: 'same',
      b: 'differs',
      c: 'differs',
      d: 'overlaps',
      e: 'apart',
      f: 'differs',
    });
  });

  it('counts the runs of the arm that was counted least', () => {
    const [comparison] = analyseCalls(
      document(counted('before', run(call('a', 5))), counted('after', run(call('a', 6)))),
    )!.comparisons;
    expect(comparison).toMatchObject({ repeats: 1, calls: [{ name: 'a', state: 'differs' }] });
  });

  it('names what seccomp was asked for, where that differs', () => {
    const arm = (name: string, loads: number): ArmCounts =>
      counted(
        name,
        ...[1, 2].map((): readonly PartCounts[] => [
          {
            part: 'runtime',
            calls: [call('prctl', 4)],
            operations: loads === 0 ? [] : [call('prctl(PR_SET_SECCOMP)', loads)],
          },
        ]),
      );
    expect(analyseCalls(document(arm('before', 1), arm('unconfined', 0)))!.comparisons[0]!.operations).toMatchObject([
      { name: 'prctl(PR_SET_SECCOMP)', before: { min: 1, max: 1 }, after: { min: 0, max: 0 }, state: 'differs' },
    ]);
  });

  it('is none where the first arm was not counted, and nothing where none was', () => {
    const analysis = analyseCalls(
      document({ arm: 'before', state: 'notCounted', reason: 'no' }, counted('after', run(call('a', 1)))),
    );
    expect([analysis!.comparisons, analysis!.notCounted]).toEqual([[], [{ arm: 'before', reason: 'no' }]]);
    expect(analyseCalls(undefined)).toBeUndefined();
  });
});

describe('the slow-down of counting', () => {
  it('is the median of the ratios of neighbours, next to the medians of both', () => {
    const arm: ArmCounts = {
      arm: 'before',
      state: 'counted',
      runs: [run()],
      countedNs: [30, 90, 80],
      uncountedNs: [10, 20, 40],
    };
    expect(analyseCalls(document(arm))!.arms[0]!.slowdown).toEqual({ countedNs: 80, uncountedNs: 20, ratio: 3 });
    expect(analyseCalls(document(counted('before', run())))!.arms[0]!.slowdown).toBeNull();
  });
});

describe('counts of a client', () => {
  it("are distinguished from a container's by the calls that make one", () => {
    const go = ['futex', 'rt_sigaction', 'sigaltstack', 'clone'].map((name) => call(name, 5));
    expect(clientNotContainer(go)).toMatchObject({
      code: 'client',
      talking: [],
      go: ['futex', 'rt_sigaction', 'sigaltstack', 'clone'],
    });
    expect(clientNotContainer([...go, call('connect', 1)])).toMatchObject({ code: 'client', talking: ['connect'] });
    expect(clientNotContainer([call('connect', 1)])).toMatchObject({ code: 'madeByOthers', talking: ['connect'] });
    expect(clientNotContainer([call('read', 1)])).toEqual({
      code: 'nothingMade',
      making: ['unshare', 'setns', 'pivot_root', 'chroot', 'mount', 'sethostname', 'seccomp', 'capset'],
      talking: [],
      go: [],
    });
    expect(clientNotContainer([...go, call('unshare', 1)])).toBeNull();
    expect(clientNotContainer([...go, call('unshare', 0)])).not.toBeNull();
  });
});
