import { describe, expect, it } from 'vitest';
import { convertProfile, isuladProfile, serialiseSpec } from '../../../src/convert/index.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';
import { loadProfile } from '../../../src/profile/index.js';

const LARGEST = 0xffff_ffff_ffff_ffffn;
const spec: SeccompSpec = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 38,
  architectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X86_64', 'SCMP_ARCH_S390X'],
  flags: ['SECCOMP_FILTER_FLAG_LOG'],
  syscalls: [
    { names: ['read'], action: 'SCMP_ACT_ALLOW' },
    {
      names: ['clone3'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: 38,
      args: [{ index: 0, value: LARGEST, op: 'SCMP_CMP_EQ' }],
    },
  ],
};

describe('a spec as a profile for iSulad', () => {
  it('has one entry, the host with all other architectures below it, exact integers, and only fields that iSulad knows', () => {
    expect(isuladProfile('x86_64')(spec)).toBe(
      '{"archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86","SCMP_ARCH_S390X"]}],"defaultAction":"SCMP_ACT_ERRNO",' +
        '"syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"},{"names":["clone3"],"action":"SCMP_ACT_ERRNO","args":[{"index":0,"value":18446744073709551615,"op":"SCMP_CMP_EQ"}]}]}\n',
    );
  });

  it('has only the host where the spec lists no architecture, by its own name on arm64', () => {
    expect(isuladProfile('x86_64')({ defaultAction: 'SCMP_ACT_ALLOW' })).toBe(
      '{"archMap":[{"architecture":"SCMP_ARCH_X86_64","subArchitectures":[]}],"defaultAction":"SCMP_ACT_ALLOW"}\n',
    );
    expect(isuladProfile('aarch64')({ ...spec, syscalls: [] })).toContain(
      '"archMap":[{"architecture":"SCMP_ARCH_AARCH64","subArchitectures":["SCMP_ARCH_X86","SCMP_ARCH_X86_64","SCMP_ARCH_S390X"]}]',
    );
  });

  it('iSulad converts it back into the same architectures and rules, before its change of 2021 and after it', () => {
    const profile = loadProfile(Buffer.from(isuladProfile('x86_64')(spec)), 'made', { lenient: false });
    const back = (policy: 'all' | 'host'): SeccompSpec | null =>
      convertProfile(profile, { arch: 'amd64', policy, dialect: 'isulad', capabilities: [], kernel: '6.1.0' }).spec;
    const expected = serialiseSpec({
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_S390X'],
      syscalls: [
        { names: ['read'], action: 'SCMP_ACT_ALLOW' },
        { names: ['clone3'], action: 'SCMP_ACT_ERRNO', args: [{ index: 0, value: LARGEST, op: 'SCMP_CMP_EQ' }] },
      ],
    });
    expect([serialiseSpec(back('all')), serialiseSpec(back('host'))]).toEqual([expected, expected]);
  });
});
