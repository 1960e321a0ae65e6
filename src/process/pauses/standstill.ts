import { closeSync, openSync, readSync } from 'node:fs';

const NS_PER_MS = 1e6;
/** Waits end a little late anywhere; more than this, where the kernel does not account for it, is a standstill. */
const LATE_NS = 100 * NS_PER_MS;
/** The same where the kernel does not tell how long this process waited for a processor (CONFIG_SCHED_INFO). */
const LATE_UNEXPLAINED_NS = 1000 * NS_PER_MS;

/** What the main thread did with its time, as the kernel counts it; in nanoseconds since its start. */
export interface ThreadTime {
  readonly runningNs: number;
  /** Ready to run, without a processor. */
  readonly queuedNs: number;
}

/** `null`: the kernel does not tell. */
export type ThreadClock = () => ThreadTime | null;

/**
 * Knows when this process stood still: stopped by a signal, frozen with its cgroup, or together with its machine. A
 * wait with a limit that took much longer shows it, after what the thread waited for a processor is taken off: a busy
 * machine is no standstill. Begins with the first `mark`.
 */
export class Standstill {
  readonly #threadClock: ThreadClock;
  #atMark: ThreadTime | null = null;
  #marked = false;
  #stillNs = 0;
  #blockedNs = 0;

  constructor(threadClock: ThreadClock) {
    this.#threadClock = threadClock;
  }

  /** What the thread spent in waits of its own until now. */
  get blockedNs(): number {
    return this.#blockedNs;
  }

  /** How long it stood still since the last mark. */
  get stillNs(): number {
    return this.#stillNs;
  }

  /** Forgets what was before. */
  mark(): void {
    this.#stillNs = 0;
    this.#marked = true;
    this.#atMark = this.#threadClock();
  }

  /** Notes a wait that blocked the thread; gives for how long, at most, it stood still meanwhile. */
  waited(askedNs: number, tookNs: number): number {
    this.#blockedNs += tookNs;
    return this.late(askedNs, tookNs);
  }

  /** Notes what took longer than it should have, by so much that this thread's own work does not explain. */
  late(askedNs: number, tookNs: number): number {
    const lateNs = tookNs - askedNs;
    if (!this.#marked || lateNs < LATE_NS) return 0;
    const now = this.#threadClock();
    if (now === null || this.#atMark === null) return lateNs < LATE_UNEXPLAINED_NS ? 0 : this.#add(tookNs);
    const queuedNs = now.queuedNs - this.#atMark.queuedNs;
    return lateNs - queuedNs < LATE_NS ? 0 : this.#add(tookNs - queuedNs);
  }

  #add(stillNs: number): number {
    const whole = Math.round(stillNs);
    this.#stillNs += whole;
    return whole;
  }
}

/** `running queued slices` of the main thread; opened once, because it is read between containers. */
function threadClock(): ThreadClock {
  const text = Buffer.alloc(128);
  let file: number | null | undefined;
  return () => {
    try {
      file ??= openSync('/proc/self/schedstat', 'r');
      const [running = Number.NaN, queued = Number.NaN] = text
        .toString('latin1', 0, readSync(file, text, 0, text.length, 0))
        .split(' ')
        .map(Number);
      return Number.isFinite(running) && Number.isFinite(queued) ? { runningNs: running, queuedNs: queued } : null;
    } catch {
      if (typeof file === 'number') closeSync(file);
      file = undefined;
      return null;
    }
  };
}

/** The main thread's time, from the kernel. */
export const ownThreadClock: ThreadClock = threadClock();

/** Of this process: there is only one. */
export const ownStandstill = new Standstill(ownThreadClock);
