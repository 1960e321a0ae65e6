import { describe, expect, it } from 'vitest';
import type { ProfileRule } from '../../../src/model/profile/profile.js';
import { defaultProfile, loadProfile } from '../../../src/profile/index.js';

const { text, name } = defaultProfile();
const profile = loadProfile(Buffer.from(text), name, { lenient: false });
const rulesOf = (call: string): readonly ProfileRule[] => profile.syscalls.filter(({ names }) => names?.includes(call));

describe('the built-in default profile', () => {
  it('denies calls without a rule with EPERM', () => {
    expect([profile.defaultAction, profile.defaultErrnoRet]).toEqual(['SCMP_ACT_ERRNO', 1]);
  });

  it("has the architectures Docker's has, x86 and arm first", () => {
    expect(
      profile.archMap.map(({ architecture, subArchitectures }) =>
        [architecture, ...subArchitectures].join(' ').replaceAll('SCMP_ARCH_', ''),
      ),
    ).toEqual([
      'X86_64 X86 X32',
      'AARCH64 ARM',
      'MIPS64 MIPS MIPS64N32',
      'MIPS64N32 MIPS MIPS64',
      'MIPSEL64 MIPSEL MIPSEL64N32',
      'MIPSEL64N32 MIPSEL MIPSEL64',
      'S390X S390',
      'RISCV64',
      'LOONGARCH64',
    ]);
  });

  it('allows 361 different calls with any arguments', () => {
    const always = profile.syscalls.filter(
      (rule) => rule.includes === null && rule.excludes === null && rule.args.length === 0,
    );
    const names = always.flatMap((rule) => rule.names ?? []);
    expect([names.length, new Set(names).size]).toEqual([361, 361]);
  });

  it.each([
    'io_uring_setup',
    'kexec_load',
    'add_key',
    'keyctl',
    'request_key',
    'userfaultfd',
    'swapon',
    'nfsservctl',
    'move_pages',
    'uselib',
  ])('says nothing about %s', (call) => {
    expect(rulesOf(call)).toEqual([]);
  });

  it('answers clone3 with ENOSYS unless the container has CAP_SYS_ADMIN', () => {
    expect(
      rulesOf('clone3').map(({ action, errnoRet, includes, excludes }) => [
        action,
        errnoRet,
        includes?.caps,
        excludes?.caps,
      ]),
    ).toEqual([
      ['SCMP_ACT_ERRNO', 38, undefined, ['CAP_SYS_ADMIN']],
      ['SCMP_ACT_ALLOW', null, ['CAP_SYS_ADMIN'], undefined],
    ]);
  });

  it('allows clone without new namespaces, whose flags are the second argument on s390', () => {
    expect(
      rulesOf('clone')
        .filter(({ args }) => args.length > 0)
        .map(({ args, includes }) => [args[0]?.index, args[0]?.value, includes?.arches]),
    ).toEqual([
      [0, 0x7e020000, undefined],
      [1, 0x7e020000, ['s390', 's390x']],
    ]);
  });

  it('keeps sockets away from AF_ALG (38) and AF_VSOCK (40)', () => {
    expect(rulesOf('socket').map(({ args }) => `${args[0]?.op ?? ''} ${String(args[0]?.value)}`)).toEqual([
      'SCMP_CMP_LT 38',
      'SCMP_CMP_EQ 39',
      'SCMP_CMP_GT 40',
    ]);
  });

  it('has no odd keys', () => {
    expect([profile.oddKeys, profile.isuladReading, name]).toEqual([
      [],
      null,
      'built-in default profile (moby/profiles seccomp v0.2.3)',
    ]);
  });
});
