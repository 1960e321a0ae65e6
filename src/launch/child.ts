import { closeSync, openSync } from 'node:fs';
import type { Exit, LaunchCommand } from '../model/container.js';
import { spawnChild, StdioActions } from './spawn.js';
import { BenchError } from '../errors.js';
import { MemoryFile } from './memfd.js';
import { ChildWaiter } from './waiter.js';

const LOOK_EVERY_MS = 2;

/** One child that is not timed: it may be watched while it runs, told to die, and is always reaped. */
export class Child implements AsyncDisposable {
  readonly pid: number;
  readonly #stdout = new MemoryFile('stdout');
  readonly #stderr = new MemoryFile('stderr');
  readonly #waiter = new ChildWaiter();
  #out = '';
  #exit: Exit | undefined;

  constructor(command: LaunchCommand) {
    const stdin = openSync('/dev/null', 'r');
    using actions = new StdioActions({ stdin, stdout: this.#stdout.fd, stderr: this.#stderr.fd });
    const pid = spawnChild(command, actions);
    closeSync(stdin);
    if (typeof pid === 'string') throw new BenchError('environment', `Expected ${command.file} to start, got ${pid}`);
    this.pid = pid;
    this.#waiter.add(pid);
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

  /** How it ended, or nothing where it has not within the limit. */
  async end(limitMs: number): Promise<Exit | undefined> {
    await this.until(() => this.#exit !== undefined, limitMs);
    return this.#exit;
  }

  /** Resolves as soon as `condition` holds, the child has ended, or the time is over; says whether the condition held. */
  async until(condition: () => boolean, limitMs: number): Promise<boolean> {
    const end = performance.now() + limitMs;
    while (!condition()) {
      if (performance.now() > end) return false;
      this.#look();
      if (condition()) return true;
      if (this.#exit !== undefined) return condition();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    return true;
  }

  /** Kills it and waits for its end. */
  async kill(limitMs: number): Promise<Exit | undefined> {
    if (this.#exit === undefined) process.kill(this.pid, 'SIGKILL');
    return this.end(limitMs);
  }

  #look(): void {
    if (this.#waiter.wait(0).includes(this.pid)) this.#exit = this.#waiter.reap(this.pid).exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill(5_000);
    this.#stdout[Symbol.dispose]();
    this.#stderr[Symbol.dispose]();
    this.#waiter[Symbol.dispose]();
  }
}
