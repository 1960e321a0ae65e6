import { describe, expect, it } from 'vitest';
import { faultsOf, libseccompFacts } from '../../../src/filter/index.js';
import type { SeccompArg, SeccompSpec } from '../../../src/model/profile/seccomp.js';

const OVERSIZED = 'GHSA-46fr-jh49-xvhx, GHSA-2hqh-5c36-grrm';
const MERGED = 'GHSA-4q85-33p6-j5g6';

const compare = (op: string, value: number, index = 0): SeccompArg => ({ index, value, op: `SCMP_CMP_${op}` });
const rules = (...args: readonly (readonly SeccompArg[])[]): SeccompSpec => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: args.map((own) => ({ names: ['read'], action: 'SCMP_ACT_ALLOW', args: own })),
});
const affecting = (
  version: string,
  spec: SeccompSpec,
  { machine = 'x86_64', form = 'plain' }: { readonly machine?: string; readonly form?: 'plain' | 'tree' } = {},
): readonly string[] => libseccompFacts(version, { spec, machine, form }).affecting.map(({ id }) => id);

describe('known faults of libseccomp', () => {
  it('are those of the version, compared number by number', () => {
    const ids = (version: string): readonly string[] => faultsOf(version).map(({ id }) => id);
    expect(ids('2.3.3')).toEqual(['CVE-2019-9893', MERGED, OVERSIZED]);
    expect(ids('2.4.0')).toEqual(['seccomp/libseccomp#148', MERGED, OVERSIZED]);
    expect(ids('2.4.1')).toEqual([MERGED, OVERSIZED]);
    expect(ids('2.5.3')).toEqual(['seccomp/libseccomp#370', MERGED, OVERSIZED]);
    expect(ids('2.5.4')).toEqual([MERGED, OVERSIZED]);
    expect(ids('2.6.0')).toEqual([MERGED, OVERSIZED]);
    expect([ids('2.6.1'), ids('2.10.0'), ids('3.0.0')]).toEqual([[MERGED], [MERGED], [MERGED]]);
  });

  it('affect a filter with two rules that compare one 64-bit argument for its order, and no other', () => {
    const one = compare('LE', 5);
    const other = compare('GE', 9);
    expect(affecting('2.5.4', rules([one], [other]))).toEqual([MERGED]);
    expect(affecting('2.5.4', rules([one, other]))).toEqual([MERGED]);
    expect(affecting('2.5.4', rules([one]))).toEqual([]);
    expect(affecting('2.5.4', rules([one], []))).toEqual([]);
    expect(affecting('2.5.4', rules([one], [compare('GE', 9, 1)]))).toEqual([]);
    expect(affecting('2.5.4', rules([compare('EQ', 5)], [compare('NE', 9)]))).toEqual([]);
    expect(affecting('2.6.1', rules([one], [other]))).toEqual([MERGED]);
  });

  it('of 64-bit comparisons do not affect a filter for 32-bit machines alone', () => {
    const spec = rules([compare('LE', 5)], [compare('GE', 9)]);
    expect(affecting('2.5.4', spec, { machine: 'x86' })).toEqual([]);
    expect(affecting('2.5.4', { ...spec, architectures: ['SCMP_ARCH_X86_64'] }, { machine: 'x86' })).toEqual([MERGED]);
    expect(affecting('2.3.3', rules([compare('LT', 5)]))).toEqual(['CVE-2019-9893']);
    expect(affecting('2.3.3', rules([compare('EQ', 5)]))).toEqual([]);
  });

  it('of the binary tree affect only a tree without rules', () => {
    const none = { defaultAction: 'SCMP_ACT_ALLOW' };
    expect(affecting('2.5.3', none, { form: 'tree' })).toEqual(['seccomp/libseccomp#370']);
    expect(affecting('2.5.3', none)).toEqual([]);
    expect(affecting('2.5.3', rules([]), { form: 'tree' })).toEqual([]);
  });

  it('are told apart from those that cannot be in the filter', () => {
    const facts = libseccompFacts('2.5.4', { spec: rules([]), machine: 'x86_64', form: 'plain' });
    expect([facts.affecting, facts.others.map(({ id }) => id)]).toEqual([[], [MERGED, OVERSIZED]]);
    const longest = { spec: rules([]), machine: 'x86_64', form: 'plain', instructions: 65_536 } as const;
    expect(libseccompFacts('2.5.4', longest).affecting.map(({ id }) => id)).toEqual([OVERSIZED]);
  });
});
