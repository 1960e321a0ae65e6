import { BenchError } from '../errors.js';
import type { CreatedContainer, StartedContainer } from '../model/container/container.js';
import { payloadIn } from '../model/container/program.js';
import type { ContainerProgram, ExecProgram } from '../model/container/program.js';
import type { Nanoseconds } from '../model/time.js';
import { nameOfInside } from './programs.js';

/** A program to start, and to time, in a container that waits for it. */
export interface TimedExec {
  readonly arm: string;
  readonly program: ExecProgram;
  readonly startedAt: Nanoseconds;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A container that waits for programs to be started in it. */
interface Keeper<Created extends CreatedContainer> {
  readonly arm: string;
  readonly created: Created;
  readonly started: StartedContainer;
}

/** How an engine makes them. */
interface KeeperMaking<Created extends CreatedContainer> {
  /** What sleeps in a container for a program: programs with the same sleeper share a container. */
  readonly sleeper: (program: ExecProgram) => ContainerProgram;
  /** Creates it; the id of the container is the run's, a dash and the name. */
  readonly make: (arm: string, name: string, sleeper: ContainerProgram) => Promise<Created>;
}

/** The sleeping containers in which programs start: one per arm and sleeper. */
export class Keepers<Created extends CreatedContainer = CreatedContainer> {
  readonly #making: KeeperMaking<Created>;
  readonly #byName = new Map<string, Keeper<Created>>();

  constructor(making: KeeperMaking<Created>) {
    this.#making = making;
  }

  /** Starts the container of an arm for a program, once. Throws `runFailed`. */
  async ready(arm: string, program: ExecProgram): Promise<void> {
    const { make, sleeper } = this.#making;
    const name = this.#nameOf(arm, program);
    if (this.#byName.has(name)) return;
    const created = await make(arm, name, sleeper(program));
    this.#byName.set(name, { arm, created, started: await created.start() });
  }

  /** The container that a program starts in. Throws `runFailed` where it was not made. */
  of(arm: string, program: ExecProgram): Keeper<Created> {
    const keeper = this.#byName.get(this.#nameOf(arm, program));
    if (keeper === undefined) throw new BenchError('runFailed', `arm ${arm} has no running container`);
    return keeper;
  }

  /** Whether a container is one of those that programs start in. */
  isKeeper(id: string): boolean {
    return [...this.#byName.values()].some(({ started }) => started.id === id);
  }

  /** Removes the containers of an arm, or all. */
  async drop(arm?: string): Promise<void> {
    for (const [name, keeper] of this.#byName) {
      if (arm !== undefined && keeper.arm !== arm) continue;
      this.#byName.delete(name);
      await keeper.started[Symbol.asyncDispose]();
    }
  }

  #nameOf(arm: string, program: ExecProgram): string {
    return `keep-${arm}-${nameOfInside(this.#making.sleeper(program)).slice(-8)}`;
  }
}

/** The payload asleep in the program's root, for an engine that gives every exec an environment and a folder. */
export function keeperIn(program: ExecProgram): ContainerProgram {
  const { via: _, ...keeper } = payloadIn(program, 'sleep');
  return keeper;
}

/** The same with the environment and the folder of the program, which an exec inherits from its container. */
export const keeperLike = (program: ExecProgram): ContainerProgram => ({
  ...keeperIn(program),
  env: program.env,
  cwd: program.cwd,
});
