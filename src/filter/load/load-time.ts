import { machine } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { BenchError } from '../../errors.js';
import { packageRoot } from '../../package.js';
import { AUDIT_ARCH } from '../inspect/architectures.js';
import { libseccomp } from '../build/libseccomp.js';
import { Simulator } from '../simulate/simulate.js';

const RET_ALLOW = 0x7fff0000;
/** How long a thread may take that should end at once. */
const LIMIT_MS = 5000;

/** What a Node.js thread calls between loading a filter and its end. */
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
 * Nanoseconds the kernel takes to load a program, measured on a thread of its own, which ends with it. Rejects with
 * `environment` where the program forbids
 * what such a thread needs: it could take this process with it.
 */
export async function loadTime(program: Buffer): Promise<number> {
  const forbidden = forbiddenCall(program);
  if (forbidden !== undefined)
    throw new BenchError(
      'environment',
      `Expected a filter that allows ${forbidden}, got one that does not: it cannot be loaded in this process`,
    );
  const worker = new Worker(workerFile(), { workerData: program });
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      void worker.terminate();
      reject(failure(`nothing within ${LIMIT_MS / 1000} s`));
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
  /** The name of the errno for which the kernel refused. */
  readonly errno: string | null;
}

const failure = (got: string): BenchError =>
  new BenchError('environment', `Expected the kernel to load the filter on a thread, got ${got}`);

function forbiddenCall(program: Buffer): string | undefined {
  const arch = machine() === 'aarch64' ? AUDIT_ARCH.AARCH64 : AUDIT_ARCH.X86_64;
  const filter = new Simulator(program);
  return NEEDED.find((name) => {
    const nr = libseccomp().resolveSyscall(name);
    // Negative: this architecture has no such call.
    return nr >= 0 && (filter.execute({ arch, nr }).value & 0xffff0000) !== RET_ALLOW;
  });
}
