import { needs } from '../../errors.js';
import type { BatchRequest, Engine, Exit, StartedServer } from '../../model/container/container.js';
import type { ContainerProgram } from '../../model/container/program.js';
import { Child } from '../../process/child.js';
import { PrivateNetwork } from '../../process/network.js';
import { isRunning, killProcess } from '../../process/processes.js';

/** A server in a container of its own. Disposing it ends the container, whatever its state. */
export interface RunningServer extends AsyncDisposable {
  /** Of its container; `null`: the container had ended before it was seen. */
  readonly network: PrivateNetwork | null;
  /** All that it has written so far. */
  readonly said: () => string;
  /** How it ended; `undefined`: it has not. */
  readonly ended: () => Promise<Exit | undefined>;
  /** Resolves once `condition` holds, the server has ended or the time is over. Gives whether the condition held. */
  readonly until: (condition: () => boolean, limitMs: number) => Promise<boolean>;
}

/** Where a server is to start. */
type ServerPlace = Pick<BatchRequest, 'arm' | 'signal'> & {
  readonly program: ContainerProgram;
  readonly id: string;
};

/** Its container is killed; only a process in an uninterruptible wait takes longer to end. */
const END_MS = 10_000;
const LOOK_EVERY_MS = 2;
const END_LOOK_MS = 50;

/**
 * Starts a server in a container of an arm: as a child of this process in a network made for it, or by a daemon, in the
 * network that the daemon gives the container. Throws `environment` where this engine or this user cannot do that.
 */
export async function startServer(engine: Engine, place: ServerPlace): Promise<RunningServer> {
  const { arm, program, id } = place;
  const joined: ContainerProgram = { ...program, network: 'joined' };
  await engine.prepareProgram?.(arm, joined);
  const command = engine.command(arm, joined, id);
  if (command !== null) return ChildServer.start(command);
  if (engine.serve === undefined)
    throw needs('a server with a load', `an engine that starts servers; ${engine.facts.name} does not`);
  const started = await engine.serve(place);
  try {
    return new DaemonServer(started, started.pid === null ? null : PrivateNetwork.of(started.pid));
  } catch (error) {
    await started[Symbol.asyncDispose]();
    throw error;
  }
}

class ChildServer implements RunningServer {
  readonly network: PrivateNetwork;
  readonly #child: Child;
  #errors = '';

  private constructor(network: PrivateNetwork, child: Child) {
    this.network = network;
    this.#child = child;
  }

  static start(command: ConstructorParameters<typeof Child>[0]): ChildServer {
    const network = PrivateNetwork.make();
    try {
      return new ChildServer(network, new Child({ ...command, network }));
    } catch (error) {
      network[Symbol.dispose]();
      throw error;
    }
  }

  said(): string {
    this.#errors += this.#child.takeErrors();
    return `${this.#child.output}\n${this.#errors}`;
  }

  ended(): Promise<Exit | undefined> {
    return this.#child.end(0);
  }

  until(condition: () => boolean, limitMs: number): Promise<boolean> {
    return this.#child.until(condition, limitMs);
  }

  /** By its processes, and lets the runtime clean up. */
  async [Symbol.asyncDispose](): Promise<void> {
    const byMs = performance.now() + END_MS;
    try {
      do {
        // A runtime that is still making its container has no process in it yet.
        killAll(this.network);
      } while ((await this.#child.end(END_LOOK_MS)) === undefined && performance.now() < byMs);
      await this.#child[Symbol.asyncDispose]();
    } finally {
      this.network[Symbol.dispose]();
    }
  }
}

class DaemonServer implements RunningServer {
  readonly network: PrivateNetwork | null;
  readonly #started: StartedServer;

  constructor(started: StartedServer, network: PrivateNetwork | null) {
    this.#started = started;
    this.network = network;
  }

  said(): string {
    return this.#started.said();
  }

  /** A daemon tells of an end a little after it. */
  async ended(): Promise<Exit | undefined> {
    const { pid } = this.#started;
    if (pid !== null && isRunning(pid)) return this.#started.end(0);
    return (await this.#started.end(END_MS)) ?? { kind: 'unserved', reason: 'its engine does not say how' };
  }

  async until(condition: () => boolean, limitMs: number): Promise<boolean> {
    for (const byMs = performance.now() + limitMs; ;) {
      // First, so that the condition sees everything the server wrote before it ended.
      const end = await this.ended();
      if (condition()) return true;
      if (end !== undefined || performance.now() > byMs) return false;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      if (this.network !== null) killAll(this.network);
      await this.#started[Symbol.asyncDispose]();
    } finally {
      this.network?.[Symbol.dispose]();
    }
  }
}

function killAll(network: PrivateNetwork): void {
  for (const pid of network.containedPids()) killProcess(pid);
}
