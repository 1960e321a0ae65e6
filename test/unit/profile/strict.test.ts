import { describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import { defaultProfile, loadProfile } from '../../../src/profile/index.js';

/** The message without --lenient, `accepted` where there is none; with --lenient all of these are accepted. */
function strictly(profile: unknown): string {
  const bytes = Buffer.from(typeof profile === 'string' ? profile : JSON.stringify(profile));
  expect(loadProfile(bytes, 'p.json', { lenient: true }).fileName).toBe('p.json');
  try {
    loadProfile(bytes, 'p.json', { lenient: false });
    return 'accepted';
  } catch (error) {
    if (error instanceof BenchError) return error.message;
    throw error;
  }
}

const ok = { names: ['read'], action: 'SCMP_ACT_ALLOW' };
const profile = (rest: object): object => ({ defaultAction: 'SCMP_ACT_ERRNO', ...rest });
const withArg = (arg: object): object => profile({ syscalls: [{ ...ok, args: [arg] }] });
const ACTIONS =
  'SCMP_ACT_ALLOW, SCMP_ACT_ERRNO, SCMP_ACT_KILL, SCMP_ACT_KILL_PROCESS, SCMP_ACT_KILL_THREAD, SCMP_ACT_LOG, SCMP_ACT_NOTIFY, ' +
  'SCMP_ACT_TRACE, SCMP_ACT_TRAP';
const OPERATORS = 'SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE, SCMP_CMP_EQ, SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ';
const ARCHITECTURE = 'an architecture like SCMP_ARCH_X86_64';

describe('without --lenient', () => {
  it.each([
    [{ defaultAction: 'SCMP_ACT_FOO' }, `p.json: defaultAction: expected one of ${ACTIONS}, got "SCMP_ACT_FOO"`],
    [{ defaultAction: 'scmp_act_allow' }, `p.json: defaultAction: expected one of ${ACTIONS}, got "scmp_act_allow"`],
    [{ syscalls: [ok] }, `p.json: defaultAction: expected one of ${ACTIONS}, got nothing`],
    [
      profile({ syscalls: [ok, { names: ['a'], action: 'ALLOW' }] }),
      `p.json: syscalls[1].action: expected one of ${ACTIONS}, got "ALLOW"`,
    ],
    [profile({ syscalls: [{ names: ['a'] }] }), `p.json: syscalls[0].action: expected one of ${ACTIONS}, got nothing`],
    [
      profile({ syscalls: [{ ...ok, action: '', includes: { caps: ['CAP_X'] } }] }),
      `p.json: syscalls[0].action: expected one of ${ACTIONS}, got ""`,
    ],
    [
      withArg({ index: 0, value: 1, op: 'SCMP_CMP_FOO' }),
      `p.json: syscalls[0].args[0].op: expected one of ${OPERATORS}, got "SCMP_CMP_FOO"`,
    ],
    [withArg({ index: 0, value: 1 }), `p.json: syscalls[0].args[0].op: expected one of ${OPERATORS}, got nothing`],
    [
      withArg({ index: 6, value: 1, op: 'SCMP_CMP_EQ' }),
      'p.json: syscalls[0].args[0].index: expected an argument index from 0 to 5, got 6',
    ],
    [
      profile({ architectures: ['SCMP_ARCH_X86', 'amd64'] }),
      `p.json: architectures[1]: expected ${ARCHITECTURE}, got "amd64"`,
    ],
    [
      profile({ archMap: [{ architecture: 'SCMP_ARCH_FOO' }] }),
      `p.json: archMap[0].architecture: expected ${ARCHITECTURE}, got "SCMP_ARCH_FOO"`,
    ],
    [
      profile({ archMap: [{ subArchitectures: [] }] }),
      `p.json: archMap[0].architecture: expected ${ARCHITECTURE}, got nothing`,
    ],
    [
      profile({ archMap: [{ architecture: 'SCMP_ARCH_ARM', subArchitectures: [''] }] }),
      `p.json: archMap[0].subArchitectures[0]: expected ${ARCHITECTURE}, got ""`,
    ],
    [
      '{"defaultAction":"SCMP_ACT_LOG","syscalls":[{"action":"SCMP_ACT_LOG","args":[{"index":18446744073709551615,"op":"SCMP_CMP_EQ"}]}]}',
      'p.json: syscalls[0].args[0].index: expected an argument index from 0 to 5, got 18446744073709551615',
    ],
  ])('%j is refused', (input, message) => {
    expect(strictly(input)).toBe(message);
  });

  it.each([
    [profile({ flags: ['SOME_FLAG'], syscalls: [{ names: ['not_a_call'], action: 'SCMP_ACT_NOTIFY' }] })],
    [withArg({ index: 5, value: 1, op: 'SCMP_CMP_MASKED_EQ' })],
    [profile({ archMap: [{ architecture: 'SCMP_ARCH_RISCV64', subArchitectures: ['SCMP_ARCH_RISCV'] }] })],
    [profile({ syscalls: [{ ...ok, includes: { arches: ['nowhere'], caps: ['CAP_NONE'] } }] })],
  ])('%j is accepted', (input) => {
    expect(strictly(input)).toBe('accepted');
  });

  it.each([
    ['null', 'p.json disables seccomp: it is null'],
    [{}, 'p.json disables seccomp: it has no default action and no rules'],
    [{ archMap: [] }, 'p.json disables seccomp: it has no default action and no rules'],
    [{ defaultAction: '', syscalls: [] }, 'p.json disables seccomp: it has no default action and no rules'],
  ])('%j, which would disable seccomp, is refused', (input, message) => {
    expect(strictly(input)).toBe(message);
  });

  it('an object that has nothing of a profile is refused, with --lenient too', () => {
    for (const lenient of [true, false])
      expect(() => loadProfile(Buffer.from('{"foo":1}'), 'p.json', { lenient })).toThrow(
        'p.json is not a profile: it has neither "defaultAction" nor "syscalls"',
      );
  });

  it('the built-in default profile is accepted', () => {
    expect(strictly(defaultProfile().text)).toBe('accepted');
  });
});
