import { createRequire } from 'node:module';
import { constants } from 'node:os';
import type koffiModule from 'koffi';
import { BenchError, type BenchErrorOptions } from '../errors.js';

const require = createRequire(import.meta.url);

/**
 * The calls of the timed path, synchronous and directly into libc. Those that give a number give -1 on failure,
 * posix_spawn an errno.
 */
export interface Libc {
  readonly posixSpawn: (
    pid: Int32Array,
    path: string,
    actions: Buffer,
    attributes: Buffer,
    args: (string | null)[],
    environment: (string | null)[],
  ) => number;
  readonly actionsInit: (actions: Buffer) => number;
  readonly actionsAddDup2: (actions: Buffer, from: number, to: number) => number;
  readonly actionsDestroy: (actions: Buffer) => number;
  readonly attributesInit: (attributes: Buffer) => number;
  readonly attributesSetFlags: (attributes: Buffer, flags: number) => number;
  readonly attributesSetSigDefault: (attributes: Buffer, set: Buffer) => number;
  readonly attributesSetSigMask: (attributes: Buffer, set: Buffer) => number;
  readonly attributesSetPgroup: (attributes: Buffer, group: number) => number;
  readonly wait4: (pid: number, status: Int32Array, options: number, usage: Buffer) => number;
  readonly pidfdOpen: (pid: number) => number;
  readonly epollCreate: (flags: number) => number;
  readonly epollControl: (epoll: number, operation: number, fd: number, event: Buffer) => number;
  readonly epollWait: (epoll: number, events: Buffer, most: number, timeoutMs: number) => number;
  readonly memfdCreate: (name: string, flags: number) => number;
  readonly fcntl: (fd: number, command: number, argument: number) => number;
  readonly pipe2: (ends: Int32Array, flags: number) => number;
  readonly close: (fd: number) => number;
  readonly flock: (fd: number, operation: number) => number;
  readonly schedSetAffinity: (pid: number, size: number, mask: Buffer) => number;
  readonly schedGetAffinity: (pid: number, size: number, mask: Buffer) => number;
  readonly prctl: (option: number, first: number, second: number, third: number, fourth: number) => number;
  readonly unshare: (flags: number) => number;
  readonly setns: (fd: number, type: number) => number;
  readonly socket: (family: number, type: number, protocol: number) => number;
  readonly ioctl: (fd: number, request: number, argument: Buffer) => number;
  readonly chdir: (folder: string) => number;
  readonly mount: (source: string | null, target: string, type: string | null, flags: number, data: null) => number;
  readonly unmount: (target: string, flags: number) => number;
  /** syslog(2), as glibc names it. */
  readonly klogctl: (action: number, buffer: Buffer, size: number) => number;
  readonly setsockopt: (socket: number, level: number, name: number, value: Buffer, size: number) => number;
  readonly send: (socket: number, message: Buffer, size: number, flags: number) => number;
  readonly recv: (socket: number, message: Buffer, size: number, flags: number) => number;
  /** Of this thread and what it starts, on any processor; close-on-exec. */
  readonly perfEventOpen: (attributes: Buffer, group: number) => number;
  readonly read: (fd: number, bytes: Buffer, size: number) => number;
  readonly clockGettime: (clock: number, time: Buffer) => number;
  /** The last call's errno, by name. */
  readonly lastError: () => string;
}

/** pidfd_open has this number on every architecture. */
const SYS_PIDFD_OPEN = 434;
const SYS_PERF_EVENT_OPEN = process.arch === 'arm64' ? 241 : 298;
const PERF_FLAG_FD_CLOEXEC = 8;

let loaded: Libc | undefined;

/** libc of this process, loaded on first use. Throws `environment` where koffi or glibc is missing. */
export function libc(): Libc {
  loaded ??= bind();
  return loaded;
}

