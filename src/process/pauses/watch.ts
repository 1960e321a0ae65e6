import type { Clock } from '../../model/time.js';
import { nanoseconds } from '../../model/time.js';
import type { Nanoseconds } from '../../model/time.js';
import type { PauseWatch } from '../../model/run/pause.js';
import { libc } from '../libc.js';
import { ownStandstill, ownThreadClock } from './standstill.js';
import type { Standstill, ThreadClock, ThreadTime } from './standstill.js';

const NS_PER_MS = 1e6;
/** How often the event loop shows that it lives; with a daemon nothing else does while a container runs. */
const BEAT_MS = 250;
/** The two clocks are read one after the other; a suspension takes far longer. */
const SUSPENDED_NS = 10 * NS_PER_MS;
const CLOCK_MONOTONIC = 1;
const CLOCK_BOOTTIME = 7;

/** What a watch takes from its process and machine; tests put their own in place. */
export interface PauseSources {
  readonly standstill: Standstill;
  readonly threadClock: ThreadClock;
  /** For how long the machine was suspended since boot. */
  readonly suspended: () => number;
  /** Calls back whenever this process was continued after a stop; returns what ends that. */
  readonly onContinued: (listener: () => void) => () => void;
}

const ownSources: PauseSources = {
  standstill: ownStandstill,
  threadClock: ownThreadClock,
  suspended: suspendedNs,
  onContinued: (listener) => {
    process.on('SIGCONT', listener);
    return () => process.off('SIGCONT', listener);
  },
};

/**
 * Watches for what makes times meaningless without failing: this process stopped (SIGSTOP, Ctrl-Z) or frozen, the
 * machine suspended. Sources: SIGCONT; waits and timers that end much too late although the thread neither ran nor
 * waited for a processor; CLOCK_BOOTTIME, which goes on while a machine is suspended, against CLOCK_MONOTONIC, which
 * does not. A freeze shorter than a slice of waiting (250 ms) may go unseen.
 */
export function watchPauses(clock: Clock, sources: PauseSources = ownSources): PauseWatch {
  return new OwnPauseWatch(clock, sources);
}

class OwnPauseWatch implements PauseWatch {
  readonly #clock: Clock;
  readonly #sources: PauseSources;
  readonly #forget: () => void;
  readonly #timer: NodeJS.Timeout;
  #continued = false;
  #since: Nanoseconds;
  #suspendedNs: number;
  #beatAt: Nanoseconds;
  #blockedNs: number;
  #thread: ThreadTime | null;

  constructor(clock: Clock, sources: PauseSources) {
    this.#clock = clock;
    this.#sources = sources;
    this.#forget = sources.onContinued(() => {
      this.#continued = true;
    });
    this.#since = clock();
    this.#beatAt = this.#since;
    this.#suspendedNs = sources.suspended();
    this.#blockedNs = sources.standstill.blockedNs;
    this.#thread = sources.threadClock();
    sources.standstill.mark();
    this.#timer = setInterval(() => {
      this.#beat();
    }, BEAT_MS).unref();
  }

  async take(): Promise<Nanoseconds> {
    // A signal is seen when the event loop polls, which it may have done just before.
    await new Promise(setImmediate);
    await new Promise(setImmediate);
    this.#beat();
    const { standstill, suspended } = this.#sources;
    const now = this.#clock();
    const asleep = suspended();
    const suspendedNs = asleep - this.#suspendedNs;
    // Stopped for less than a slice of waiting: for how long is not known, only that it was not longer than this.
    const atMost = this.#continued ? now - this.#since : 0;
    const stoodNs = standstill.stillNs > 0 ? standstill.stillNs : atMost;
    this.#continued = false;
    this.#since = now;
    this.#suspendedNs = asleep;
    standstill.mark();
    return nanoseconds(Math.round(stoodNs) + (suspendedNs >= SUSPENDED_NS ? suspendedNs : 0));
  }

  /** Neither running, nor ready to run, nor waiting for a child: what is left of the time, the loop stood still. */
  #beat(): void {
    const { standstill, threadClock } = this.#sources;
    const now = this.#clock();
    const thread = threadClock();
    const blockedNs = standstill.blockedNs;
    if (thread !== null && this.#thread !== null) {
      const ownNs = thread.runningNs - this.#thread.runningNs + (blockedNs - this.#blockedNs);
      standstill.late(BEAT_MS * NS_PER_MS, now - this.#beatAt - ownNs);
    }
    this.#beatAt = now;
    this.#thread = thread;
    this.#blockedNs = blockedNs;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#forget();
  }
}

/** For how long the machine was suspended since boot: one clock goes on meanwhile, the other does not. */
function suspendedNs(): number {
  return read(CLOCK_BOOTTIME) - read(CLOCK_MONOTONIC);
}

/** struct timespec: two longs. */
const TIME = Buffer.alloc(16);

function read(clock: number): number {
  if (libc().clockGettime(clock, TIME) !== 0) return 0;
  return Number(TIME.readBigInt64LE(0)) * 1e9 + Number(TIME.readBigInt64LE(8));
}
