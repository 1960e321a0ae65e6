import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { machine, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildFilter, readLoadedFilters, rulesText } from '../../src/filter/index.js';
import { isMachine, writeRootfs } from '../../src/payload/index.js';
import type { SeccompSpec } from '../../src/model/profile/seccomp.js';
import { nativePrograms, need32Bit } from '../unit/payload/machine.js';
import { inNamespaces, inRuntime, needRoot } from './containers.js';

const HOST =
  machine() === 'aarch64'
    ? { native: 'SCMP_ARCH_AARCH64', compat: 'SCMP_ARCH_ARM' }
    : { native: 'SCMP_ARCH_X86_64', compat: 'SCMP_ARCH_X86' };

/** Denies little, so that every runtime's own start passes; crun and runc load libseccomp's export of it unchanged. */
const spec = (...architectures: string[]): SeccompSpec => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures,
  syscalls: [
    { names: ['kexec_load', 'swapon'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 },
    {
      names: ['personality'],
      action: 'SCMP_ACT_ERRNO',
      args: [
        { index: 0, value: 8, op: 'SCMP_CMP_EQ' },
        { index: 0, value: 2 ** 33, op: 'SCMP_CMP_GE' },
      ],
    },
  ],
});
/** Allows only what the payload needs; the built-in loader can live with that. */
const STRICT: SeccompSpec = {
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: [HOST.native],
  syscalls: [
    { names: ['execve', 'write', 'ppoll', 'restart_syscall', 'exit_group', 'exit'], action: 'SCMP_ACT_ALLOW' },
  ],
};

/** What runc itself calls between loading the filter and becoming the payload. */
const RUNC_NEEDS = [
  'brk',
  'close',
  'close_range',
  'epoll_ctl',
  'epoll_pwait',
  'epoll_wait',
  'fcntl',
  'fstat',
  'fstatfs',
  'futex',
  'getdents64',
  'getpid',
  'gettid',
  'lseek',
  'madvise',
  'mmap',
  'munmap',
  'nanosleep',
  'newfstatat',
  'open',
  'openat',
  'pread64',
  'prctl',
  'read',
  'readlinkat',
  'rt_sigaction',
  'rt_sigprocmask',
  'rt_sigreturn',
  'sched_yield',
  'sigaltstack',
  'statx',
  'tgkill',
  'fchdir',
  'chdir',
  'faccessat',
  'faccessat2',
  'getppid',
  'setgid',
  'setuid',
];

const seen = (...specs: SeccompSpec[]) => ({
  state: 'seen',
  via: 'ptrace',
  programs: specs.map((one) => buildFilter(one)).map(({ instructions, sha256 }) => ({ instructions, sha256 })),
});

let folder = '';
let rootfs = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'loaded-'));
  rootfs = join(folder, 'rootfs');
  if (isMachine(machine())) await writeRootfs(rootfs, machine());
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('readLoadedFilters', () => {
  it('finds the predicted filter in namespaces, and the payload keeps sleeping', async (ctx) => {
    needRoot(ctx);
    for (const one of [spec(HOST.native), spec(HOST.native, HOST.compat), STRICT]) {
      await using container = await inNamespaces(ctx, rootfs, one);
      expect(readLoadedFilters(container.pid)).toEqual(seen(one));
      expect(readLoadedFilters(container.pid)).toEqual(seen(one));
      await expect
        .poll(() => readFileSync(`/proc/${container.pid}/status`, 'utf8'))
        .toMatch(/^State:\s+S[^]*^TracerPid:\s+0$/m);
    }
  });

  it('finds that there is no filter', async (ctx) => {
    needRoot(ctx);
    await using container = await inNamespaces(ctx, rootfs, null);
    expect(readLoadedFilters(container.pid)).toEqual(seen());
  });

  for (const runtime of ['crun', 'runc']) {
    it(`finds the predicted filter in ${runtime}`, async (ctx) => {
      needRoot(ctx);
      await using container = await inRuntime(ctx, runtime, rootfs, spec(HOST.native, HOST.compat));
      expect(readLoadedFilters(container.pid)).toEqual(seen(spec(HOST.native, HOST.compat)));
    });
  }

  it('finds the stub of runc before a filter that denies by default', async (ctx) => {
    needRoot(ctx);
    const denying: SeccompSpec = {
      ...STRICT,
      syscalls: [{ names: [...RUNC_NEEDS, ...(STRICT.syscalls?.[0]?.names ?? [])], action: 'SCMP_ACT_ALLOW' }],
    };
    await using container = await inRuntime(ctx, 'runc', rootfs, denying);
    const loaded = readLoadedFilters(container.pid);
    expect(
      loaded.state === 'seen'
        ? loaded.programs.map(({ instructions }) => instructions > buildFilter(denying).instructions)
        : loaded,
    ).toEqual([true]);
  });

  it('lists several filters, the oldest first', async (ctx) => {
    needRoot(ctx);
    const { bpfBuild, loader, payload } = nativePrograms(ctx);
    const files = [spec(HOST.native), spec(HOST.native, HOST.compat)].map((one, index) => {
      const file = join(folder, `rules-${index}`);
      writeFileSync(file, rulesText(one));
      return file;
    });
    const child = spawn(
      bpfBuild,
      [files[0]!, '--', loader, '{fd}', bpfBuild, files[1]!, '--', loader, '{fd}', payload, 'sleep'],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(child.stdout, 'data');
    expect(readLoadedFilters(child.pid!)).toEqual(seen(spec(HOST.native), spec(HOST.native, HOST.compat)));
    child.kill('SIGKILL');
    // A direct child too: its end still reaches its parent.
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  });

  it('gives the reason where it cannot read the filter', () => {
    const gone = spawnSync('true').pid;
    expect(readLoadedFilters(gone)).toEqual({
      state: 'notSeen',
      reason: `could not attach to process ${gone}: no such process (ESRCH)`,
    });
    expect(readLoadedFilters(process.pid)).toEqual({
      state: 'notSeen',
      reason: `could not attach to process ${process.pid}: this user may not trace it, or it is traced already (EPERM)`,
    });
  });
});

describe('the 32-bit probe', () => {
  it('runs where its architecture is listed and is killed by SIGSYS where it is not', (ctx) => {
    const programs = nativePrograms(ctx);
    need32Bit(ctx, programs);
    const probe = (one: SeccompSpec | null) => {
      const rules = join(folder, 'rules-probe');
      writeFileSync(rules, rulesText(one));
      const { status, signal, stdout } = spawnSync(
        programs.bpfBuild,
        [rules, '--', programs.loader, '{fd}', programs.probe32],
        { encoding: 'utf8' },
      );
      return { status, signal, stdout };
    };
    expect(probe(null)).toEqual({ status: 0, signal: null, stdout: 'ok32\n' });
    expect(probe(spec(HOST.native, HOST.compat))).toEqual({ status: 0, signal: null, stdout: 'ok32\n' });
    expect(probe(spec(HOST.native))).toEqual({ status: null, signal: 'SIGSYS', stdout: '' });
  });
});
