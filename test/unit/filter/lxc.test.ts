import { machine } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import {
  buildLxcFilter,
  callsOf,
  executeAll,
  knownArchitecture,
  actionText,
  Simulator,
} from '../../../src/filter/index.js';
import { sourceOf } from '../../../src/profile/index.js';
import type { LxcPolicy } from '../../../src/model/profile/source.js';

/** The policy of a text, by the reader of policies. */
function policyOf(...lines: readonly string[]): LxcPolicy {
  const source = sourceOf(Buffer.from(`${lines.join('\n')}\n`), 'policy');
  if (source.kind !== 'lxc') throw new Error(`read as ${source.form}`);
  return source.policy;
}

const needX86 = (ctx: TestContext): void => {
  if (machine() !== 'x86_64') ctx.skip('LXC builds for the machine it runs on; this test is about x86_64');
};

/** What the filter of a policy answers to a call of an architecture. */
function answer(policy: LxcPolicy, arch: string, name: string, args: readonly bigint[] = []): string {
  const nr = callsOf(arch).find((call) => call.name === name)!.nr;
  const filter = new Simulator(buildLxcFilter(policy, 'policy').program);
  return actionText(executeAll([filter], { arch: knownArchitecture(arch).audit, nr, args }).value);
}

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof BenchError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'accepted';
}

describe('the filter that LXC builds from a policy', () => {
  it('of version 1 allows numbers of the own architecture, and ends all other threads', (ctx) => {
    needX86(ctx);
    const policy = policyOf('1', 'allowlist', '0', '39');
    expect([answer(policy, 'x86_64', 'read'), answer(policy, 'x86_64', 'getpid')]).toEqual(['ALLOW', 'ALLOW']);
    expect([answer(policy, 'x86_64', 'write'), answer(policy, 'x86', 'read')]).toEqual(['KILL_THREAD', 'KILL_THREAD']);
  });

  it('of version 2 has its rules on every architecture the machine runs, whichever own section they stand in', (ctx) => {
    needX86(ctx);
    const policy = policyOf('2', 'denylist', '[x86]', 'mount errno 1', '[x86_64]', 'swapon errno 2', 'swapoff trap');
    for (const arch of ['x86_64', 'x86', 'x32'])
      expect(['mount', 'swapon', 'swapoff', 'read'].map((name) => answer(policy, arch, name))).toEqual([
        'ERRNO(EPERM)',
        'ERRNO(ENOENT)',
        'TRAP(0)',
        'ALLOW',
      ]);
  });

  it('skips sections of other machines, and names that libseccomp does not know', (ctx) => {
    needX86(ctx);
    const policy = policyOf(
      '2',
      'denylist',
      '[arm64]',
      'mount errno 1',
      '[all]',
      'no_such_call errno 2',
      'swapon errno 3',
    );
    expect([answer(policy, 'x86_64', 'mount'), answer(policy, 'x86_64', 'swapon')]).toEqual(['ALLOW', 'ERRNO(ESRCH)']);
  });

  it('compares arguments, a mask before its value', (ctx) => {
    needX86(ctx);
    const policy = policyOf(
      '2',
      'denylist',
      'clone errno 1 [0,0x10000000,SCMP_CMP_MASKED_EQ,0x10000000]',
      'socket kill [0,40,==]',
    );
    expect([answer(policy, 'x86_64', 'clone', [0x10000011n]), answer(policy, 'x86_64', 'clone', [0x11n])]).toEqual([
      'ERRNO(EPERM)',
      'ALLOW',
    ]);
    expect([answer(policy, 'x86_64', 'socket', [40n]), answer(policy, 'x86_64', 'socket', [2n])]).toEqual([
      'KILL_THREAD',
      'ALLOW',
    ]);
  });

  it('refuses a forced umount by its word', (ctx) => {
    needX86(ctx);
    const policy = policyOf('2', 'denylist', 'reject_force_umount');
    expect([answer(policy, 'x86_64', 'umount2', [0n, 3n]), answer(policy, 'x86', 'umount2', [0n, 2n])]).toEqual([
      'ERRNO(EACCES)',
      'ALLOW',
    ]);
  });

  it('does not exist where a rule has the default action: LXC refuses the policy', (ctx) => {
    needX86(ctx);
    const policy = policyOf('2', 'allowlist errno 1', 'read', '', 'mount errno 1');
    expect(refusalOf(() => buildLxcFilter(policy, 'mine.seccomp'))).toBe(
      'input: mine.seccomp:5: expected a rule that LXC can load, got one for mount (it has the default action)',
    );
  });

  it('is not built for another machine', () => {
    const other = machine() === 'x86_64' ? 'aarch64' : 'x86_64';
    expect(refusalOf(() => buildLxcFilter(policyOf('1', 'allowlist', '0'), 'mine.seccomp', other))).toBe(
      'input: mine.seccomp is an LXC policy, which LXC builds on the machine that loads it',
    );
  });
});
