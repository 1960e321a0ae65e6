import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { killProcess } from '../../process/processes.js';
import type { ExecProgram } from '../../model/container/program.js';
import { writeArmFile } from '../arm-file.js';
import type { OciBundles } from './bundles.js';
import { ociProcess } from './config.js';
import { createOci } from './lifecycle.js';
import type { OciRuntime } from './lifecycle.js';
import { Keepers, keeperIn } from '../keepers.js';
import { nameOfInside } from '../programs.js';

/**
 * Sleeping containers in which `RUNTIME exec` starts programs, as `docker exec` does: one per arm and root. The
 * runtime loads the container's filter for every process it starts there.
 */
export class OciExecs extends Keepers {
  readonly #runtime: OciRuntime;
  readonly #bundles: OciBundles;
  readonly #written = new Set<string>();

  constructor(runtime: OciRuntime, bundles: OciBundles) {
    super({
      sleeper: keeperIn,
      make: (arm, name, keeper) =>
        createOci(runtime, bundles.ready(arm, keeper), `${runtime.runId}-${name}`, runtime.mountsOf(arm)),
    });
    this.#runtime = runtime;
    this.#bundles = bundles;
  }

  /** Starts the container and writes the program's file, each once. Throws `runFailed`. */
  override async ready(arm: string, program: ExecProgram): Promise<void> {
    await super.ready(arm, program);
    this.#processOf(program);
  }

  /** The arguments of the runtime. */
  args(arm: string, program: ExecProgram, id: string): readonly string[] {
    const keeper = this.of(arm, program).started.id;
    return [
      ...this.#runtime.before(keeper),
      'exec',
      '--process',
      this.#processOf(program),
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
  override async drop(arm?: string): Promise<void> {
    await super.drop(arm);
    if (arm === undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The file with the program; written on first use, before anything is timed. */
  #processOf(program: ExecProgram): string {
    const file = join(this.#folder, `${nameOfInside(program)}.json`);
    if (this.#written.has(file)) return file;
    const { args, env, cwd } = this.#bundles.located(program);
    writeArmFile(file, JSON.stringify(ociProcess({ args, env, cwd }, this.#bundles.env, this.#bundles.containment)));
    this.#written.add(file);
    return file;
  }

  #pidFile(id: string): string {
    return join(this.#folder, `${id}.pid`);
  }

  get #folder(): string {
    return join(this.#runtime.workspace, 'execs');
  }
}
