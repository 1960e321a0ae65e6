import type { CreatedContainer } from '../../model/container/container.js';
import type { ContainerProgram, ExecProgram } from '../../model/container/program.js';
import { Keepers, keeperLike } from '../keepers.js';

/**
 * Sleeping containers in which `ctr tasks exec` starts programs: one per arm and surroundings, because a program gets
 * the environment of its container.
 */
export class ContainerdExecs extends Keepers {
  constructor(make: (arm: string, name: string, keeper: ContainerProgram) => Promise<CreatedContainer>) {
    super({ make, sleeper: keeperLike });
  }

  /** The id of the container that a program starts in. Throws `runFailed` where it was not made. */
  keeperOf(arm: string, program: ExecProgram): string {
    return this.of(arm, program).started.id;
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
}
