import { machine } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BenchError } from '../../errors.js';
import { packageRoot } from '../../package.js';
import { AUDIT_ARCH } from '../inspect/architectures.js';
import { libseccomp } from '../build/libseccomp.js';
import { Simulator } from '../simulate/simulate.js';

const RET_ALLOW = 0x7fff0000;
/** The thread normally ends within a millisecond. */
const LIMIT_MS = 5000;

/** What a Node.js thread calls after it has loaded a filter, until it ends. */
const NEEDED = [
  'futex',
  'munmap',
  'mmap',
  'mprotect',
  'madvise',
  'brk',
  'read',
  'write',
  'close',
  'exit',
  'epoll_wait',
  'epoll_pwait',
  'epoll_ctl',
  'eventfd2',
  'rt_sigprocmask',
  'rt_sigaction',
  'sched_yield',
  'getpid',
  'gettid',
  'tgkill',
  'clock_gettime',
  'sigaltstack',
  'prctl',
  'fcntl',
];

/**
 * Nanoseconds that the kernel takes to load a filter, measured on a separate thread, which ends afterwards. Rejects
 * with `environment` where the filter forbids what such a thread calls: it could end this process.
 */
export async function loadTime(filter: Buffer): Promise<number> {
  const forbidden = forbiddenCall(filter);
  if (forbidden !== undefined)
    throw new BenchError('environment', `the filter forbids ${forbidden}, so it cannot be loaded in this process`);
  const worker = new Worker(workerFile(), { workerData: filter });
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      void worker.terminate();
      reject(failure(`no answer within ${LIMIT_MS / 1000} s`));
    }, LIMIT_MS);
    worker.once('message', ({ ns, errno }: LoadMessage) => {
      clearTimeout(limit);
      if (errno === null) resolve(ns);
      else reject(failure(errno));
    });
    worker.once('error', (error) => {
      clearTimeout(limit);
      reject(error);
    });
  });
}

/** A thread runs a built file, whether this module runs from dist/, from a bundle or from its source. */
const workerFile = (): string => join(packageRoot(), 'dist/filter/load/load-worker.js');

/** What the thread reports. */
export interface LoadMessage {
  readonly ns: number;
  /** Name of the errno where the kernel refused the filter. */
  readonly errno: string | null;
}

const failure = (reason: string): BenchError =>
  new BenchError('environment', `the kernel could not load the filter on a thread: ${reason}`);

function forbiddenCall(bytes: Buffer): string | undefined {
  const arch = machine() === 'aarch64' ? AUDIT_ARCH.AARCH64 : AUDIT_ARCH.X86_64;
  const filter = new Simulator(bytes);
  return NEEDED.find((name) => {
    const nr = libseccomp().resolveSyscall(name);
    // Negative: this architecture has no such call.
    return nr >= 0 && (filter.execute({ arch, nr }).value & 0xffff0000) !== RET_ALLOW;
  });
}
