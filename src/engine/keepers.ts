import type { StartedContainer } from '../model/container/container.js';
import { payloadIn } from '../model/container/program.js';
import type { ContainerProgram, ExecProgram } from '../model/container/program.js';
import type { Nanoseconds } from '../model/time.js';
import { BenchError } from '../errors.js';

/** A program to start, and to time, in a container that waits for it. */
export interface TimedExec {
  readonly arm: string;
  readonly program: ExecProgram;
  readonly startedAt: Nanoseconds;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A container that waits for programs to be started in it. */
interface Keeper {
  readonly started: StartedContainer;
}

/** The sleeping containers in which programs start, by name; each belongs to an arm. */
export class Keepers<Own extends Keeper> {
  readonly #byName = new Map<string, { readonly arm: string; readonly own: Own }>();

  /** Makes the container of a name, once. Throws what `make` throws. */
  async ready(name: string, arm: string, make: () => Promise<Own>): Promise<Own> {
    const there = this.#byName.get(name);
    if (there !== undefined) return there.own;
    const own = await make();
    this.#byName.set(name, { arm, own });
    return own;
  }

  /** Throws `runFailed` where it was not made. */
  of(name: string, arm: string): Own {
    const keeper = this.#byName.get(name);
    if (keeper === undefined) throw new BenchError('runFailed', `arm ${arm} has no running container`);
    return keeper.own;
  }

  /** Whether a container is one of those that programs start in. */
  isKeeper(id: string): boolean {
    return [...this.#byName.values()].some(({ own }) => own.started.id === id);
  }

  /** Removes the containers of an arm, or all. */
  async drop(arm?: string): Promise<void> {
    for (const [name, keeper] of this.#byName) {
      if (arm !== undefined && keeper.arm !== arm) continue;
      this.#byName.delete(name);
      await keeper.own.started[Symbol.asyncDispose]();
    }
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
