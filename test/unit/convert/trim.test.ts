import { describe, expect, it } from 'vitest';
import { convertProfile } from '../../../src/convert/index.js';
import { DOCKER_CAPABILITIES } from '../../../src/model/profile/capabilities.js';
import type { ArchitecturePolicy, Dialect } from '../../../src/model/profile/seccomp.js';
import { loadProfile } from '../../../src/profile/index.js';

const names = (list: string): string[] => list.split(' ').map((name) => `SCMP_ARCH_${name}`);
const EVERYTHING = names(
  'S390X S390 MIPSEL MIPSEL64 MIPSEL64N32 MIPS MIPS64 MIPS64N32 X32 X86 X86_64 ARM AARCH64 RISCV64 LOONGARCH64 PPC64LE',
);

function converted(
  profile: object,
  arch: string,
  { policy = 'trim', dialect = 'moby' }: { readonly policy?: ArchitecturePolicy; readonly dialect?: Dialect } = {},
) {
  const text = JSON.stringify({
    defaultAction: 'SCMP_ACT_ERRNO',
    syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
    ...profile,
  });
  const request = { arch, policy, dialect, capabilities: DOCKER_CAPABILITIES, kernel: '6.1' };
  return convertProfile(loadProfile(Buffer.from(text), 'p.json', { lenient: true }), request);
}

describe('policy trim', () => {
  it.each([
    ['amd64', 'X32 X86 X86_64'],
    ['arm64', 'ARM AARCH64'],
    ['mips64', 'MIPS MIPS64 MIPS64N32'],
    ['mips64le', 'MIPSEL MIPSEL64 MIPSEL64N32'],
    ['mipsle', 'MIPSEL'],
    ['s390x', 'S390X S390'],
    ['riscv64', 'RISCV64'],
    ['loong64', 'LOONGARCH64'],
    ['ppc64le', 'PPC64LE'],
    ['386', 'X86'],
    ['arm', 'ARM'],
  ])("cuts an explicit list to what %s runs, in the list's own order", (arch, kept) => {
    expect(converted({ architectures: EVERYTHING }, arch).spec?.architectures).toEqual(names(kept));
  });

  it('says what it cut, and why', () => {
    const { leftOut } = converted({ architectures: names('X86_64 AARCH64') }, 'amd64');
    expect(leftOut).toEqual([
      {
        kind: 'architecture',
        what: 'SCMP_ARCH_AARCH64',
        reason: 'policy trim keeps amd64 and its compat architectures',
      },
    ]);
  });

  it('leaves a list that has nothing of the host empty, so that the runtime keeps its own', () => {
    expect(converted({ architectures: names('AARCH64 ARM') }, 'amd64').spec).not.toHaveProperty('architectures');
  });

  it('is the same as host for an archMap, and where iSulad ignores the list', () => {
    const archMap = [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] }];
    const explicit = { architectures: names('X86_64 AARCH64') };
    expect(converted({ archMap }, 'amd64')).toMatchObject({
      spec: converted({ archMap }, 'amd64', { policy: 'host' }).spec,
    });
    expect(converted(explicit, 'amd64', { dialect: 'isulad' }).spec).toEqual(
      converted(explicit, 'amd64', { dialect: 'isulad', policy: 'host' }).spec,
    );
    expect(converted(explicit, 'amd64', { policy: 'host' }).spec?.architectures).toEqual(names('X86_64 AARCH64'));
  });
});
