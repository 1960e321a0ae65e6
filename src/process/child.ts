import { closeSync, openSync } from 'node:fs';
import type { Exit, LaunchCommand } from '../model/container/container.js';
import { MemoryFile } from './files/memfd.js';
import { notStarted } from './program/start-failure.js';
import { spawnChild, StdioActions } from './spawn.js';
import { ChildWaiter } from './waiter.js';

const LOOK_EVERY_MS = 2;
/** Only a process in an uninterruptible wait takes this long to die. */
const KILL_LIMIT_MS = 5_000;

/** One untimed child: it can be watched while it runs, can be killed, and is always reaped. */
export class Child implements AsyncDisposable {
  readonly pid: number;
  readonly #stdout = new MemoryFile('stdout');
  readonly #stderr = new MemoryFile('stderr');
  readonly #waiter = new ChildWaiter();
  #out = '';
  #exit: Exit | undefined;
  #closed = false;

  constructor(command: LaunchCommand) {
    try {
      this.pid = this.#start(command);
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  /** What it wrote to stdout so far. */
  get output(): string {
    this.#out += this.#stdout.take();
    return this.#out;
  }

  /** What it wrote to stderr since the last call. */
  takeErrors(): string {
    return this.#stderr.take();
  }

  /** How it ended, as far as was seen by `until` and `end`; `undefined`: it has not. */
  get ended(): Exit | undefined {
    return this.#exit;
  }

  /** How it ended; `undefined` where it has not ended within the limit. */
  async end(limitMs: number): Promise<Exit | undefined> {
    await this.until(() => this.#exit !== undefined, limitMs);
    return this.#exit;
  }

  /** Resolves once `condition` holds, the child has ended or the time is over. Gives whether the condition held. */
  async until(condition: () => boolean, limitMs: number): Promise<boolean> {
    const end = performance.now() + limitMs;
    for (;;) {
      // First, so that the condition sees everything a child wrote before it ended.
      this.#look();
      if (condition()) return true;
      if (this.#exit !== undefined || performance.now() > end) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** Kills it and waits for its end. */
  async kill(limitMs: number): Promise<Exit | undefined> {
    if (this.#exit === undefined) process.kill(this.pid, 'SIGKILL');
    return this.end(limitMs);
  }

  #start(command: LaunchCommand): number {
    const stdin = openSync('/dev/null', 'r');
    try {
      using actions = new StdioActions({ stdin, stdout: this.#stdout.fd, stderr: this.#stderr.fd });
      const pid = spawnChild(command, actions);
      if (typeof pid === 'string') throw notStarted(command.file, pid);
      this.#waiter.add(pid);
      return pid;
    } finally {
      closeSync(stdin);
    }
  }

  #look(): void {
    if (this.#waiter.wait(0).includes(this.pid)) this.#exit = this.#waiter.reap(this.pid).exit;
  }

  #close(): void {
    this.#stdout[Symbol.dispose]();
    this.#stderr[Symbol.dispose]();
    this.#waiter[Symbol.dispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.kill(KILL_LIMIT_MS);
    this.#close();
  }
}
