import { describe, expect, it } from 'vitest';
import { rulesText } from '../../../src/filter/index.js';
import type { SeccompRule, SeccompSpec } from '../../../src/model/profile/seccomp.js';

const withRule = (rule: SeccompRule): SeccompSpec => ({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [rule] });
const lines = (spec: SeccompSpec): string[] => rulesText(spec).split('\n');

describe('rulesText', () => {
  it('is "none" where seccomp is disabled', () => {
    expect(rulesText(null)).toBe('none\n');
  });

  it('writes default, flags, architectures and one line for each name, in the order of the spec', () => {
    expect(
      rulesText({
        defaultAction: 'SCMP_ACT_ERRNO',
        defaultErrnoRet: 38,
        architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32'],
        flags: ['SECCOMP_FILTER_FLAG_LOG', 'SECCOMP_FILTER_FLAG_SPEC_ALLOW'],
        syscalls: [
          { names: ['write', 'read'], action: 'SCMP_ACT_ALLOW' },
          {
            names: ['clone'],
            action: 'SCMP_ACT_ALLOW',
            args: [{ index: 0, value: 2114060288, valueTwo: 0, op: 'SCMP_CMP_MASKED_EQ' }],
          },
        ],
      }),
    ).toBe(
      [
        'default 0x00050026',
        'flags 6',
        'arch x86_64',
        'arch x32',
        'rule 0x7fff0000 write',
        'rule 0x7fff0000 read',
        'rule 0x7fff0000 clone 0,7,2114060288,0',
        '',
      ].join('\n'),
    );
  });

  it('knows every action, with EPERM where ERRNO and TRACE name no errno', () => {
    const word = (action: string, errnoRet?: number): string | undefined =>
      lines(withRule({ names: ['read'], action, ...(errnoRet === undefined ? {} : { errnoRet }) }))[2]?.split(' ')[1];
    expect(word('SCMP_ACT_ALLOW')).toBe('0x7fff0000');
    expect(word('SCMP_ACT_KILL')).toBe('0x00000000');
    expect(word('SCMP_ACT_KILL_THREAD')).toBe('0x00000000');
    expect(word('SCMP_ACT_KILL_PROCESS')).toBe('0x80000000');
    expect(word('SCMP_ACT_TRAP')).toBe('0x00030000');
    expect(word('SCMP_ACT_LOG')).toBe('0x7ffc0000');
    expect(word('SCMP_ACT_TRACE')).toBe('0x7ff00001');
    expect(word('SCMP_ACT_TRACE', 5)).toBe('0x7ff00005');
    expect(word('SCMP_ACT_ERRNO', 0)).toBe('0x00050000');
    expect(word('SCMP_ACT_ERRNO', 65535)).toBe('0x0005ffff');
    // Of more than 16 bits the lower 16 stay, as in runc and crun.
    expect(word('SCMP_ACT_ERRNO', 65549)).toBe('0x0005000d');
    expect(word('SCMP_ACT_ERRNO', 65536)).toBe('0x00050000');
    expect(word('SCMP_ACT_ALLOW', 7)).toBe('0x7fff0000');
  });

  it('leaves out rules with the default action and errno', () => {
    const names = ['read'];
    expect(lines({ ...withRule({ names, action: 'SCMP_ACT_ERRNO' }), defaultErrnoRet: 1 })).toHaveLength(3);
    expect(lines({ ...withRule({ names, action: 'SCMP_ACT_ERRNO', errnoRet: 2 }), defaultErrnoRet: 1 })[2]).toBe(
      'rule 0x00050002 read',
    );
    expect(
      lines({ defaultAction: 'SCMP_ACT_KILL', syscalls: [{ names, action: 'SCMP_ACT_KILL_THREAD' }] }),
    ).toHaveLength(3);
  });

  it('keeps conditions on different arguments together, and makes separate rules of two conditions on one argument', () => {
    const arg = (index: number, value: number, op = 'SCMP_CMP_EQ') => ({ index, value, op });
    expect(
      lines(
        withRule({ names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [arg(0, 16), arg(2, 9, 'SCMP_CMP_NE')] }),
      ).slice(2, -1),
    ).toEqual(['rule 0x7fff0000 socket 0,4,16,0 2,1,9,0']);
    expect(
      lines(
        withRule({
          names: ['socket'],
          action: 'SCMP_ACT_ALLOW',
          args: [arg(0, 1, 'SCMP_CMP_GE'), arg(1, 5, 'SCMP_CMP_LT'), arg(0, 9, 'SCMP_CMP_LE')],
        }),
      ).slice(2, -1),
    ).toEqual(['rule 0x7fff0000 socket 0,5,1,0', 'rule 0x7fff0000 socket 1,2,5,0', 'rule 0x7fff0000 socket 0,3,9,0']);
  });

  it('counts priorities down over the calls that have a rule', () => {
    const spec = {
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [
        { names: ['read', 'write'], action: 'SCMP_ACT_ALLOW' },
        { names: ['kill'], action: 'SCMP_ACT_ERRNO' },
      ],
    };
    expect(
      rulesText(spec, { first: ['mount', 'write', 'kill', 'read'] })
        .split('\n')
        .filter((line) => line.startsWith('priority')),
    ).toEqual(['priority write 255', 'priority read 254']);
    expect(rulesText(spec, { first: ['mount'] })).toBe(rulesText(spec));
  });

  it('writes 64-bit values exactly', () => {
    const args = [{ index: 5, value: 2n ** 64n - 1n, valueTwo: 2n ** 53n + 1n, op: 'SCMP_CMP_GT' }];
    expect(lines(withRule({ names: ['mmap'], action: 'SCMP_ACT_ALLOW', args }))[2]).toBe(
      'rule 0x7fff0000 mmap 5,6,18446744073709551615,9007199254740993',
    );
  });

  it('keeps an impossible name of a system call as one unknown word', () => {
    expect(lines(withRule({ names: ['re ad\nrule 0 write'], action: 'SCMP_ACT_ALLOW' })).slice(2, -1)).toEqual([
      'rule 0x7fff0000 re?ad?rule?0?write',
    ]);
  });

  it('refuses what runtimes refuse, with the path', () => {
    const refuses = (spec: SeccompSpec, message: string): void => {
      expect(() => rulesText(spec)).toThrow(message);
    };
    const arg = { index: 0, value: 0, op: 'SCMP_CMP_EQ' };
    const args = (changed: object): SeccompSpec =>
      withRule({ names: ['read'], action: 'SCMP_ACT_ALLOW', args: [arg, { ...arg, ...changed }] });
    refuses({ defaultAction: 'ALLOW' }, 'linux.seccomp.defaultAction: expected one of SCMP_ACT_KILL, ');
    refuses(
      withRule({ names: ['read'], action: 'SCMP_ACT_NONE' }),
      'linux.seccomp.syscalls[0].action: expected one of',
    );
    refuses(
      withRule({ names: ['read', ''], action: 'SCMP_ACT_ALLOW' }),
      'linux.seccomp.syscalls[0].names: expected names of system calls, got an empty name',
    );
    refuses(args({ index: 6 }), 'linux.seccomp.syscalls[0].args[1].index: expected an argument from 0 to 5, got 6');
    refuses(args({ op: 'EQ' }), 'linux.seccomp.syscalls[0].args[1].op: expected one of SCMP_CMP_NE, ');
    refuses(
      args({ value: 2n ** 64n }),
      'linux.seccomp.syscalls[0].args[1].value: expected an integer from 0 to 18446744073709551615, got 18446744073709551616',
    );
    refuses(args({ valueTwo: -1 }), 'linux.seccomp.syscalls[0].args[1].valueTwo: expected an integer from 0 to');
  });

  it('name the file of a filter that is built already, with a spec and without one', () => {
    expect(rulesText(null)).toBe('none\n');
    expect(rulesText(null, {}, '/tmp/a filter')).toBe('built /tmp/a filter\nflags 0\n');
  });

  it('refuses actions that require a listener', () => {
    expect(() => rulesText(withRule({ names: ['mount'], action: 'SCMP_ACT_NOTIFY' }))).toThrow(
      'linux.seccomp: expected actions that require no listener, got SCMP_ACT_NOTIFY',
    );
    expect(() =>
      rulesText({ defaultAction: 'SCMP_ACT_ALLOW', flags: ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV'] }),
    ).toThrow(
      'linux.seccomp.flags: expected SECCOMP_FILTER_FLAG_TSYNC, SECCOMP_FILTER_FLAG_LOG, SECCOMP_FILTER_FLAG_SPEC_ALLOW, got "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"',
    );
  });
});
