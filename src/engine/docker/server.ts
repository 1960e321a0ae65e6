import { setTimeout as sleep } from 'node:timers/promises';
import type { Exit, ServerStart, StartedServer } from '../../model/container/container.js';
import { OUTPUT_MS } from '../waiting/deadlines.js';
import type { Flavour } from './arm.js';
import type { ContainerOptions, Daemon } from './daemon.js';
import { apiFailure } from './failures.js';
import { OutputCollector, splitFrames } from './frames.js';
import type { AttachedOutput } from './frames.js';

/** A load runs meanwhile, so Podman, whose /wait is late, is asked seldom, and only once the output has ended. */
const PODMAN_POLL_MS = 100;

interface ServerOptions extends Pick<ServerStart, 'id' | 'signal'> {
  readonly flavour: Flavour;
  readonly container: ContainerOptions;
}

/** Starts a server in a container. What the daemon refuses is how the server ended. */
export async function serveOnDaemon(daemon: Daemon, options: ServerOptions): Promise<StartedServer> {
  const server = new DaemonServer(daemon, options);
  await server.start();
  return server;
}

class DaemonServer implements StartedServer {
  pid: number | null = null;
  readonly #daemon: Daemon;
  readonly #options: ServerOptions;
  /** Ends the requests that go on as long as the server does. */
  readonly #over = new AbortController();
  readonly #signal: AbortSignal;
  #output: OutputCollector | undefined;
  #logged: AttachedOutput | undefined;
  #refusal = '';
  #exit: Exit | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(daemon: Daemon, options: ServerOptions) {
    this.#daemon = daemon;
    this.#options = options;
    this.#signal = AbortSignal.any([options.signal, this.#over.signal]);
  }

  async start(): Promise<void> {
    const { id, container, flavour } = this.#options;
    const signal = this.#signal;
    try {
      await this.#daemon.create(container, signal);
      const [stream, watch] = await Promise.all([
        this.#daemon.attach(id, signal),
        flavour === 'docker' ? this.#daemon.watch(id, signal) : null,
      ]);
      const output = new OutputCollector(stream);
      this.#output = output;
      await this.#daemon.start(id, signal);
      this.#ended = this.#untilEnded(watch === null ? this.#pollEnd(output) : watch.exitCode);
      const { State } = await this.#daemon.inspect(id, signal);
      if (State.Running && State.Pid > 0) this.pid = State.Pid;
    } catch (error) {
      this.#refuse(error);
    }
  }

  said(): string {
    const { stdout, stderr } = this.#logged ?? this.#output?.soFar ?? { stdout: '', stderr: '' };
    return [stdout, stderr, this.#refusal].filter((text) => text !== '').join('\n');
  }

  async end(limitMs: number): Promise<Exit | undefined> {
    if (this.#exit === undefined && limitMs > 0) {
      const over = new AbortController();
      await Promise.race([this.#ended, sleep(limitMs, undefined, { signal: over.signal }).catch(() => undefined)]);
      over.abort();
    }
    return this.#exit;
  }

  async #untilEnded(exitCode: Promise<number>): Promise<void> {
    try {
      const code = await exitCode;
      // What it wrote last may come after the word of its end.
      await this.#output?.take(OUTPUT_MS);
      await this.#takeLog();
      this.#exit = { kind: 'exited', code };
    } catch (error) {
      this.#refuse(error);
    }
  }

  async #pollEnd(output: OutputCollector): Promise<number> {
    const { id } = this.#options;
    await output.ended;
    for (;;) {
      const { State } = await this.#daemon.inspect(id, this.#signal);
      if (!State.Running && (State.Status === 'exited' || State.Status === 'stopped')) return State.ExitCode;
      await sleep(PODMAN_POLL_MS, undefined, { signal: this.#signal });
    }
  }

  /** Podman's streams sometimes lose the output of a short container, its log does not. */
  async #takeLog(): Promise<void> {
    const { id, flavour } = this.#options;
    const { stdout, stderr } = this.#output?.soFar ?? { stdout: '', stderr: '' };
    if (flavour !== 'podman' || stdout + stderr !== '') return;
    this.#logged = splitFrames(await this.#daemon.logs(id, this.#signal));
  }

  #refuse(error: unknown): void {
    const { answer, words } = apiFailure(error);
    this.#refusal = words;
    this.#exit = this.#options.signal.aborted ? { kind: 'interrupted' } : { kind: 'refused', answer };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#daemon.remove(this.#options.id);
    } catch {
      // The end of the run removes it, and says so where it cannot.
    } finally {
      this.#over.abort();
      this.#output?.close();
      await this.#ended;
    }
  }
}
