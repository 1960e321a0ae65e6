import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { FilterDiff } from '../../src/model/filter/diff.js';
import { needRoot } from './containers.js';
import { needs, needsRoot, PrivateSandbox } from './bench.js';

const sandbox = new PrivateSandbox();
afterAll(() => {
  sandbox[Symbol.dispose]();
});

interface Document {
  readonly opened: boolean;
  readonly machines: readonly FilterDiff[];
  readonly before: { readonly form: string };
  readonly price?: { readonly calls: readonly { readonly call: string; readonly added: { readonly low: number } }[] };
}
const json = (...args: readonly string[]): Document =>
  JSON.parse(sandbox.bench(['diff', ...args, '--json']).stdout) as Document;

const socket = (op: string, value: number) => ({
  names: ['socket'],
  action: 'SCMP_ACT_ALLOW',
  args: [{ index: 0, value, op: `SCMP_CMP_${op}` }],
});
/** Docker-format profiles, one file each. */
const files = {
  'without-alg.json': [socket('LT', 38), socket('EQ', 39), socket('GT', 40)],
  'with-vsock.json': [socket('NE', 38)],
};
for (const [name, rules] of Object.entries(files)) {
  const profile = {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 1,
    archMap: [
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
    ],
    syscalls: [
      {
        names: ['read', 'write', 'exit', 'exit_group', 'execve', 'mmap', 'clock_gettime', 'personality'],
        action: 'SCMP_ACT_ALLOW',
      },
      ...rules,
    ],
  };
  writeFileSync(join(sandbox.folder, name), JSON.stringify(profile));
}
/** A profile that allows all but some calls. */
function denyList(name: string, ...rules: readonly object[]): string {
  const syscalls = [{ names: ['kexec_load'] }, ...rules].map((rule) => ({ action: 'SCMP_ACT_ERRNO', ...rule }));
  writeFileSync(join(sandbox.folder, name), JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls }));
  return name;
}
const PAIR = ['without-alg.json', 'with-vsock.json'] as const;
const tooLong = (text: string, width: number): string[] => text.split('\n').filter((line) => line.length > width);

