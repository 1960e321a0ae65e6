import { closeSync, openSync } from 'node:fs';
import type { BatchRun, LaunchCommand } from '../model/container.js';
import { nanoseconds } from '../model/time.js';
import type { Clock, Nanoseconds } from '../model/time.js';
import { Barrier } from './barrier.js';
import { Batch } from './batch.js';
import type { LaunchRequest, Slot } from './batch.js';
import { MemoryFile } from './memfd.js';
import { spawnChild, StdioActions } from './spawn.js';
import { ChildWaiter, decodeUsage, NO_USAGE } from './waiter.js';

/** The timed path: starts children with posix_spawn, at most `concurrency` at once, and waits with wait4. */
export class Launcher implements Disposable {
  readonly #clock: Clock;
  readonly #gate: string;
  readonly #stdin = openSync('/dev/null', 'r');
  readonly #waiter = new ChildWaiter();
  readonly #idle: Slot[] = [];

  constructor(clock: Clock, gate: string) {
    this.#clock = clock;
    this.#gate = gate;
  }

  /** Runs every command once. The first `concurrency` of several pass a barrier together; a single one needs none. */
  async run(request: LaunchRequest): Promise<BatchRun> {
    const batch = new Batch(request, this.#clock());
    const first = Math.min(request.concurrency, request.commands.length);
    const startedAt = first > 1 ? this.#startTogether(batch, first) : this.#clock();
    for (;;) {
      while (batch.hasRoom()) this.#start(batch);
      if (batch.flights.size === 0) break;
      this.#reap(batch, this.#waiter.wait(batch.sliceMs(this.#clock())));
      await batch.stopOverdue(this.#clock());
    }
    return { startedAt, makespan: nanoseconds(batch.lastEnd - startedAt), containers: batch.finish(this.#clock()) };
  }

  #startTogether(batch: Batch, count: number): Nanoseconds {
    using barrier = new Barrier(this.#gate);
    const waiting = Array.from({ length: count }, () => this.#spawn(barrier.hold(batch.next()), barrier.fd));
    barrier.release();
    const startedAt = this.#clock();
    waiting.forEach(({ pid, slot }, index) => { this.#track(batch, index, pid, slot, startedAt); });
    return startedAt;
  }

  #start(batch: Batch): void {
    const command = batch.next();
    const index = batch.started - 1;
    const startedAt = this.#clock();
    const { pid, slot } = this.#spawn(command);
    this.#track(batch, index, pid, slot, startedAt);
  }

  #spawn(command: LaunchCommand, barrier?: number): { readonly pid: number | string; readonly slot: Slot } {
    const slot = this.#idle.pop() ?? { stdout: new MemoryFile('stdout'), stderr: new MemoryFile('stderr') };
    using actions = new StdioActions({ stdin: this.#stdin, stdout: slot.stdout.fd, stderr: slot.stderr.fd, ...(barrier === undefined ? {} : { barrier }) });
    const pid = spawnChild(command, actions);
    if (typeof pid === 'number') this.#waiter.add(pid);
    return { pid, slot };
  }

  #track(batch: Batch, index: number, pid: number | string, slot: Slot, startedAt: Nanoseconds): void {
    if (typeof pid === 'string') {
      this.#idle.push(slot);
      batch.end(index, { exit: { kind: 'notStarted', errno: pid }, startedAt, wall: nanoseconds(0), usage: NO_USAGE, stdout: '', stderr: '' }, this.#clock());
      return;
    }
    batch.flights.set(pid, { index, pid, slot, startedAt });
  }

  #reap(batch: Batch, pids: readonly number[]): void {
    for (const pid of pids) {
      const { exit, usage } = this.#waiter.reap(pid);
      const end = this.#clock();
      const flight = batch.flights.get(pid);
      if (flight === undefined) continue;
      batch.flights.delete(pid);
      batch.end(flight.index, {
        exit: flight.stopped ?? exit, startedAt: flight.startedAt, wall: nanoseconds(end - flight.startedAt), usage: decodeUsage(usage),
        stdout: flight.slot.stdout.take(), stderr: flight.slot.stderr.take(),
      }, end);
      this.#idle.push(flight.slot);
    }
  }

  [Symbol.dispose](): void {
    for (const slot of this.#idle) {
      slot.stdout[Symbol.dispose]();
      slot.stderr[Symbol.dispose]();
    }
    this.#waiter[Symbol.dispose]();
    closeSync(this.#stdin);
  }
}
