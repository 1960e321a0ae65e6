import { BenchError } from '../errors.js';
import type { Exit, ResourceUsage } from '../model/container/container.js';
import { nanoseconds } from '../model/time.js';
import { callFailed, libc } from './libc.js';
import { killGroup } from './processes.js';
import { ownStandstill } from './pauses/standstill.js';
import type { Standstill } from './pauses/standstill.js';

const NS_PER_MS = 1e6;
const EPOLL_CLOEXEC = 0o2000000;
const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLLIN = 1;
const MOST_EVENTS = 64;
/** struct epoll_event is packed on x86_64 only. */
const EVENT = process.arch === 'x64' ? { size: 12, data: 4 } : { size: 16, data: 8 };

/** struct rusage: two timevals and fourteen longs. */
const USAGE_BYTES = 144;
const LONG = 8;
const FIELD = {
  userSeconds: 0,
  userMicros: 1,
  systemSeconds: 2,
  systemMicros: 3,
  maxRss: 4,
  minorFaults: 8,
  majorFaults: 9,
  voluntary: 16,
  involuntary: 17,
} as const;

/** Waits for chosen children only: waiting for any child would reap those of libuv. */
export class ChildWaiter implements Disposable {
  readonly #epoll: number;
  readonly #events = Buffer.alloc(EVENT.size * MOST_EVENTS);
  readonly #pidfds = new Map<number, number>();
  readonly #standstill: Standstill;
  /** By how much the last wait was too long, because this process stood still. */
  stillNs = 0;

  constructor(standstill: Standstill = ownStandstill) {
    this.#standstill = standstill;
    this.#epoll = libc().epollCreate(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw callFailed('epoll_create1');
  }

  /**
   * Watches a child, even one that has already ended. Throws `environment` for a child that cannot be watched, after
   * killing it.
   */
  add(pid: number): void {
    const pidfd = libc().pidfdOpen(pid);
    if (pidfd >= 0 && libc().epollControl(this.#epoll, EPOLL_CTL_ADD, pidfd, readable(pid)) === 0) {
      this.#pidfds.set(pid, pidfd);
      return;
    }
    const errno = libc().lastError();
    if (pidfd >= 0) libc().close(pidfd);
    killGroup(pid);
    libc().wait4(pid, new Int32Array(1), 0, Buffer.alloc(USAGE_BYTES));
    throw callFailed(
      'pidfd_open',
      { hint: 'bench requires Linux 5.3 or newer, and enough open files (ulimit -n).' },
      errno,
    );
  }

  /**
   * Blocks until a watched child has ended, a signal arrives or `timeoutMs` have passed. Gives the pids to reap,
   * possibly none.
   */
  wait(timeoutMs: number): readonly number[] {
    const from = performance.now();
    const count = libc().epollWait(this.#epoll, this.#events, MOST_EVENTS, timeoutMs);
    this.stillNs = this.#standstill.waited(timeoutMs * NS_PER_MS, (performance.now() - from) * NS_PER_MS);
    return Array.from({ length: Math.max(0, count) }, (_, i) => this.#events.readUInt32LE(i * EVENT.size + EVENT.data));
  }

  /** Reaps an ended child. */
  reap(pid: number): { readonly exit: Exit; readonly usage: Buffer } {
    const status = new Int32Array(1);
    const usage = Buffer.alloc(USAGE_BYTES);
    const reaped = libc().wait4(pid, status, 0, usage);
    const errno = reaped === pid ? undefined : libc().lastError();
    this.#forget(pid);
    // An untouched status would read as a clean exit.
    if (errno !== undefined)
      throw new BenchError('runFailed', `wait4 could not reap child ${pid}: ${errno}`, {
        hint: 'Does other code in this process wait for children it did not start?',
      });
    return { exit: decodeStatus(status[0] ?? 0), usage };
  }

  #forget(pid: number): void {
    const pidfd = this.#pidfds.get(pid);
    if (pidfd === undefined) return;
    // Closing is not enough: a child that has just started still holds a copy for a moment, and until it closes that
    // copy the ended child would be reported again.
    libc().epollControl(this.#epoll, EPOLL_CTL_DEL, pidfd, readable(pid));
    libc().close(pidfd);
    this.#pidfds.delete(pid);
  }

  /** Kills and reaps every child it watches. */
  killAll(): void {
    for (const pid of [...this.#pidfds.keys()]) {
      killGroup(pid);
      this.reap(pid);
    }
  }

  [Symbol.dispose](): void {
    for (const pidfd of this.#pidfds.values()) libc().close(pidfd);
    libc().close(this.#epoll);
  }
}

/** struct epoll_event: wake when the pidfd is readable, which it is once its process has ended. */
function readable(pid: number): Buffer {
  const event = Buffer.alloc(EVENT.size);
  event.writeUInt32LE(EPOLLIN, 0);
  event.writeUInt32LE(pid, EVENT.data);
  return event;
}

function decodeStatus(status: number): Exit {
  const signal = status & 0x7f;
  return signal === 0 ? { kind: 'exited', code: (status >> 8) & 0xff } : { kind: 'signalled', signal };
}

/** Reads `struct rusage` as wait4 fills it: times in microseconds, maxrss in KiB. */
export function decodeUsage(usage: Buffer): ResourceUsage {
  const long = (field: number): number => Number(usage.readBigInt64LE(field * LONG));
  const time = (seconds: number, micros: number) => nanoseconds(long(seconds) * 1e9 + long(micros) * 1e3);
  return {
    user: time(FIELD.userSeconds, FIELD.userMicros),
    system: time(FIELD.systemSeconds, FIELD.systemMicros),
    maxRssKiB: long(FIELD.maxRss),
    minorFaults: long(FIELD.minorFaults),
    majorFaults: long(FIELD.majorFaults),
    voluntarySwitches: long(FIELD.voluntary),
    involuntarySwitches: long(FIELD.involuntary),
  };
}

/** The usage of a child that never ran. */
export const NO_USAGE: ResourceUsage = decodeUsage(Buffer.alloc(USAGE_BYTES));
