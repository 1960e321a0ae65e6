import { createServer } from 'node:net';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Advice } from '../../src/model/analysis/advice.js';
import { needs, needsRoot, Sandbox } from './bench.js';

const sandbox = new Sandbox();
afterEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

/** What runc, crun and the payload need after their filter is loaded, and what the program that times calls needs. */
const ALLOWED =
  'read write close exit exit_group execve brk mmap munmap mprotect arch_prctl rt_sigreturn rt_sigaction ' +
  'rt_sigprocmask set_tid_address set_robust_list prctl fstat newfstatat fstatfs openat getppid getpid gettid tgkill ' +
  'ppoll nanosleep clock_gettime times futex epoll_pwait epoll_ctl epoll_create1 fcntl sched_yield sigaltstack ' +
  'sendmsg pipe2 clone readlinkat getdents64 lseek ioctl';
const allowing = (names: string, more: object = {}): object => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'],
  syscalls: [{ names: names.split(' '), action: 'SCMP_ACT_ALLOW' }],
  ...more,
});
const notifying = (listenerPath: string): object => ({
  ...allowing(ALLOWED),
  listenerPath,
  syscalls: [
    { names: ALLOWED.split(' '), action: 'SCMP_ACT_ALLOW' },
    { names: ['mknodat'], action: 'SCMP_ACT_NOTIFY' },
  ],
});
const write = (name: string, profile: object): void => {
  writeFileSync(join(sandbox.folder, name), JSON.stringify(profile, null, 1));
};
const sequential = (engine: string, profile: object) => {
  write('mine.json', profile);
  return sandbox.bench([
    'sequential',
    '--engine',
    engine,
    '--arms',
    'unconfined',
    '--arm',
    'mine=mine.json:host',
    '--count',
    '2',
    '--no-report',
  ]);
};
const nothingLeft = (): void => {
  expect(readdirSync(sandbox.folder).filter((name) => name === 'results')).toEqual([]);
};

describe('what cannot be measured is told before the first container', () => {
  it.for(['runc', 'crun', 'namespaces'])('that no program can end, with %s', (engine, ctx) => {
    if (engine !== 'namespaces') needs(ctx, engine);
    needsRoot(ctx);
    const { status, stderr } = sequential(engine, allowing(ALLOWED.replace(' exit exit_group', '')));
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('exit and exit_group are not allowed, so no program'),
    ]);
    nothingLeft();
  });

  it('that runc before 1.2 loads no flag, with the version that does', (ctx) => {
    needs(ctx, 'runc');
    const { status, stderr } = sequential('runc', allowing(ALLOWED, { flags: ['SECCOMP_FILTER_FLAG_NOBODY'] }));
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/arm mine: runc [\d.]+ does not load the flag SECCOMP_FILTER_FLAG_NOBODY/),
    ]);
    nothingLeft();
  });

  it.for(['runc', 'crun'])('that nobody listens at a path, with %s', (engine, ctx) => {
    needs(ctx, engine);
    const path = join(sandbox.folder, 'nobody.sock');
    const { status, stderr } = sequential(engine, notifying(path));
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining(`arm mine: nobody listens at ${path} (listenerPath)`),
    ]);
    nothingLeft();
  });

  it('but not where somebody does: the runtime is asked then', async (ctx) => {
    needs(ctx, 'crun');
    const path = join(sandbox.folder, 'somebody.sock');
    const server = createServer((socket) => socket.resume()).listen(path);
    await new Promise((settle) => server.once('listening', settle));
    const { stderr } = sequential('crun', notifying(path));
    expect(stderr).not.toContain('nobody listens');
    await new Promise((settle) => server.close(settle));
  });
});

describe('bench advise, whatever the default action', () => {
  it.for(['SCMP_ACT_KILL', 'SCMP_ACT_KILL_PROCESS', 'SCMP_ACT_TRAP', 'SCMP_ACT_TRACE'])(
    'leaves out the calls that %s would end, and gives the rest',
    (defaultAction, ctx) => {
      needsRoot(ctx);
      write('mine.json', { ...allowing(ALLOWED), defaultAction });
      const { status, stdout } = sandbox.bench([
        'advise',
        'mine.json',
        '--json',
        '--blocks',
        '1',
        '--call-blocks',
        '1',
      ]);
      expect(status).toBe(0);
      const { foreknown, options } = JSON.parse(stdout) as Advice;
      expect(foreknown.unpriced.map(({ call }) => call)).toEqual(['personality', 'kexec_load', 'unknown']);
      const tree = options.find(({ option }) => option === 'tree');
      expect(tree?.state === 'measured' ? tree.calls.map(({ call }) => call) : []).toEqual(['getppid', 'times']);
    },
  );

  it('prices a logged call and says that it is neither free nor cached', (ctx) => {
    needsRoot(ctx);
    write('mine.json', { ...allowing(ALLOWED), defaultAction: 'SCMP_ACT_LOG' });
    const { status, stdout, stderr } = sandbox.bench([
      'advise',
      'mine.json',
      '--json',
      '--blocks',
      '1',
      '--call-blocks',
      '1',
    ]);
    expect([status, stderr]).toEqual([0, expect.stringContaining('The default action is LOG')]);
    const { options } = JSON.parse(stdout) as Advice;
    const tree = options.find(({ option }) => option === 'tree');
    expect(tree?.state === 'measured' ? tree.calls.map(({ call, kind }) => `${call} ${kind}`) : []).toEqual([
      'getppid cached',
      'times cached',
      'personality logged',
      'kexec_load logged',
      'unknown logged',
    ]);
  });

  it('cuts an explicit list, measures that and shows the lines, also where no call can be priced', (ctx) => {
    needsRoot(ctx);
    const own = process.arch === 'x64' ? 'X86_64' : 'AARCH64';
    const names = [own, 'RISCV64', 'PPC64LE'].map((name) => `SCMP_ARCH_${name}`);
    write('mine.json', {
      ...allowing(ALLOWED.replace(' clock_gettime', '').replace(' ppoll nanosleep', '')),
      architectures: names,
    });
    const { status, stdout } = sandbox.bench(['advise', 'mine.json', '--blocks', '1', '--call-blocks', '1']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/The explicit list cut to the host's architectures\n {2}[\d,]+ → [\d,]+ instructions/);
    expect(stdout).toContain('delete lines 5-6 of mine.json');
    expect(stdout).toContain(`"architectures": ["SCMP_ARCH_${own}"]`);
    expect(stdout).toContain('No call is priced: the filter denies clock_gettime');
  });
});
