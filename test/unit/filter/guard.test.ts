import { describe, expect, it } from 'vitest';
import { convertProfile, hostConversion } from '../../../src/convert/index.js';
import { riskOfSpec } from '../../../src/filter/build/guard/guarded.js';
import { PROFILE_NAMES } from '../../../src/model/profile/names.js';
import type { SeccompArg, SeccompSpec } from '../../../src/model/profile/seccomp.js';
import { namedProfile, profileIn, sourceOf } from '../../../src/profile/index.js';

const HALF = 2n ** 32n - 1n;
const compare = (index: number, op: string, value: bigint | number): SeccompArg => ({
  index,
  value,
  op: `SCMP_CMP_${op}`,
});

/** Rules of one call, each by its comparisons. */
const rulesOf = (name: string, ...args: readonly (readonly SeccompArg[])[]): SeccompSpec => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: args.map((own) => ({ names: [name], action: 'SCMP_ACT_ALLOW', args: own })),
});
const equal = (count: number): SeccompSpec =>
  rulesOf('write', ...Array.from({ length: count }, (_, value) => [compare(0, 'EQ', value), compare(1, 'EQ', value)]));

/** libseccomp 2.5.4 never comes back from these. */
const ENDLESS: readonly SeccompSpec[] = [
  rulesOf(
    'write',
    [compare(0, 'GE', 7n), compare(2, 'EQ', 9n)],
    [compare(0, 'GE', 7n), compare(2, 'EQ', 10n)],
    [compare(0, 'GT', HALF), compare(1, 'GE', 2n ** 64n - 1n)],
    [compare(0, 'GT', HALF), compare(1, 'EQ', HALF + 3n)],
  ),
  rulesOf('lseek', [compare(0, 'NE', 31), compare(1, 'NE', 31)], [compare(0, 'NE', 31), compare(2, 'LE', 2n ** 33n)]),
  rulesOf('dup3', [compare(1, 'EQ', HALF), compare(0, 'LT', 1)], [compare(0, 'LT', 1), compare(1, 'EQ', 0)]),
];

describe('the risk that libseccomp never finishes a filter', () => {
  it.each(PROFILE_NAMES.filter((name) => name !== 'unconfined'))('is none for the profile %s', (name) => {
    const { text } = namedProfile(name)!;
    const profile = profileIn(sourceOf(Buffer.from(text), name)).profile;
    for (const policy of ['host', 'all', 'native'] as const)
      for (const capabilities of [[], ['CAP_SYS_ADMIN'] as const])
        expect(
          riskOfSpec(convertProfile(profile, { ...hostConversion(), policy, capabilities }).spec!),
        ).toBeUndefined();
  });

  it('is there where rules of a call go on after a comparison by order or inequality', () => {
    expect(ENDLESS.slice(1).map(riskOfSpec)).toEqual([
      { kind: 'comparisons', calls: ['lseek'] },
      { kind: 'comparisons', calls: ['dup3'] },
    ]);
  });

  it('is none for one such rule, for one comparison in each, and for equality alone', () => {
    const both = [compare(0, 'GT', 7), compare(1, 'EQ', 3)];
    const none = [
      rulesOf('write', both),
      rulesOf('write', ...both.map((one) => [one])),
      rulesOf('write', [compare(0, 'GT', 7)], [compare(1, 'LE', HALF)], [compare(2, 'NE', 4)]),
      rulesOf('write', [compare(0, 'EQ', 7), compare(1, 'MASKED_EQ', 9)], [compare(0, 'EQ', 8), compare(1, 'EQ', 9)]),
      rulesOf('write', [compare(0, 'EQ', 7), compare(1, 'GT', 9)], [compare(0, 'EQ', 8), compare(1, 'LT', 5)]),
      equal(40),
    ];
    expect(none.map(riskOfSpec)).toEqual(none.map(() => undefined));
  });

  it('counts the rules of calls that an architecture reaches through one', () => {
    const spec: SeccompSpec = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: ['bind', 'connect'].map((name) => ({
        names: [name],
        action: 'SCMP_ACT_ALLOW',
        args: [compare(1, 'GT', 5), compare(2, 'EQ', 16)],
      })),
    };
    expect(riskOfSpec(spec)).toEqual({ kind: 'comparisons', calls: ['socketcall'] });
  });

  it('is the size of a spec with thousands of rules, by its architectures', () => {
    const calls = (count: number, ...architectures: readonly string[]): SeccompSpec => ({
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures,
      syscalls: [{ names: Array.from({ length: count }, (_, at) => `call${at}`), action: 'SCMP_ACT_ALLOW' }],
    });
    expect(riskOfSpec(calls(3000))).toBeUndefined();
    expect(riskOfSpec(calls(5000))).toEqual({ kind: 'size', rules: 5000, architectures: 1 });
    expect(riskOfSpec(calls(3000, 'SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'))).toEqual({
      kind: 'size',
      rules: 3000,
      architectures: 2,
    });
    expect(riskOfSpec(equal(500))).toEqual({ kind: 'size', rules: 500, architectures: 1 });
  });
});
