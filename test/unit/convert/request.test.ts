import { describe, expect, it } from 'vitest';
import {
  convertProfile,
  goArchFromName,
  hasExplicitArchitectures,
  type ConvertRequest,
} from '../../../src/convert/index.js';
import type { LeftOut } from '../../../src/model/profile/seccomp.js';
import { loadProfile } from '../../../src/profile/index.js';

describe('architecture names', () => {
  it.each([
    ['amd64', 'amd64'],
    ['x86_64', 'amd64'],
    ['386', '386'],
    ['i386', '386'],
    ['i686', '386'],
    ['arm64', 'arm64'],
    ['aarch64', 'arm64'],
    ['arm', 'arm'],
    ['armv7l', 'arm'],
    ['armv6l', 'arm'],
    ['riscv64', 'riscv64'],
    ['s390x', 's390x'],
    ['ppc64le', 'ppc64le'],
    ['ppc64', 'ppc64'],
    ['mips', 'mips'],
    ['mipsle', 'mipsle'],
    ['mipsel', 'mipsle'],
    ['mips64', 'mips64'],
    ['mips64le', 'mips64le'],
    ['mips64el', 'mips64le'],
    ['loong64', 'loong64'],
    ['loongarch64', 'loong64'],
    ['X86_64', 'amd64'],
  ])("%s is Go's %s", (name, go) => {
    expect(goArchFromName(name)).toBe(go);
  });

  it.each(['', 'x86_65', 'SCMP_ARCH_X86_64', 'constructor'])('%j is refused', (name) => {
    expect(() => goArchFromName(name)).toThrow(`${JSON.stringify(name)} is not an architecture`);
  });
});

describe('what was left out', () => {
  const leftOut = (profile: object, request: Partial<ConvertRequest> = {}): readonly LeftOut[] =>
    convertProfile(loadProfile(Buffer.from(JSON.stringify(profile)), 'p.json', { lenient: true }), {
      arch: 'amd64',
      policy: 'host',
      dialect: 'moby',
      capabilities: ['CAP_KILL'],
      kernel: '5.10',
      ...request,
    }).leftOut;
  const rule = (name: string, rest: object): object => ({ names: [name], action: 'A', ...rest });
  const entry = (...names: string[]): object => ({ architecture: names[0], subArchitectures: names.slice(1) });

  it('names every rule with its reason', () => {
    expect(
      leftOut({
        defaultAction: 'A',
        syscalls: [
          { names: ['a', 'b', 'c', 'd', 'e'], action: 'A', includes: { caps: ['CAP_KILL', 'CAP_BPF'] } },
          rule('f', { excludes: { caps: ['CAP_KILL'] } }),
          rule('g', { includes: { arches: ['arm', 'arm64'] } }),
          rule('h', { excludes: { arches: ['amd64'] } }),
          rule('i', { includes: { minKernel: '6.1' } }),
          rule('j', { excludes: { minKernel: '4.8' } }),
          rule('k', {}),
        ],
      }),
    ).toEqual([
      { kind: 'rule', what: 'syscalls[0] (a, b, c, d, ... 5 calls)', reason: 'requires CAP_BPF' },
      { kind: 'rule', what: 'syscalls[1] (f)', reason: 'excluded for containers with CAP_KILL' },
      { kind: 'rule', what: 'syscalls[2] (g)', reason: 'only for arm, arm64 (this is amd64)' },
      { kind: 'rule', what: 'syscalls[3] (h)', reason: 'excluded on amd64' },
      { kind: 'rule', what: 'syscalls[4] (i)', reason: 'requires kernel 6.1 (this is 5.10)' },
      { kind: 'rule', what: 'syscalls[5] (j)', reason: 'excluded from kernel 4.8 on (this is 5.10)' },
    ]);
  });

  it('names every architecture that is not kept, once, and unknown keys', () => {
    const archMap = [
      entry('SCMP_ARCH_X86_64', 'SCMP_ARCH_X86'),
      entry('SCMP_ARCH_MIPS64', 'SCMP_ARCH_MIPS'),
      entry('SCMP_ARCH_MIPS'),
    ];
    expect(
      leftOut({ defaultAction: 'A', defaultErrno: 'EPERM', archMap, syscalls: [{ names: ['a'], errno: 'X' }] }),
    ).toEqual([
      { kind: 'architecture', what: 'SCMP_ARCH_MIPS64', reason: 'not in the archMap entry of amd64' },
      { kind: 'architecture', what: 'SCMP_ARCH_MIPS', reason: 'not in the archMap entry of amd64' },
      { kind: 'field', what: 'defaultErrno', reason: "only Podman's reader has it (containers/common)" },
      { kind: 'field', what: 'syscalls[0].errno', reason: "only Podman's reader has it (containers/common)" },
    ]);
  });

  it('names the fields that iSulad does not know', () => {
    const profile = {
      defaultAction: 'A',
      defaultErrnoRet: 1,
      architectures: ['SCMP_ARCH_ARM'],
      flags: ['F'],
      listenerPath: '/p',
      listenerMetadata: 'm',
      syscalls: [
        rule('a', { errnoRet: 1, includes: { minKernel: '9.9' } }),
        rule('b', { excludes: { minKernel: '1.0', caps: ['CAP_KILL'] } }),
      ],
    };
    expect(leftOut(profile, { dialect: 'isulad' }).map(({ kind, what }) => `${kind} ${what}`)).toEqual([
      'architecture SCMP_ARCH_ARM',
      'rule syscalls[1] (b)',
      'field defaultErrnoRet',
      'field flags',
      'field listenerPath',
      'field listenerMetadata',
      'field syscalls[0].errnoRet',
      'field syscalls[0].includes.minKernel',
      'field syscalls[1].excludes.minKernel',
    ]);
  });

  it('is empty where everything was kept', () => {
    expect(
      leftOut({ defaultAction: 'A', architectures: ['SCMP_ARCH_ARM'], syscalls: [rule('a', { comment: 'c' })] }),
    ).toEqual([]);
  });

  it('tells an explicit list of architectures from archMap', () => {
    const explicit = (profile: object): boolean =>
      hasExplicitArchitectures(loadProfile(Buffer.from(JSON.stringify(profile)), 'p.json', { lenient: true }));
    expect([
      explicit({ architectures: ['SCMP_ARCH_ARM'] }),
      explicit({ architectures: [] }),
      explicit({ archMap: [entry('SCMP_ARCH_ARM')] }),
    ]).toEqual([true, false, false]);
  });
});
