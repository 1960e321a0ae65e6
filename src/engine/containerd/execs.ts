import type { CreatedContainer, StartedContainer } from '../../model/container/container.js';
import type { ContainerProgram, ExecProgram } from '../../model/container/program.js';
import { Keepers, keeperLike } from '../keepers.js';
import { nameOfInside } from '../programs.js';

/** Makes the container of an arm that programs start in; its id begins with the run's. */
type MakeKeeper = (arm: string, name: string, keeper: ContainerProgram) => Promise<CreatedContainer>;

/**
 * Sleeping containers in which `ctr tasks exec` starts programs: one per arm and surroundings, because a program gets
 * the environment of its container.
 */
export class ContainerdExecs {
  readonly #make: MakeKeeper;
  readonly #keepers = new Keepers<{ readonly started: StartedContainer }>();

  constructor(make: MakeKeeper) {
    this.#make = make;
  }

  /** Starts the container of an arm, once. Throws `runFailed`. */
  async ready(arm: string, program: ExecProgram): Promise<void> {
    const name = nameOf(arm, program);
    await this.#keepers.ready(name, arm, async () => {
      const created = await this.#make(arm, name, keeperLike(program));
      return { started: await created.start() };
    });
  }

  /** The container that a program starts in. Throws `runFailed` where it was not made. */
  keeperOf(arm: string, program: ExecProgram): string {
    return this.#keepers.of(nameOf(arm, program), arm).started.id;
  }

  /** The words of `ctr` that start a program. */
  args(arm: string, program: ExecProgram, { id, output }: { readonly id: string; readonly output: string }) {
    return [
      'tasks',
      'exec',
      '--exec-id',
      id,
      '--cwd',
      program.cwd,
      '--log-uri',
      `file://${output}`,
      this.keeperOf(arm, program),
      ...program.args,
    ] as const;
  }

  /** Whether a container is one of those that programs start in. */
  isKeeper(id: string): boolean {
    return this.#keepers.isKeeper(id);
  }

  /** Removes the containers of an arm, or all. */
  drop(arm?: string): Promise<void> {
    return this.#keepers.drop(arm);
  }
}

const nameOf = (arm: string, program: ExecProgram): string =>
  `keep-${arm}-${nameOfInside(keeperLike(program)).slice(-8)}`;