function bind(): Libc {
  const koffi = loadKoffi();
  const library = koffi.load('libc.so.6');
  const syscall = library.func('long syscall(long number, long first, long second)') as unknown as (
    number: number,
    first: number,
    second: number,
  ) => number;
  const perfEventOpen = library.func(
    'long syscall(long number, void *attributes, long pid, long cpu, long group, long flags)',
  ) as unknown as (
    number: number,
    attributes: Buffer,
    pid: number,
    cpu: number,
    group: number,
    flags: number,
  ) => number;
  return {
    perfEventOpen: (attributes, group) =>
      perfEventOpen(SYS_PERF_EVENT_OPEN, attributes, 0, -1, group, PERF_FLAG_FD_CLOEXEC),
    read: library.func('long read(int fd, void *bytes, size_t size)'),
    posixSpawn: library.func(
      'int posix_spawn(_Out_ int *pid, const char *path, void *actions, void *attributes, ' +
        'const char **args, const char **environment)',
    ),
    actionsInit: library.func('int posix_spawn_file_actions_init(void *actions)'),
    actionsAddDup2: library.func('int posix_spawn_file_actions_adddup2(void *actions, int from, int to)'),
    actionsDestroy: library.func('int posix_spawn_file_actions_destroy(void *actions)'),
    attributesInit: library.func('int posix_spawnattr_init(void *attributes)'),
    attributesSetFlags: library.func('int posix_spawnattr_setflags(void *attributes, short flags)'),
    attributesSetSigDefault: library.func('int posix_spawnattr_setsigdefault(void *attributes, void *set)'),
    attributesSetSigMask: library.func('int posix_spawnattr_setsigmask(void *attributes, void *set)'),
    attributesSetPgroup: library.func('int posix_spawnattr_setpgroup(void *attributes, int group)'),
    wait4: library.func('int wait4(int pid, _Out_ int *status, int options, void *usage)'),
    pidfdOpen: (pid) => syscall(SYS_PIDFD_OPEN, pid, 0),
    epollCreate: library.func('int epoll_create1(int flags)'),
    epollControl: library.func('int epoll_ctl(int epoll, int operation, int fd, void *event)'),
    epollWait: library.func('int epoll_wait(int epoll, void *events, int most, int timeoutMs)'),
    memfdCreate: library.func('int memfd_create(const char *name, unsigned int flags)'),
    fcntl: library.func('int fcntl(int fd, int command, int argument)'),
    pipe2: library.func('int pipe2(_Out_ int *ends, int flags)'),
    close: library.func('int close(int fd)'),
    flock: library.func('int flock(int fd, int operation)'),
    schedSetAffinity: library.func('int sched_setaffinity(int pid, size_t size, void *mask)'),
    schedGetAffinity: library.func('int sched_getaffinity(int pid, size_t size, void *mask)'),
    prctl: library.func(
      'int prctl(int option, unsigned long first, unsigned long second, unsigned long third, unsigned long fourth)',
    ),
    chdir: library.func('int chdir(const char *folder)'),
    mount: library.func(
      'int mount(const char *source, const char *target, const char *type, unsigned long flags, void *data)',
    ),
    unmount: library.func('int umount2(const char *target, int flags)'),
    klogctl: library.func('int klogctl(int action, void *buffer, int size)'),
    ...namespaceCalls(library),
    clockGettime: library.func('int clock_gettime(int clock, void *time)'),
    lastError: () => errnoName(koffi.errno()),
  };
}

/** The calls of namespaces and sockets. */
const namespaceCalls = (
  library: ReturnType<typeof koffiModule.load>,
): Pick<Libc, 'unshare' | 'setns' | 'socket' | 'ioctl' | 'setsockopt' | 'send' | 'recv'> => ({
  unshare: library.func('int unshare(int flags)'),
  setns: library.func('int setns(int fd, int type)'),
  socket: library.func('int socket(int family, int type, int protocol)'),
  ioctl: library.func('int ioctl(int fd, unsigned long request, _Inout_ void *argument)'),
  setsockopt: library.func('int setsockopt(int socket, int level, int name, void *value, unsigned int size)'),
  send: library.func('long send(int socket, void *message, size_t size, int flags)'),
  recv: library.func('long recv(int socket, void *message, size_t size, int flags)'),
});

/** The binding to C libraries. Throws `environment` where it cannot be loaded. */
export function loadKoffi(): typeof koffiModule {
  try {
    return require('koffi') as typeof koffiModule;
  } catch (cause) {
    throw new BenchError('environment', 'koffi, which calls libc, could not be loaded', {
      hint: 'Run npm ci again on this machine; koffi supports Linux with glibc on x86_64 and arm64.',
      cause,
    });
  }
}

/** `pipe2 failed: EMFILE`: a call of libc that failed just now. */
export const callFailed = (call: string, options: BenchErrorOptions = {}, errno = libc().lastError()): BenchError =>
  new BenchError('environment', `${call} failed: ${errno}`, options);

/** ENOENT and so on; the number where it has no name. */
export function errnoName(errno: number): string {
  return Object.entries(constants.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
}
