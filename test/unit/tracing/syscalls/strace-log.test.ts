import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StraceLog } from '../../../../src/tracing/syscalls/strace-log.js';
import type { PartRules } from '../../../../src/tracing/syscalls/strace-log.js';
import type { PartCounts } from '../../../../src/model/results/syscalls.js';

const fixture = (name: string): readonly string[] =>
  readFileSync(join(import.meta.dirname, '../../../fixtures/strace', name), 'utf8').split('\n');

/** The first thread is the runtime's, and `payload` begins the container. */
function countsOf(lines: readonly string[], payload: string, rules: Partial<PartRules> = {}): readonly PartCounts[] {
  let first: number | undefined;
  const log = new StraceLog({
    atStart: (pid) => ((first ??= pid) === pid ? 'runtime' : undefined),
    ofProgram: (path) => (path === payload ? 'container' : undefined),
    ...rules,
  });
  for (const line of lines) log.read(line);
  return log.parts();
}

const totals = (parts: readonly PartCounts[]): Record<string, number> =>
  Object.fromEntries(parts.map(({ part, calls }) => [part, calls.reduce((sum, one) => sum + one.calls, 0)]));
const callsOf = (parts: readonly PartCounts[], part: string, name: string): unknown =>
  parts.find((one) => one.part === part)?.calls.find((one) => one.name === name);

