import { describe, expect, it } from 'vitest';
import { lxcWriter } from '../../../src/convert/index.js';
import { BenchError } from '../../../src/errors.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';
import type { WrittenFile } from '../../../src/model/container/written.js';

const write = (spec: SeccompSpec, machine = 'x86_64'): WrittenFile => lxcWriter(machine).describe(spec);
const text = (spec: SeccompSpec, machine?: string): readonly string[] => write(spec, machine).text.split('\n');
const ALLOW = { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' };
const ERRNO = 'SCMP_ACT_ERRNO';

describe('a spec as LXC seccomp file', () => {
  it('is version, policy and, for every architecture, a section with all rules, one call per line', () => {
    const spec = {
      defaultAction: ERRNO,
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'],
      syscalls: [ALLOW, { names: ['exit'], action: 'SCMP_ACT_TRAP' }],
    };
    expect(write(spec)).toEqual({
      text: '2\nwhitelist errno 1\n[x86_64]\nread allow\nwrite allow\nexit trap\n[arm64]\nread allow\nwrite allow\nexit trap\n',
      bytes: 103,
      lines: 10,
      sections: 2,
      leftOut: [],
    });
    expect(lxcWriter('x86_64').text(spec)).toBe(write(spec).text);
  });

  it('writes conditions in brackets after the action, 0 for a missing mask, and exact numbers', () => {
    expect(
      text({
        defaultAction: ERRNO,
        architectures: ['SCMP_ARCH_X86'],
        syscalls: [
          {
            names: ['clone'],
            action: 'SCMP_ACT_ALLOW',
            args: [
              { index: 0, value: 2114060288, op: 'SCMP_CMP_MASKED_EQ', valueTwo: 5 },
              { index: 1, value: 2n ** 64n - 1n, op: 'SCMP_CMP_NE' },
            ],
          },
        ],
      }),
    ).toEqual([
      '2',
      'whitelist errno 1',
      '[x86]',
      'clone allow [0,2114060288,SCMP_CMP_MASKED_EQ,5] [1,18446744073709551615,SCMP_CMP_NE,0]',
      '',
    ]);
  });

  it('repeats the section of the host for an architecture that lcr does not know, with the reason', () => {
    const spec = {
      defaultAction: ERRNO,
      architectures: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_RISCV64'],
      syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
    };
    expect(text(spec, 'aarch64')).toEqual([
      '2',
      'whitelist errno 1',
      '[arm64]',
      'read allow',
      '[arm64]',
      'read allow',
      '',
    ]);
    expect(write(spec, 'aarch64')).toMatchObject({
      sections: 2,
      leftOut: [
        {
          kind: 'architecture',
          what: 'SCMP_ARCH_RISCV64',
          reason: 'lcr does not know it and repeats the section arm64, which LXC loads again',
        },
      ],
    });
  });

  it.each([
    [ERRNO, 'whitelist errno 1'],
    ['SCMP_ACT_KILL', 'whitelist kill'],
    ['SCMP_ACT_TRAP', 'whitelist trap'],
    ['SCMP_ACT_ALLOW', 'blacklist allow'],
  ])('begins with the default action %s as lcr maps it', (defaultAction, line) => {
    expect(text({ defaultAction })).toEqual(['2', line, '']);
  });

  it('writes the rules once, without a section, where the spec lists no architecture', () => {
    expect(write({ defaultAction: ERRNO, architectures: [], syscalls: [ALLOW] })).toMatchObject({
      text: '2\nwhitelist errno 1\nread allow\nwrite allow\n',
      sections: 0,
      lines: 4,
    });
  });

  it('leaves out what LXC fails at, with reasons', () => {
    const { text: written, leftOut } = write({
      defaultAction: ERRNO,
      defaultErrnoRet: 38,
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_PARISC'],
      syscalls: [
        ALLOW,
        { names: ['clone3'], action: ERRNO, errnoRet: 38 },
        { names: ['ptrace'], action: 'SCMP_ACT_TRACE' },
      ],
    });
    expect(written).toBe('2\nwhitelist errno 1\n[x86_64]\nread allow\nwrite allow\n');
    expect(leftOut).toEqual([
      { kind: 'architecture', what: 'SCMP_ARCH_PARISC', reason: 'LXC fails at its section' },
      {
        kind: 'rule',
        what: 'clone3',
        reason: 'lcr writes it with the default action (errno 1), and LXC fails at such a rule (EACCES)',
      },
      { kind: 'rule', what: 'ptrace', reason: 'LXC has no action trace' },
      { kind: 'field', what: 'defaultErrnoRet', reason: 'lcr writes 1 for every errno' },
    ]);
  });

  it('writes 1 for every errno, with the reason', () => {
    const { text: written, leftOut } = write({
      defaultAction: 'SCMP_ACT_ALLOW',
      architectures: ['SCMP_ARCH_X86_64'],
      syscalls: [{ names: ['clone3'], action: ERRNO, errnoRet: 38 }],
    });
    expect([written, leftOut]).toEqual([
      '2\nblacklist allow\n[x86_64]\nclone3 errno 1\n',
      [{ kind: 'field', what: 'errnoRet of clone3', reason: 'lcr writes 1 for every errno' }],
    ]);
  });

  it('refuses an action that lcr refuses', () => {
    const refusal = (spec: SeccompSpec): unknown => {
      try {
        return write(spec);
      } catch (error) {
        return error instanceof BenchError ? [error.code, error.message] : error;
      }
    };
    const known = 'SCMP_ACT_KILL, SCMP_ACT_TRAP, SCMP_ACT_ALLOW, SCMP_ACT_TRACE, SCMP_ACT_ERRNO';
    expect(refusal({ defaultAction: 'SCMP_ACT_LOG' })).toEqual([
      'input',
      `defaultAction: expected an action that lcr knows (${known}), got SCMP_ACT_LOG`,
    ]);
    expect(refusal({ defaultAction: ERRNO, syscalls: [{ names: ['read'], action: 'SCMP_ACT_NOTIFY' }] })).toEqual([
      'input',
      `syscalls[0].action: expected an action that lcr knows (${known}), got SCMP_ACT_NOTIFY`,
    ]);
    expect(refusal({ defaultAction: 'SCMP_ACT_TRACE' })).toEqual([
      'input',
      'defaultAction: expected an action that LXC can load, got SCMP_ACT_TRACE',
    ]);
  });
});
