import type { Counters } from './instructions.js';
import type { ContainerRun, Exit, LaunchCommand } from '../model/container/container.js';
import { nanoseconds } from '../model/time.js';
import type { Clock, Nanoseconds } from '../model/time.js';
import type { MemoryFile } from './files/memfd.js';
import { Held } from './pauses/held.js';
import { killGroup } from './processes.js';
import { NO_USAGE } from './waiter.js';

/**
 * The longest the thread blocks before signals and timers get a turn. Longer than most containers live, so that
 * nothing disturbs their measurement.
 */
const SLICE_MS = 250;
/** The same while a container is being stopped, which needs turns of the event loop. */
const STOPPING_SLICE_MS = 5;
/** From stopping a container to killing the runtime that started it. */
const GRACE_MS = 2000;
/** After which a stop that has not returned is no longer waited for. */
const STOP_LIMIT_MS = 30_000;
/** Of containers in one slice, whether somebody stopped them. */
const MOST_LOOKS = 16;
const NS_PER_MS = 1e6;

export interface LaunchRequest {
  readonly commands: readonly LaunchCommand[];
  readonly concurrency: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Ends what command `index` started, through the engine. The child is killed if it does not end soon after. */
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
  /** Counters before it started; `null` where nothing is counted. */
  readonly counters: Counters | null;
  /** Set when it was asked to stop; this replaces its own exit. */
  stopped?: Exit;
  /** When it has to be stopped, or killed, unless it ends before. */
  dueAt: number;
  /** Whether it was seen stopped by somebody else. */
  readonly held: Held;
}

/** The state of one call: what runs, what has ended, what has not started. */
export class Batch {
  readonly flights = new Map<number, Flight>();
  readonly #request: LaunchRequest;
  readonly #clock: Clock;
  readonly #runs: (ContainerRun | undefined)[];
  /** Stops that have not returned yet. */
  readonly #stopping = new Set<Promise<void>>();
  #lastPause: Nanoseconds;
  #lastEnd: Nanoseconds;
  #started = 0;

  constructor(request: LaunchRequest, clock: Clock) {
    this.#request = request;
    this.#clock = clock;
    this.#lastPause = clock();
    this.#lastEnd = this.#lastPause;
    this.#runs = request.commands.map(() => undefined);
  }

  hasRoom(): boolean {
    const { commands, concurrency, signal } = this.#request;
    return this.#started < commands.length && this.flights.size < concurrency && !signal.aborted;
  }

  /** Whether one container runs at a time, so that counters tell what it did. */
  get isOneByOne(): boolean {
    return this.#request.concurrency === 1;
  }

  /** How many start together: as many as may be in flight. */
  get first(): number {
    const { commands, concurrency, signal } = this.#request;
    return signal.aborted ? 0 : Math.min(concurrency, commands.length);
  }

  next(): { readonly command: LaunchCommand; readonly index: number } {
    const index = this.#started++;
    const command = this.#request.commands[index];
    if (command === undefined) throw new RangeError('no command left to start');
    return { command, index };
  }

  track(
    { index, pid, slot, counters }: Pick<Flight, 'index' | 'pid' | 'slot' | 'counters'>,
    startedAt: Nanoseconds,
  ): void {
    const dueAt = startedAt + this.#request.timeoutMs * NS_PER_MS;
    this.flights.set(pid, { index, pid, slot, counters, startedAt, dueAt, held: new Held(pid, startedAt) });
  }

  end(index: number, run: ContainerRun, end: Nanoseconds): void {
    this.#runs[index] = run;
    this.#lastEnd = nanoseconds(Math.max(this.#lastEnd, end));
  }

  /** This process stood still: what it could not stop meanwhile is not overdue for that. */
  stoodStill(ns: number): void {
    if (ns > 0) for (const flight of this.flights.values()) flight.dueAt += ns;
  }

  /** Until something is due, at most a slice. */
  sliceMs(): number {
    const now = this.#clock();
    let ms = this.#stopping.size > 0 ? STOPPING_SLICE_MS : SLICE_MS;
    for (const { dueAt } of this.flights.values()) ms = Math.min(ms, (dueAt - now) / NS_PER_MS);
    return Math.max(1, Math.ceil(ms));
  }

  /**
   * About every slice: gives the event loop a turn, then begins to stop what is overdue or no longer wanted. Never
   * waits for a stop: the others would be reaped late, with the delay in their wall times.
   */
  async stopOverdue(): Promise<void> {
    const now = this.#clock();
    const isPauseDue = now - this.#lastPause >= SLICE_MS * NS_PER_MS || this.#stopping.size > 0 || this.#isAnyDue(now);
    if (!isPauseDue) return;
    this.#lastPause = now;
    await new Promise(setImmediate);
    for (const flight of this.flights.values()) this.#attend(flight, flight.dueAt <= now);
    if (this.#stopping.size === 0) this.#lookWhoIsHeld(now);
  }

  /** Looks at a few that have run for long: with many in flight each look would cost all of them time. */
  #lookWhoIsHeld(now: Nanoseconds): void {
    let looks = 0;
    for (const { held, startedAt } of this.flights.values()) {
      if (now - startedAt < SLICE_MS * NS_PER_MS) continue;
      if (++looks > MOST_LOOKS) return;
      held.look(now);
    }
  }

  #isAnyDue(now: Nanoseconds): boolean {
    for (const { dueAt } of this.flights.values()) if (dueAt <= now) return true;
    return false;
  }

  #attend(flight: Flight, due: boolean): void {
    const { timeoutMs, signal } = this.#request;
    if (flight.stopped !== undefined) {
      if (due) killGroup(flight.pid);
      if (due) flight.dueAt = Infinity;
      return;
    }
    if (!due && !signal.aborted) return;
    flight.stopped = due ? { kind: 'timedOut', afterMs: timeoutMs } : { kind: 'interrupted' };
    flight.dueAt = this.#clock() + STOP_LIMIT_MS * NS_PER_MS;
    const stopping = this.#stop(flight).finally(() => this.#stopping.delete(stopping));
    this.#stopping.add(stopping);
  }

  async #stop(flight: Flight): Promise<void> {
    // What the engine cannot end is killed with its process group.
    await this.#request.stop(flight.index).catch(() => undefined);
    // The runtime gets time to notice that its container has ended and to clean up.
    flight.dueAt = Math.min(flight.dueAt, this.#clock() + GRACE_MS * NS_PER_MS);
  }

  /** Resolves once every stop has returned, so that none of them overlaps the next batch. */
  async settled(): Promise<void> {
    await Promise.all(this.#stopping);
  }

  /** The run of every command; those that never started are `interrupted`. */
  finish(): readonly ContainerRun[] {
    const startedAt = this.#clock();
    return this.#runs.map((run) => run ?? notRun({ kind: 'interrupted' }, startedAt));
  }

  /** From `startedAt` to the end of the last. */
  makespan(startedAt: Nanoseconds): Nanoseconds {
    return nanoseconds(Math.max(0, this.#lastEnd - startedAt));
  }
}

/** The run of a command that never became a process. */
export function notRun(exit: Exit, startedAt: Nanoseconds): ContainerRun {
  return { exit, startedAt, wall: nanoseconds(0), usage: NO_USAGE, stdout: '', stderr: '' };
}
