import { closeSync, openSync } from 'node:fs';
import type { Exit, LaunchCommand, ResourceUsage } from '../model/container/container.js';
import { nanoseconds } from '../model/time.js';
import type { Clock, Nanoseconds } from '../model/time.js';
import { callFailed, libc } from './libc.js';
import { MemoryFile } from './files/memfd.js';
import { killGroup } from './processes.js';
import { spawnChild, StdioActions } from './spawn.js';
import { ChildWaiter, decodeUsage, NO_USAGE } from './waiter.js';

/** The longest the thread blocks before signals get a turn. */
const SLICE_MS = 250;
const NS_PER_MS = 1e6;
const PR_SET_CHILD_SUBREAPER = 36;

/** How and when one step ended. */
export interface Step {
  readonly exit: Exit;
  readonly usage: ResourceUsage;
  readonly endedAt: Nanoseconds;
}

/**
 * Makes this process the parent of what its children leave running, like the shim of a container. Throws
 * `environment`.
 */
export function adoptOrphans(): void {
  if (libc().prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) === 0) return;
  throw callFailed('prctl(PR_SET_CHILD_SUBREAPER)', { hint: 'Measure without --stages.' });
}

/**
 * Timed children, one after the other, that share one pair of descriptors: a container that one of them leaves
 * running goes on writing there. After the time limit or a stop, every wait gives `timedOut` or `interrupted`, and
 * the child is killed.
 */
export class Steps implements Disposable {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #timeoutMs: number;
  #dueAt: number;
  readonly #stdin = openSync('/dev/null', 'r');
  readonly #stdout = new MemoryFile('stdout');
  readonly #stderr = new MemoryFile('stderr');
  readonly #waiter = new ChildWaiter();
  #words = '';

  constructor(clock: Clock, { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal }) {
    this.#clock = clock;
    this.#signal = signal;
    this.#timeoutMs = timeoutMs;
    this.#dueAt = clock() + timeoutMs * NS_PER_MS;
  }

  /** Starts a command and waits for its end. */
  async run(command: LaunchCommand): Promise<Step> {
    using actions = new StdioActions({ stdin: this.#stdin, stdout: this.#stdout.fd, stderr: this.#stderr.fd });
    const pid = spawnChild(command, actions);
    if (typeof pid === 'string')
      return { exit: { kind: 'notStarted', errno: pid }, usage: NO_USAGE, endedAt: this.#clock() };
    this.#waiter.add(pid);
    return await this.end(pid);
  }

  /** Watches a process that a child left running; this process must have adopted it. */
  watch(pid: number): void {
    this.#waiter.add(pid);
  }

  /** Waits for a watched process. */
  async end(pid: number): Promise<Step> {
    let ended = this.#waitFor(pid);
    let stopped: Exit | undefined;
    while (!ended) {
      await new Promise(setImmediate);
      stopped ??= this.#whyStop();
      // Not waited for beyond the next slice: a process that cannot die would block bench for ever.
      if (stopped !== undefined) killGroup(pid);
      ended = this.#waitFor(pid);
    }
    const endedAt = this.#clock();
    const { exit, usage } = this.#waiter.reap(pid);
    return { exit: stopped ?? exit, usage: decodeUsage(usage), endedAt };
  }

  /** A slice; what this process stood still for is not the child's time. */
  #waitFor(pid: number): boolean {
    const ended = this.#waiter.wait(this.#sliceMs()).includes(pid);
    this.#dueAt += this.#waiter.stillNs;
    return ended;
  }

  #whyStop(): Exit | undefined {
    if (this.#signal.aborted) return { kind: 'interrupted' };
    return this.#clock() >= this.#dueAt ? { kind: 'timedOut', afterMs: this.#timeoutMs } : undefined;
  }

  #sliceMs(): number {
    return Math.max(1, Math.min(SLICE_MS, Math.ceil((this.#dueAt - this.#clock()) / NS_PER_MS)));
  }

  /** What all of them wrote to stdout so far. */
  get output(): string {
    this.#words += this.#stdout.take();
    return this.#words;
  }

  /** What they wrote to stderr since the last call. */
  takeErrors(): string {
    return this.#stderr.take();
  }

  [Symbol.dispose](): void {
    this.#stdout[Symbol.dispose]();
    this.#stderr[Symbol.dispose]();
    this.#waiter[Symbol.dispose]();
    closeSync(this.#stdin);
  }
}

/** The sum of several steps' usage, with the largest of their peak memory. */
export function totalUsage(usages: readonly ResourceUsage[]): ResourceUsage {
  return usages.reduce(
    (sum, usage) => ({
      user: nanoseconds(sum.user + usage.user),
      system: nanoseconds(sum.system + usage.system),
      maxRssKiB: Math.max(sum.maxRssKiB, usage.maxRssKiB),
      minorFaults: sum.minorFaults + usage.minorFaults,
      majorFaults: sum.majorFaults + usage.majorFaults,
      voluntarySwitches: sum.voluntarySwitches + usage.voluntarySwitches,
      involuntarySwitches: sum.involuntarySwitches + usage.involuntarySwitches,
    }),
    NO_USAGE,
  );
}
