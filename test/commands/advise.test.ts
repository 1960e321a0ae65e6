import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { advisedArms } from '../../src/commands/advise-arms.js';
import type { AdviceSubject } from '../../src/commands/advise-arms.js';
import { orderOf, readCounts } from '../../src/commands/advise-counts.js';
import type { Io } from '../../src/model/io.js';
import { loadProfile } from '../../src/profile/index.js';

const PROFILE = {
  defaultAction: 'SCMP_ACT_ERRNO', archMap: [{ architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] }, { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] }],
  syscalls: [
    { names: ['read', 'write', 'close', 'exit', 'exit_group', 'execve', 'brk', 'mmap', 'munmap', 'getppid', 'fstat', 'ioctl'], action: 'SCMP_ACT_ALLOW' },
    { names: ['personality'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 0xffffffff, op: 'SCMP_CMP_EQ' }] },
    { names: ['socket'], action: 'SCMP_ACT_ALLOW', args: [{ index: 0, value: 40, op: 'SCMP_CMP_NE' }] },
  ],
};
const subject = (profile: object = PROFILE, more: Partial<AdviceSubject> = {}): AdviceSubject => ({
  profile: loadProfile(Buffer.from(JSON.stringify(profile)), 'p.json', { lenient: false }), file: 'p.json', machine: 'x86_64', caps: 'docker', kernel: '6.18', dialect: 'moby', counts: null, ...more,
});
const counts = (calls: Readonly<Record<string, number>>) => ({ from: 'counts.txt', calls: new Map(Object.entries(calls)) });
const stateOf = (advised: ReturnType<typeof advisedArms>) => advised.options.map((one) => `${one.option}: ${'arm' in one ? one.arm.name : one.reason}`);

describe('the arms of advice', () => {
  it('hold every option against the host\'s architectures, with a control', () => {
    const advised = advisedArms(subject(PROFILE, { counts: counts({ read: 9, socket: 3, personality: 7 }) }));
    expect(stateOf(advised)).toEqual(['hostOnly: all', 'nativeOnly: native', 'tree: tree', 'ordered: ordered', 'prebuilt: prebuilt']);
    expect(advised.arms.map(({ name, policy, making }) => [name, policy, making])).toEqual([
      ['as-is', 'host', undefined], ['all', 'all', undefined], ['native', 'native', undefined], ['tree', 'host', { form: 'tree' }],
      ['ordered', 'host', { first: ['personality', 'socket', 'read'] }], ['prebuilt', 'host', { prebuilt: true }], ['control', 'host', undefined],
    ]);
    expect(advised.options.flatMap((one) => ('checked' in one ? [one.checked.replace(/\d+ calls/, 'N calls').replace(/SHA-256 \w+/, 'SHA-256 X')] : []))).toEqual([
      'for all N calls libseccomp knows of its architectures the possible answers are the same (simulated)', 'for all N calls libseccomp knows of its architectures the possible answers are the same (simulated)',
      'the bytes are those that libseccomp builds at a start (SHA-256 X)',
    ]);
  });

  it('leave out what cannot change anything, and say why', () => {
    expect(stateOf(advisedArms(subject({ defaultAction: 'SCMP_ACT_ALLOW', architectures: ['SCMP_ARCH_X86_64'], syscalls: [{ names: ['reboot'], action: 'SCMP_ACT_ERRNO' }] })))).toEqual([
      'hostOnly: the profile lists its architectures itself, so all are kept whatever is chosen', 'nativeOnly: it changes nothing: the spec is the same', 'tree: tree',
      'ordered: no counts were given: --counts FILE takes the output of strace -c or a syscalls.json, --observe COMMAND counts', 'prebuilt: prebuilt',
    ]);
    expect(stateOf(advisedArms(subject(PROFILE, { counts: counts({ no_such_call: 4 }) })))[3]).toBe('ordered: it changes nothing: libseccomp builds the same filter');
    expect(() => advisedArms(subject({}))).toThrow('Expected a profile with a default action or rules, got one that disables seccomp');
  });
});

describe('counts', () => {
  let folder = '';
  beforeEach(() => { folder = mkdtempSync(join(tmpdir(), 'advise-')); });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });
  const io = (): Io => ({ cwd: folder }) as Io;

  it('are read from strace -c', () => {
    writeFileSync(join(folder, 'c.txt'), [
      '% time     seconds  usecs/call     calls    errors syscall', '------ ----------- ----------- --------- --------- ----------------',
      ' 60.00    0.000060           6        10           read', ' 40.00    0.000040           8         5         1 socket', '------ ----------- ----------- --------- --------- ----------------',
      '100.00    0.000100           6        15         1 total', '',
    ].join('\n'));
    expect([...readCounts('c.txt', io()).calls]).toEqual([['read', 10], ['socket', 5]]);
    writeFileSync(join(folder, 'none.txt'), 'hello\n');
    expect(() => readCounts('none.txt', io())).toThrow('none.txt: expected the output of strace -c, got no line with the heads of its columns');
    expect(() => readCounts('missing.txt', io())).toThrow('missing.txt: expected the output of strace -c or a syscalls.json, got');
  });

  it('put calls that run the filter before those that are cached, each by number, then by name', () => {
    const observed = counts({ read: 100, openat: 3, socket: 3, clone: 8, write: 200 });
    expect(orderOf(observed, (name) => name === 'read' || name === 'write')).toEqual(['clone', 'openat', 'socket', 'write', 'read']);
    expect(orderOf(counts({}), () => false)).toEqual([]);
  });
});
