import type { ContainerRun, Exit, LaunchCommand } from '../model/container.js';
import { nanoseconds } from '../model/time.js';
import type { Nanoseconds } from '../model/time.js';
import type { MemoryFile } from './memfd.js';
import { NO_USAGE } from './waiter.js';

/** How long the thread blocks at most before signals and timers get their turn. Longer than most containers live, so that nothing interrupts their measurement. */
const SLICE_MS = 250;
/** From stopping a container to killing the runtime that started it. */
const GRACE_MS = 2000;
const NS_PER_MS = 1e6;

export interface LaunchRequest {
  readonly commands: readonly LaunchCommand[];
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Ends what command `index` started, by the engine's own means; the child is expected to end soon after. */
  readonly stop: (index: number) => Promise<void>;
}

/** Descriptors for one child at a time. */
export interface Slot {
  readonly stdout: MemoryFile;
  readonly stderr: MemoryFile;
}

export interface Flight {
  readonly index: number;
  readonly pid: number;
  readonly slot: Slot;
  readonly startedAt: Nanoseconds;
  /** Set when it was told to stop; the reason then replaces its own exit. */
  stopped?: Exit;
}

/** One call's state: what runs, what ended, what is still to come. */
export class Batch {
  readonly flights = new Map<number, Flight>();
  readonly #request: LaunchRequest;
  readonly #runs: (ContainerRun | undefined)[];
  #lastPause: Nanoseconds;
  started = 0;
  lastEnd = 0;

  constructor(request: LaunchRequest, now: Nanoseconds) {
    this.#lastPause = now;
    this.#request = request;
    this.#runs = request.commands.map(() => undefined);
  }

  hasRoom(): boolean {
    const { commands, concurrency, signal } = this.#request;
    return this.started < commands.length && this.flights.size < concurrency && !signal.aborted;
  }

  next(): LaunchCommand {
    const command = this.#request.commands[this.started++];
    if (command === undefined) throw new RangeError('no command left to start');
    return command;
  }

  end(index: number, run: ContainerRun, end: Nanoseconds): void {
    this.#runs[index] = run;
    this.lastEnd = Math.max(this.lastEnd, end);
  }

  /** Until the next deadline, at most a slice. */
  sliceMs(now: Nanoseconds): number {
    let ms = SLICE_MS;
    for (const flight of this.flights.values()) ms = Math.min(ms, this.#request.timeoutMs - (now - flight.startedAt) / NS_PER_MS);
    return Math.max(1, Math.ceil(ms));
  }

  /** About every slice: lets signals in, then stops what is overdue or no longer wanted. Free for what ends sooner. */
  async stopOverdue(now: Nanoseconds): Promise<void> {
    if (now - this.#lastPause < SLICE_MS * NS_PER_MS && !this.#overdue(now)) return;
    this.#lastPause = now;
    await new Promise(setImmediate);
    const { timeoutMs, signal, stop } = this.#request;
    for (const flight of this.flights.values()) {
      const late = now - flight.startedAt >= timeoutMs * NS_PER_MS;
      if (flight.stopped !== undefined || (!late && !signal.aborted)) continue;
      flight.stopped = late ? { kind: 'timedOut', afterMs: timeoutMs } : { kind: 'interrupted' };
      await stop(flight.index);
      // The runtime gets a moment to see its container end and to clean up after it.
      setTimeout(() => { if (this.flights.has(flight.pid)) killGroup(flight.pid); }, GRACE_MS);
    }
  }

  #overdue(now: Nanoseconds): boolean {
    for (const flight of this.flights.values()) if (now - flight.startedAt >= this.#request.timeoutMs * NS_PER_MS) return true;
    return false;
  }

  /** Every command's run; those that were never started are interrupted. */
  finish(now: Nanoseconds): readonly ContainerRun[] {
    return this.#runs.map((run) => run ?? { exit: { kind: 'interrupted' }, startedAt: now, wall: nanoseconds(0), usage: NO_USAGE, stdout: '', stderr: '' });
  }
}

/** Kills what is left of a child of ours and of its process group. */
function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended by the engine's own means, as it should.
  }
}
