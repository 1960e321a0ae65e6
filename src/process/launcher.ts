import { closeSync, openSync } from 'node:fs';
import type { BatchRun, LaunchCommand } from '../model/container/container.js';
import { nanoseconds } from '../model/time.js';
import type { Clock, Nanoseconds } from '../model/time.js';
import { keepOn } from './affinity.js';
import { Barrier, waitUntilAsleep } from './barrier.js';
import { Batch, notRun } from './batch.js';
import type { LaunchRequest, Slot } from './batch.js';
import { countersNow, instructionsSince, type Counters } from './instructions.js';
import { MemoryFile } from './files/memfd.js';
import { wordsOfStart } from './program/start-failure.js';
import { spawnChild, StdioActions } from './spawn.js';
import { ChildWaiter, decodeUsage } from './waiter.js';

/** The result of posix_spawn: a pid, or the name of the errno. */
interface Spawned {
  readonly index: number;
  readonly file: string;
  readonly pid: number | string;
  readonly slot: Slot;
  /** The core that it is kept on; absent: any. */
  readonly core?: number;
  /** Counters before it started; absent: they would tell of others, too. */
  readonly counters?: Counters | null;
}

/** The timed path: starts children with posix_spawn, at most `concurrency` at once, and waits with wait4. */
export class Launcher implements Disposable {
  readonly #clock: Clock;
  readonly #gate: string;
  readonly #stdin = openSync('/dev/null', 'r');
  readonly #waiter = new ChildWaiter();
  readonly #slots: Slot[] = [];
  readonly #idle: Slot[] = [];

  constructor(clock: Clock, gate: string) {
    this.#clock = clock;
    this.#gate = gate;
  }

  /**
   * Runs every command once. The first `concurrency` of several pass a barrier together. Rejects only where this
   * process cannot go on.
   */
  async run(request: LaunchRequest): Promise<BatchRun> {
    const batch = new Batch(request, this.#clock);
    try {
      const startedAt = batch.first > 1 ? this.#startTogether(batch) : this.#clock();
      for (;;) {
        while (batch.hasRoom()) this.#start(batch);
        if (batch.flights.size === 0) break;
        const ended = this.#waiter.wait(batch.sliceMs());
        batch.stoodStill(this.#waiter.stillNs);
        this.#reap(batch, ended);
        await batch.stopOverdue();
      }
      await batch.settled();
      return { startedAt, makespan: batch.makespan(startedAt), containers: batch.finish() };
    } catch (error) {
      this.#waiter.killAll();
      throw error;
    }
  }

  #startTogether(batch: Batch): Nanoseconds {
    using barrier = new Barrier(this.#gate);
    const waiting = this.#spawnAll(batch, barrier);
    for (const { pid, core } of waiting) if (core !== undefined && typeof pid === 'number') waitUntilAsleep(pid);
    barrier.release();
    const startedAt = this.#clock();
    for (const spawned of waiting) this.#track(batch, spawned, startedAt);
    return startedAt;
  }

  /** All or none: those that already wait must not run where others cannot start. */
  #spawnAll(batch: Batch, barrier: Barrier): readonly Spawned[] {
    try {
      return Array.from({ length: batch.first }, () => {
        const { command, index } = batch.next();
        const spawned = this.#spawn(barrier.hold(command), barrier.fd);
        const { core } = command;
        // While it waits: what it becomes, and all that starts, inherit the core.
        if (core !== undefined && typeof spawned.pid === 'number') keepOn(spawned.pid, core);
        return { index, file: this.#gate, ...spawned, ...(core === undefined ? {} : { core }) };
      });
    } catch (error) {
      this.#waiter.killAll();
      throw error;
    }
  }

  #start(batch: Batch): void {
    const { command, index } = batch.next();
    // Read before the start and after its end: neither is in its time.
    const counters = batch.isOneByOne ? countersNow() : null;
    const startedAt = this.#clock();
    this.#track(batch, { index, file: command.file, counters, ...this.#spawn(command) }, startedAt);
  }

  #spawn(command: LaunchCommand, barrier?: number): Omit<Spawned, 'index' | 'file' | 'core' | 'counters'> {
    const slot = this.#idle.pop() ?? this.#newSlot();
    using actions = new StdioActions({
      stdin: this.#stdin,
      stdout: slot.stdout.fd,
      stderr: slot.stderr.fd,
      ...(barrier === undefined ? {} : { barrier }),
    });
    const pid = spawnChild(command, actions);
    if (typeof pid === 'number') this.#waiter.add(pid);
    return { pid, slot };
  }

  #newSlot(): Slot {
    const slot = { stdout: new MemoryFile('stdout'), stderr: new MemoryFile('stderr') };
    this.#slots.push(slot);
    return slot;
  }

  #track(batch: Batch, { index, file, pid, slot, counters = null }: Spawned, startedAt: Nanoseconds): void {
    if (typeof pid === 'number') {
      batch.track({ index, pid, slot, counters }, startedAt);
      return;
    }
    this.#idle.push(slot);
    const stderr = wordsOfStart(file, pid);
    batch.end(index, { ...notRun({ kind: 'notStarted', errno: pid }, startedAt), stderr }, this.#clock());
  }

  #reap(batch: Batch, pids: readonly number[]): void {
    for (const pid of pids) {
      const { exit, usage } = this.#waiter.reap(pid);
      const end = this.#clock();
      const flight = batch.flights.get(pid);
      if (flight === undefined) continue;
      batch.flights.delete(pid);
      batch.end(
        flight.index,
        {
          exit: flight.stopped ?? exit,
          startedAt: flight.startedAt,
          wall: nanoseconds(end - flight.startedAt),
          usage: decodeUsage(usage),
          ...(flight.counters === null ? {} : { instructions: instructionsSince(flight.counters) }),
          ...flight.held.until(end),
          stdout: flight.slot.stdout.take(),
          stderr: flight.slot.stderr.take(),
        },
        end,
      );
      this.#idle.push(flight.slot);
    }
  }

  [Symbol.dispose](): void {
    for (const slot of this.#slots) {
      slot.stdout[Symbol.dispose]();
      slot.stderr[Symbol.dispose]();
    }
    this.#waiter[Symbol.dispose]();
    closeSync(this.#stdin);
  }
}
