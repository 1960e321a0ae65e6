import { describe, expect, it } from 'vitest';
import { libseccompVersion, toLoadable } from '../../../src/filter/index.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';

const spec = (...names: string[]): SeccompSpec => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: 1,
  architectures: names.map((name) => `SCMP_ARCH_${name}`),
  syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
});
const x86 = { machine: 'x86_64' };

describe('toLoadable', () => {
  it('returns the same spec where all of it can be loaded', () => {
    const whole = spec('X86_64', 'X86', 'X32', 'X86_64', 'AARCH64', 'ARM');
    expect(toLoadable(whole, x86)).toEqual({ spec: whole, leftOut: [] });
    expect(toLoadable(whole, x86).spec).toBe(whole);
    const unnamed: SeccompSpec = { defaultAction: 'SCMP_ACT_ALLOW' };
    expect(toLoadable(unnamed, x86)).toEqual({ spec: unnamed, leftOut: [] });
    expect(toLoadable(null, x86)).toEqual({ spec: null, leftOut: [] });
  });

  it('leaves out the other byte order and keeps everything else in order', () => {
    const { spec: kept, leftOut } = toLoadable(spec('MIPS', 'AARCH64', 'S390X', 'X86_64', 'MIPSEL'), x86);
    expect(kept).toEqual(spec('AARCH64', 'X86_64', 'MIPSEL'));
    expect(Object.keys(kept ?? {})).toEqual(['defaultAction', 'defaultErrnoRet', 'architectures', 'syscalls']);
    expect(leftOut).toEqual(
      ['SCMP_ARCH_MIPS', 'SCMP_ARCH_S390X'].map((what) => ({
        kind: 'architecture',
        what,
        reason: 'big-endian, which libseccomp cannot combine with x86_64',
      })),
    );
  });

  it('leaves out the little-endian ones on a big-endian machine', () => {
    const { spec: kept, leftOut } = toLoadable(spec('S390X', 'S390', 'X86_64'), { machine: 's390x' });
    expect(kept).toEqual(spec('S390X', 'S390'));
    expect(leftOut.map(({ what, reason }) => [what, reason])).toEqual([
      ['SCMP_ARCH_X86_64', 'little-endian, which libseccomp cannot combine with s390x'],
    ]);
  });

  it('leaves out names that libseccomp does not know', () => {
    const { spec: kept, leftOut } = toLoadable(spec('VAX', 'X86_64'), x86);
    expect(kept).toEqual(spec('X86_64'));
    expect(leftOut).toEqual([
      {
        kind: 'architecture',
        what: 'SCMP_ARCH_VAX',
        reason: `libseccomp ${libseccompVersion() ?? '2'} of this machine does not know it`,
      },
    ]);
  });

  it('leaves out what the runtime refuses or does not list', () => {
    const limits = {
      ...x86,
      refusedArchitectures: new Set(['SCMP_ARCH_RISCV64']),
      knownArchitectures: new Set(['SCMP_ARCH_X86_64', 'SCMP_ARCH_ARM', 'SCMP_ARCH_RISCV64']),
    };
    const { spec: kept, leftOut } = toLoadable(spec('RISCV64', 'ARM', 'X32', 'X86_64'), limits);
    expect(kept).toEqual(spec('ARM', 'X86_64'));
    expect(leftOut).toEqual([
      { kind: 'architecture', what: 'SCMP_ARCH_RISCV64', reason: 'the runtime refuses it' },
      { kind: 'architecture', what: 'SCMP_ARCH_X32', reason: 'not supported by the runtime' },
    ]);
  });

  it('names every entry of a list that is written twice', () => {
    expect(toLoadable(spec('MIPS', 'X86_64', 'MIPS'), x86).leftOut.map(({ what }) => what)).toEqual([
      'SCMP_ARCH_MIPS',
      'SCMP_ARCH_MIPS',
    ]);
  });
});