describe('reading a log of strace', () => {
  it("splits at the exec of the payload, also in a pid namespace: that exec is the runtime's, the calls after it are the container's", () => {
    const parts = countsOf(fixture('log-namespaces.txt'), '/bin/echo');
    expect(totals(parts)).toEqual({ runtime: 133, container: 36 });
    expect(Object.fromEntries(parts[1]!.calls.map(({ name, calls }) => [name, calls]))).toEqual({
      access: 1,
      arch_prctl: 1,
      brk: 3,
      close: 4,
      exit_group: 1,
      getrandom: 1,
      mmap: 8,
      mprotect: 3,
      munmap: 1,
      newfstatat: 3,
      openat: 2,
      pread64: 2,
      prlimit64: 1,
      read: 1,
      rseq: 1,
      set_robust_list: 1,
      set_tid_address: 1,
      write: 1,
    });
    expect([callsOf(parts, 'container', 'access'), callsOf(parts, 'runtime', 'wait4')]).toMatchObject([
      { calls: 1, errors: 1 },
      { errors: 1 },
    ]);
  });

  it('adds up the seconds of -T, and keeps those of calls that end after a line of another thread', () => {
    const parts = countsOf(
      [
        '1 read(0x3, 0x4, 0x5 <unfinished ...>',
        '2 getpid() = 0x2 <0.000003>',
        '1 <... read resumed>) = 0 <0.250000>',
        '1 read(0x3, 0x4, 0x5) = -1 (errno 11) <0.000001>',
      ],
      '/payload',
      { atStart: () => 'runtime' },
    );
    expect(parts).toEqual([
      {
        part: 'runtime',
        calls: [
          { name: 'getpid', calls: 1, errors: 0, seconds: 0.000003 },
          { name: 'read', calls: 2, errors: 1, seconds: 0.250001 },
        ],
        operations: [],
      },
    ]);
  });

  it('attributes a thread of unknown origin to the only part that is watched, and otherwise to none', () => {
    const lines = ['1 getpid() = 0x1 <0.1>', '9 futex(0x1) = 0 <0.1>'];
    expect(
      totals(
        countsOf(lines, '/payload', { atStart: (pid) => (pid === 1 ? 'daemon' : undefined), otherwise: 'daemon' }),
      ),
    ).toEqual({ daemon: 2 });
    expect(totals(countsOf(lines, '/payload', { atStart: (pid) => (pid === 1 ? 'daemon' : undefined) }))).toEqual({
      daemon: 1,
      all: 1,
    });
  });

  it('continues under the pid of the process where another thread than the first calls exec', () => {
    const parts = countsOf(fixture('log-exec-by-thread.txt'), '/bin/true');
    expect(totals(parts)).toEqual({ runtime: 16, container: 29 });
    expect(callsOf(parts, 'runtime', 'execve')).toEqual({ name: 'execve', calls: 1, errors: 0, seconds: 0.000721 });
    const renumbered = countsOf(
      [
        '7 clone3(0) = 8 <0.1>',
        '8 execve("/payload", [...], 0x1 <pid changed to 7 ...>',
        '7 <... execve resumed>) = 0 <0.2>',
        '7 write(1) = 0x1 <0.1>',
      ],
      '/payload',
    );
    expect(totals(renumbered)).toEqual({ runtime: 2, container: 1 });
  });

  it("attributes the container's children to it, also by pids of a namespace", () => {
    const begin = ['10 execve("/usr/sbin/runc", [...], 0x1) = 0 <0.1>', '10 execve("/payload", [...], 0x1) = 0 <0.1>'];
    expect(
      totals(
        countsOf(
          [...begin, "10 clone(flags=SIGCHLD) = 2 /* 11 in strace's PID NS */ <0.1>", '11 getpid() = 2 <0.1>'],
          '/payload',
        ),
      ),
    ).toEqual({ runtime: 2, container: 2 });
    // The child is often seen before the clone returns; older versions of strace do not say its pid outside.
    expect(
      totals(
        countsOf(
          [
            ...begin,
            '10 clone(flags=SIGCHLD <unfinished ...>',
            '11 getpid() = 2 <0.1>',
            '10 <... clone resumed>) = 2 <0.1>',
            '11 getppid() = 1 <0.1>',
          ],
          '/payload',
        ),
      ),
    ).toEqual({ runtime: 2, container: 3 });
    expect(
      totals(countsOf([...begin, '10 clone(flags=SIGCHLD) = 2 <0.1>', '11 getpid() = 2 <0.1>'], '/payload')),
    ).toEqual({ runtime: 2, container: 2 });
  });

  describe('with clones of a daemon and of a runtime that run at the same time', () => {
    const rules: Partial<PartRules> = {
      atStart: (pid) => (pid <= 2 ? 'daemon' : undefined),
      ofProgram: (path) => (path === '/usr/sbin/runc' ? 'runtime' : undefined),
      otherwise: 'daemon',
      translatesPids: true,
    };
    const runc = ['1 clone(flags=CLONE_VM) = 5 <0.1>', '5 execve("/usr/sbin/runc", [...], 0x1) = 0 <0.1>'];
    const bpf = '51 bpf(BPF_PROG_LOAD, 0x1, 0x2) = 3 <0.1>';
    const partOf = (lines: readonly string[], name = 'bpf'): readonly string[] =>
      countsOf([...runc, ...lines], '/payload', rules).flatMap(({ part, calls }) =>
        calls.some((call) => call.name === name) ? [part] : [],
      );

    it('counts each new thread for the part that created it, in whatever order they appear', () => {
      const clones = ['2 clone3(0x1 <unfinished ...>', '5 clone3(0x1 <unfinished ...>'];
      const [daemons, runtimes] = ['2 <... clone3 resumed>) = 11 <0.1>', '5 <... clone3 resumed>) = 51 <0.1>'];
      const other = '11 futex(0x1) = 0 <0.1>';
      expect(partOf([...clones, bpf, daemons, runtimes, other])).toEqual(['runtime']);
      // The daemon's thread is seen first, and the clone of the runtime returns before its own child is seen.
      const swapped = [clones[1]!, clones[0]!, other, runtimes, daemons, bpf];
      expect([partOf(swapped), partOf(swapped, 'futex')]).toEqual([['runtime'], ['daemon']]);
      expect(partOf([...clones, other, daemons, runtimes, bpf])).toEqual(['runtime']);
      expect(partOf([...clones, other, runtimes, bpf, daemons])).toEqual(['runtime']);
    });

    it('corrects the origin of a child that runs another program before its clone returns', () => {
      expect(
        partOf([
          '1 clone3(0x1 <unfinished ...>',
          '5 vfork( <unfinished ...>',
          bpf,
          '51 execve("/usr/bin/containerd", [...], 0x1) = 0 <0.1>',
          '51 execve("/usr/sbin/runc", [...], 0x1) = 0 <0.1>',
          '5 <... vfork resumed>) = 51 <0.1>',
          '1 <... clone3 resumed>) = 11 <0.1>',
        ]),
      ).toEqual(['runtime']);
    });

    it('takes a pid that is used again for a new thread', () => {
      expect(
        partOf([
          '1 getpid() = 1 <0.1>',
          '1 +++ exited with 0 +++',
          '5 clone3(0x1) = 1 <0.1>',
          '1 bpf(BPF_X, 0x1) = 3 <0.1>',
        ]),
      ).toEqual(['runtime']);
    });
  });

  it('ignores an exec that fails, and another program with a similar path', () => {
    expect(
      totals(
        countsOf(
          [
            '1 execve("/payload", [...], 0x1) = -1 ENOENT (No such file or directory) <0.1>',
            '1 execve("/payload2", [...], 0x1) = 0 <0.1>',
            '1 write(1) = 1 <0.1>',
          ],
          '/payload',
        ),
      ),
    ).toEqual({ runtime: 3 });
  });

  it('separates calls that load a filter by their operation', () => {
    const [runtime] = countsOf(
      [
        '1 seccomp(SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, NULL) = -1 EFAULT (Bad address) <0.1>',
        '1 seccomp(SECCOMP_SET_MODE_FILTER, 0, {len=4, filter=0x1}) = 0 <0.1>',
        '1 prctl(PR_SET_NAME, "") = 0 <0.1>',
        '1 prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, {len=4}) = 0 <0.1>',
      ],
      '/payload',
    );
    expect(runtime!.operations.map(({ name, calls, errors }) => [name, calls, errors])).toEqual([
      ['prctl(PR_SET_SECCOMP)', 1, 0],
      ['seccomp(SECCOMP_SET_MODE_FILTER)', 2, 1],
    ]);
    expect(runtime!.calls.map(({ name, calls }) => [name, calls])).toEqual([
      ['prctl', 2],
      ['seccomp', 2],
    ]);
  });

  it('counts calls that never return, and none from before it watched; an unknown pid has no part', () => {
    const parts = countsOf(
      [
        '1 exit_group(0) = ?',
        '1 +++ exited with 0 +++',
        '2 restart_syscall(<... resuming interrupted futex ...> <detached ...>',
        '3 <... futex resumed>) = 0 <0.1>',
        '4 getpid() = 4 <0.1>',
        'strace: Process 9 attached',
        '',
      ],
      '/payload',
    );
    expect(totals(parts)).toEqual({ runtime: 1, all: 1 });
  });

  it('counts a call that a signal restarts as an error, as strace -c does', () => {
    expect(
      countsOf(
        [
          '1 futex(0x1 <unfinished ...>',
          '1 <... futex resumed>) = ? ERESTARTSYS (To be restarted if SA_RESTART is set) <0.5>',
        ],
        '/payload',
      )[0]!.calls,
    ).toEqual([{ name: 'futex', calls: 1, errors: 1, seconds: 0.5 }]);
  });
});
