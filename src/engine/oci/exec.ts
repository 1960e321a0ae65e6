import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import { killProcess } from '../../process/processes.js';
import type { StartedContainer } from '../../model/container/container.js';
import { isProgram, payloadIn } from '../../model/container/program.js';
import type { ContainerProgram, Inside } from '../../model/container/program.js';
import { writeArmFile } from '../arm-file.js';
import type { OciBundles } from './bundles.js';
import { ociProcess } from './config.js';
import { createOci } from './lifecycle.js';
import type { OciRuntime } from './lifecycle.js';
import { nameOfInside } from '../programs.js';

type ExecProgram = ContainerProgram & { readonly via: 'exec' };

/** Whether it starts in a container that already runs. */
export const isExec = (inside: Inside): inside is ExecProgram => isProgram(inside) && inside.via === 'exec';

/**
 * Sleeping containers in which `RUNTIME exec` starts programs, as `docker exec` does: one per arm and root. The
 * runtime loads the container's filter for every process it starts there.
 */
export class OciExecs {
  readonly #runtime: OciRuntime;
  readonly #bundles: OciBundles;
  readonly #keepers = new Map<string, { readonly arm: string; readonly container: StartedContainer }>();
  readonly #written = new Set<string>();

  constructor(runtime: OciRuntime, bundles: OciBundles) {
    this.#runtime = runtime;
    this.#bundles = bundles;
  }

  /** Starts the container and writes the program's file, each once. Throws `runFailed`. */
  async ready(arm: string, program: ExecProgram): Promise<void> {
    const id = this.#keeperOf(arm, program);
    if (!this.#keepers.has(id)) {
      const created = await createOci(
        this.#runtime,
        this.#bundles.ready(arm, keeperFor(program)),
        id,
        this.#runtime.mountsOf(arm),
      );
      this.#keepers.set(id, { arm, container: await created.start() });
    }
    const file = this.#processFile(program);
    if (this.#written.has(file)) return;
    const { args, env, cwd } = this.#bundles.located(program);
    writeArmFile(file, JSON.stringify(ociProcess({ args, env, cwd }, this.#bundles.env, this.#bundles.containment)));
    this.#written.add(file);
  }

  /** The arguments of the runtime. */
  args(arm: string, program: ExecProgram, id: string): readonly string[] {
    const keeper = this.#keeperOf(arm, program);
    if (!this.#keepers.has(keeper))
      throw new BenchError(
        'runFailed',
        `no running container of arm ${arm} to start ${program.args[0] ?? 'a program'} in`,
      );
    return [
      ...this.#runtime.before(keeper),
      'exec',
      '--process',
      this.#processFile(program),
      '--pid-file',
      this.#pidFile(id),
      keeper,
    ];
  }

  /** Kills one program; its container goes on sleeping. */
  stop(id: string): Promise<void> {
    try {
      const pid = Number(readFileSync(this.#pidFile(id), 'utf8'));
      if (pid > 1) killProcess(pid);
    } catch {
      // It has not started yet; the launcher ends the runtime itself.
    }
    return Promise.resolve();
  }

  /** Removes the containers of an arm, or all. */
  async drop(arm?: string): Promise<void> {
    for (const [id, keeper] of this.#keepers) {
      if (arm !== undefined && keeper.arm !== arm) continue;
      this.#keepers.delete(id);
      await keeper.container[Symbol.asyncDispose]();
    }
    if (arm === undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #keeperOf(arm: string, program: ExecProgram): string {
    return `${this.#runtime.runId}-keep-${arm}-${nameOfInside(keeperFor(program)).slice(-8)}`;
  }

  #processFile(program: ExecProgram): string {
    return join(this.#folder, `${nameOfInside(program)}.json`);
  }

  #pidFile(id: string): string {
    return join(this.#folder, `${id}.pid`);
  }

  get #folder(): string {
    return join(this.#runtime.workspace, 'execs');
  }
}

/** The payload asleep in the program's root. */
function keeperFor(program: ExecProgram): ContainerProgram {
  const { via, ...keeper } = payloadIn(program, 'sleep');
  return via === undefined ? program : keeper;
}