describe('bench diff', () => {
  it('says which families of sockets are opened, and proves that it is all', () => {
    const { status, stdout, stderr } = sandbox.bench(['diff', ...PAIR, '--arch', 'x86_64']);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^without-alg.json → with-vsock.json on x86_64\n\nOpened: 1 call\n/);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'socket (x86_64, x86): families 0-37, 39, 41 and up; now also 40 (AF_VSOCK) (ERRNO(EPERM) → ALLOW)',
    );
    expect(stdout).toMatch(
      /^Proved for all numbers and arguments of x86_64, x86 and x32; [\d,]+ calls run through both/m,
    );
    expect(stdout).not.toContain('Closed');
  });

  it('fails with 3 if something was opened, and passes the reverse', () => {
    const failed = sandbox.bench(['diff', ...PAIR, '--arch', 'x86_64', '--fail-if-opened']);
    expect([failed.status, failed.stderr]).toEqual([
      3,
      'fails under --fail-if-opened: something was opened on x86_64\n',
    ]);
    const passed = sandbox.bench(['diff', ...PAIR.toReversed(), '--arch', 'x86_64', '--fail-if-opened']);
    expect([passed.status, passed.stderr]).toEqual([0, '']);
  });

  it('does not pass what it cannot prove', () => {
    // A = low half of arg 0 plus 1; allowed where that is 5.
    const instructions = [
      [0x20, 0, 0, 16],
      [0x04, 0, 0, 1],
      [0x15, 0, 1, 5],
      [0x06, 0, 0, 0x7fff0000],
      [0x06, 0, 0, 0x00050001],
    ];
    const filter = Buffer.concat(
      instructions.map(([code = 0, yes = 0, no = 0, k = 0]) => {
        const bytes = Buffer.alloc(8);
        bytes.writeUInt16LE(code, 0);
        bytes.writeUInt8(yes, 2);
        bytes.writeUInt8(no, 3);
        bytes.writeUInt32LE(k, 4);
        return bytes;
      }),
    );
    writeFileSync(join(sandbox.folder, 'computes.bpf'), filter);
    const same = [...filter];
    same[8 * 4 + 4] = 2;
    writeFileSync(join(sandbox.folder, 'computes-too.bpf'), Buffer.from(same));
    const { status, stdout, stderr } = sandbox.bench([
      'diff',
      'computes.bpf',
      'computes-too.bpf',
      '--arch',
      'x86_64',
      '--fail-if-opened',
    ]);
    expect([status, stderr]).toEqual([
      3,
      'fails under --fail-if-opened: on x86_64 it is not proved that nothing was opened\n',
    ]);
    expect(stdout).toContain('Not proved on x86_64: the filter computes with arguments.');
  });

  it('finds no difference between a profile and itself, in the plain form and as a tree', () => {
    for (const form of ['plain', 'tree']) {
      const { stdout } = sandbox.bench(['diff', 'default', 'default', '--form', form]);
      expect(stdout).toContain('\n\nNo difference\n\n');
      expect(stdout).toContain('The two have the same instructions.');
    }
  });

  it('compares for all machines that libseccomp knows', () => {
    const { stdout } = sandbox.bench(['diff', ...PAIR, '--arch', 'all']);
    expect(stdout).toMatch(/^without-alg.json → with-vsock.json on \d+ machines\n\nOpened: 1 call\n/);
    expect(stdout).toMatch(/Instructions: .*x86_64 \d+ → \d+.*aarch64 \d+ → \d+/s);
    expect(stdout).toMatch(/^Proved for all numbers and arguments of \d+ machines;/m);
  });

  it('prints every call in JSON', () => {
    const { machines, opened } = json(...PAIR, '--arch', 'x86_64,s390x');
    expect(opened).toBe(true);
    expect(machines.map((one) => [one.machine, one.proof.state])).toEqual([
      ['x86_64', 'proved'],
      ['s390x', 'proved'],
    ]);
    const calls = machines[0]?.architectures[0]?.calls ?? [];
    expect(calls.length).toBeGreaterThan(300);
    expect(calls.filter(({ kinds }) => kinds.length > 0).map(({ name }) => name)).toEqual(['socket']);
  });

  it('prints Markdown for a pull request', () => {
    const { stdout } = sandbox.bench(['diff', ...PAIR, '--arch', 'x86_64', '--markdown']);
    expect(stdout).toMatch(/^### without-alg.json → with-vsock.json on x86_64\n\n\*\*Opened: 1 call\.\*\*\n/);
    expect(stdout).toContain('| socket | x86_64, x86 | families 0-37, 39, 41 and up; now also 40 (AF_VSOCK)');
  });

  it.for([80, 60])('fits a terminal of %i columns', (columns, context) => {
    needs(context, 'script');
    expect(tooLong(sandbox.onTerminal(columns, ['diff', 'default', 'unconfined']), columns)).toEqual([]);
  });

  it('takes the filters of a process', async (context) => {
    needsRoot(context);
    const sleeper = spawn('sleep', ['60']);
    try {
      await once(sleeper, 'spawn');
      const { machines, before } = json(`pid:${String(sleeper.pid)}`, 'unconfined');
      expect(before.form).toContain(`process ${String(sleeper.pid)}`);
      expect(machines[0]?.machine).toBe(machine());
    } finally {
      sleeper.kill();
    }
  });

  it('compares a profile with what runc loads for it', (context) => {
    needRoot(context);
    needs(context, 'runc');
    const { stdout, status } = sandbox.bench(['diff', 'default', '--runtime', 'runc']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^default → default loaded by runc on /);
    expect(stdout).toContain('A call too new to have a name: ERRNO(EPERM) → ERRNO(ENOSYS).');
  });

  it('times calls that changed', (context) => {
    needRoot(context);
    denyList('no-alg.json', { names: ['socket'], args: [{ index: 0, value: 38, op: 'SCMP_CMP_EQ' }] });
    const { price, machines } = json('no-alg.json', denyList('open.json'), '--price');
    expect(price?.calls.map(({ call }) => call)).toEqual(['socket', 'unknown']);
    expect(price?.calls.every(({ added }) => Number.isFinite(added.low))).toBe(true);
    const call = machines[0]?.architectures[0]?.calls.find(({ name }) => name === 'socket');
    expect([call?.before.cached, call?.after.cached]).toEqual([false, true]);
  });

  it('still tells the difference where no call can be timed', () => {
    const { status, stdout } = sandbox.bench([
      'diff',
      denyList('no-unlink.json', { names: ['unlinkat'] }),
      denyList('open.json'),
      '--price',
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^Opened: 1 call$/m);
    expect(stdout).toContain('Not timed: no call that changed can be made without an effect.');
  });

  it.each([
    [['default'], 'B: expected a profile, a filter, container:ID or pid:N, got nothing'],
    [['-', '-'], '- for A cannot be combined with - for B'],
    [['pid:0', 'default'], 'pid:N: expected a whole number from 1 to 4,194,304, got "0"'],
    [['default', 'default', '--markdown', '--json'], '--markdown cannot be combined with --json'],
    [['default', 'default', '--runtime', 'runc'], '--runtime cannot be combined with two profiles'],
    [['default', 'default', '--price', '--arch', 'x86_64'], '--price cannot be combined with --arch'],
    [['default', 'default', '--arch', 'pdp11'], '"pdp11" is not an architecture'],
    [['missing.json', 'default'], 'could not read missing.json: no such file or directory'],
  ] as const)('refuses %j', (args, message) => {
    const { status, stdout, stderr } = sandbox.bench(['diff', ...args]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`bench: ${message}`);
  });
});
