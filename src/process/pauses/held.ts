import { nanoseconds } from '../../model/time.js';
import type { Nanoseconds } from '../../model/time.js';
import { childrenOfThreads, procFile, stateOf } from '../processes.js';

/** What a frozen process waits in: cgroup v2, cgroup v1. */
const FREEZERS: readonly string[] = ['do_freezer_trap', '__refrigerator'];

/**
 * Whether a child, or one of its own children, was seen stopped (SIGSTOP) or frozen (its cgroup) by somebody else:
 * nothing of that is left once it has ended, so it is looked at while it runs.
 */
export class Held {
  readonly #pid: number;
  #lookedAt: Nanoseconds;
  #wasHeld = false;
  #heldNs = 0;

  constructor(pid: number, startedAt: Nanoseconds) {
    this.#pid = pid;
    this.#lookedAt = startedAt;
  }

  /** Looks once; it counts as held since the look before. */
  look(now: Nanoseconds): void {
    const held = isHeldPid(this.#pid);
    if (held || this.#wasHeld) this.#heldNs += now - this.#lookedAt;
    this.#wasHeld = held;
    this.#lookedAt = now;
  }

  /** For how long, at most, until its end; empty where it was never seen held. */
  until(end: Nanoseconds): { readonly heldNs?: Nanoseconds } {
    const heldNs = this.#heldNs + (this.#wasHeld ? end - this.#lookedAt : 0);
    return heldNs > 0 ? { heldNs: nanoseconds(heldNs) } : {};
  }
}

/** A runtime and what it started; what a container's program starts may be stopped by that program itself. */
function isHeldPid(pid: number): boolean {
  return [pid, ...childrenOfThreads(pid)].some((each) => isStopped(each) || isFrozen(each));
}

/** State T; t is a tracer's stop. */
const isStopped = (pid: number): boolean => stateOf(pid) === 'T';

const isFrozen = (pid: number): boolean => FREEZERS.includes(procFile(pid, 'wchan') ?? '');
