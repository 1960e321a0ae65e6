import { readFileSync } from 'node:fs';
import type { LaunchCommand } from '../model/container/container.js';
import { callFailed, libc } from './libc.js';
import { BARRIER_FD } from './spawn.js';

const O_CLOEXEC = 0o2000000;

/** A child reaches its barrier within microseconds; after so many looks it is released as it is. */
const MOST_LOOKS = 2000;

/**
 * Waits until a child sleeps, at its barrier: released before, it would start later than one that already sleeps.
 * Nothing is timed yet.
 */
export function waitUntilAsleep(pid: number): void {
  for (let look = 0; look < MOST_LOOKS; look += 1) if (stateOf(pid) === 'S') return;
}

/** The letter after the name, which may hold spaces and brackets itself; none of a process that is gone. */
function stateOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text[text.lastIndexOf(')') + 2];
  } catch {
    return 'S';
  }
}

/** Holds children at a pipe until all of them exist, then releases them together. */
export class Barrier implements Disposable {
  /** The end the children read. */
  readonly fd: number;
  readonly #writeEnd: number;
  readonly #gate: string;
  #released = false;

  constructor(gate: string) {
    const ends = new Int32Array(2);
    if (libc().pipe2(ends, O_CLOEXEC) !== 0) throw callFailed('pipe2');
    this.fd = ends[0] ?? -1;
    this.#writeEnd = ends[1] ?? -1;
    this.#gate = gate;
  }

  /** The same command, waiting at the barrier first. */
  hold(command: LaunchCommand): LaunchCommand {
    return { ...command, file: this.#gate, args: [String(BARRIER_FD), command.file, ...command.args] };
  }

  /** Closing the only write end is end of file for every reader. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    libc().close(this.#writeEnd);
  }

  [Symbol.dispose](): void {
    this.release();
    libc().close(this.fd);
  }
}
