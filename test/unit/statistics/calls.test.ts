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
    expect(analysis!.comparisons[0]!.sentences).toEqual([
      'runtime: 1 of 6 calls by name are counted the same in every run of both; 3 differ exactly: b 7 \u2192 7 (errors 1 \u2192 2), c 3 \u2192 0, f 0 \u2192 1; 1 varies, but less than between the two: e 10..12 \u2192 13..15; 1 varies between runs as much as between the two',
    ]);
  });

  it('says of single runs that nobody knows what varies', () => {
    const [comparison] = analyseCalls(
      document(counted('before', run(call('a', 5))), counted('after', run(call('a', 6)))),
    )!.comparisons;
    expect(comparison!.sentences).toEqual([
      'runtime: 0 of 1 calls by name are counted the same in both; 1 differs: a 5 \u2192 6',
      'one of the two was counted once, so what varies from run to run is among the differences',
    ]);
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
    expect(analyseCalls(document(arm('before', 1), arm('unconfined', 0)))!.comparisons[0]!.sentences).toEqual([
      'runtime: 1 of 1 calls by name are counted the same in every run of both; of seccomp, prctl and bpf: prctl(PR_SET_SECCOMP) 1 \u2192 0',
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
  it('is the median of the ratios of neighbours, beside the medians of both', () => {
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
  it("are told from a container's by the calls that make one", () => {
    const go = ['futex', 'rt_sigaction', 'sigaltstack', 'clone'].map((name) => call(name, 5));
    expect(clientNotContainer(go)).toContain(
      'it counts the docker client or one like it, not the container: none of the calls that make a container (unshare, setns,',
    );
    expect(clientNotContainer([...go, call('connect', 1)])).toContain(
      'and those of a client that asks a daemon (connect)',
    );
    expect(clientNotContainer([call('connect', 1)])).toMatch(
      /^whatever was counted made no container itself: none of the calls/,
    );
    expect(clientNotContainer([call('read', 1)])).toBe(
      'nothing that makes a container is counted: none of the calls that make a container (unshare, setns, pivot_root, chroot, mount, sethostname, seccomp, capset) is in it',
    );
    expect(clientNotContainer([...go, call('unshare', 1)])).toBeNull();
    expect(clientNotContainer([...go, call('unshare', 0)])).not.toBeNull();
  });
});
