import { existsSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BenchError } from '../../errors.js';
import type { Launcher } from '../../process/launcher.js';
import { killProcess, processesOfRun, RUN_VARIABLE } from '../../process/processes.js';
import { runTool } from '../../process/run-tool.js';
import type {
  ArmSpec,
  BatchRequest,
  BatchRun,
  CreatedContainer,
  Engine,
  EngineParts,
  LaunchCommand,
  RuntimeLimits,
  EngineFacts,
} from '../../model/container/container.js';
import type { PayloadMode, Inside } from '../../model/container/program.js';
import type { Clock } from '../../model/time.js';
import { withLibrary } from '../filter-builder.js';
import type { FilterBuilder } from '../../model/filter/builder.js';
import { childEnvironment } from '../environment.js';
import { RuntimeLibraries } from '../libraries.js';
import { notRemoved } from '../failures.js';
import { pathsIn, listContainers } from './list.js';
import { createOci } from './lifecycle.js';
import type { OciRuntime } from './lifecycle.js';
import { runStagedBatch } from './staged.js';
import { OciBundles } from './bundles.js';
import { isExec, OciExecs } from './exec.js';

export interface OciOptions {
  readonly facts: EngineFacts;
  readonly limits: RuntimeLimits;
  readonly runtime: string;
  /** What makes the filters of its containers. */
  readonly builder: FilterBuilder;
  /** Options before every verb. */
  readonly flags: readonly string[];
  /** Why the payload cannot be inspected from outside; absent where it can. */
  readonly hidden?: string;
  /**
   * One state folder (--root) per container instead of one for all: crun keeps compiled filters under it, and a
   * container that finds one skips the cost being measured.
   */
  readonly rootPerContainer: boolean;
  readonly stages: Engine['stages'];
  readonly loads?: NonNullable<Engine['loads']>;
  readonly parts: EngineParts;
  readonly launcher: Launcher;
  readonly clock: Clock;
}

/** An OCI runtime: a bundle per arm and payload mode, written once. Timed is `RUNTIME run`. */
export class OciEngine implements Engine, OciRuntime {
  readonly facts: EngineFacts;
  readonly limits: RuntimeLimits;
  readonly runtime: string;
  readonly workspace: string;
  readonly runId: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stages: Engine['stages'];
  readonly programs = 'anyRoot';
  readonly execs = true;
  readonly takesLibrary = true;
  readonly loads?: NonNullable<Engine['loads']>;
  readonly #options: OciOptions;
  readonly #bundles: OciBundles;
  readonly #execs: OciExecs;
  readonly #childEnv: readonly string[];
  readonly #libraries: RuntimeLibraries;
  readonly #state: string;
  #usedRoots: string[] = [];
  #stopped: string[] = [];

  constructor(options: OciOptions) {
    this.#options = options;
    this.facts = options.facts;
    this.limits = options.limits;
    this.stages = options.stages;
    if (options.loads !== undefined) this.loads = options.loads;
    this.runtime = options.runtime;
    this.workspace = options.parts.workspace;
    this.runId = options.parts.runId;
    this.#bundles = new OciBundles(options.parts, options.facts.rootless);
    this.#state = join(this.workspace, 'state');
    this.#execs = new OciExecs(this, this.#bundles);
    this.env = { ...options.parts.env, [RUN_VARIABLE]: options.parts.runId };
    this.#childEnv = childEnvironment(this.env);
    this.#libraries = new RuntimeLibraries({ runtime: this.runtime, env: this.env });
  }

  get hidden(): string | undefined {
    return this.#options.hidden;
  }

  builderOf(arm: string): FilterBuilder {
    return withLibrary(this.#options.builder, this.#bundles.find(arm)?.libseccomp);
  }

  async prepare(arm: ArmSpec): Promise<void> {
    await this.#execs.drop(arm.name);
    await this.#libraries.prepare(arm);
    await this.#bundles.prepare(arm);
  }

  async run(request: BatchRequest): Promise<BatchRun> {
    if (request.staged !== true) return this.#runWhole(request);
    const arm = this.#bundles.arm(request.arm);
    return runStagedBatch(request, arm, {
      clock: this.#options.clock,
      bundle: this.#bundles.place(arm.name, 'stamp'),
      folder: this.workspace,
      config: (text) => this.#bundles.config({ ...arm, text }, 'stamp'),
      command: (id, verb, ...after) => ({
        file: this.runtime,
        args: [...this.#useRoot(id), verb, ...after, id],
        env: this.#childEnv,
        ...this.mountsOf(arm.name),
      }),
    });
  }

  async #runWhole(request: BatchRequest): Promise<BatchRun> {
    const inside = isExec(request.mode);
    if (isExec(request.mode)) await this.#execs.ready(request.arm, request.mode);
    const commands = request.ids.map((id) => this.command(request.arm, request.mode, id));
    return this.#options.launcher.run({
      commands,
      concurrency: request.concurrency,
      timeoutMs: request.timeoutMs,
      signal: request.signal,
      stop: async (index) => {
        await (inside ? this.#execs : this).stop(request.ids[index] ?? '');
      },
    });
  }

  async create(arm: string, id: string, mode: PayloadMode): Promise<CreatedContainer> {
    return createOci(this, this.#bundles.place(arm, mode), id, this.mountsOf(arm));
  }

  async betweenBlocks(): Promise<void> {
    if (this.#isThere()) for (const id of this.#stopped) await this.delete(id);
    // A state folder that still holds its container is needed to remove the container.
    for (const root of this.#usedRoots)
      if (!existsSync(join(root, basename(root)))) rmSync(root, { recursive: true, force: true });
    this.#stopped = [];
    this.#usedRoots = [];
  }

  async list(): Promise<readonly string[]> {
    if (this.#isThere()) return await this.#listed();
    throw new BenchError('runFailed', `${this.runtime} could not list its containers: the runtime was removed`);
  }

  /** A runtime that was removed during the run cannot be called any more; its failures are already counted. */
  #isThere(): boolean {
    return existsSync(this.runtime);
  }

  async #listed(): Promise<readonly string[]> {
    const ids: string[] = [];
    const asked = { runtime: this.runtime, flags: this.#options.flags, env: this.env };
    for (const root of this.#options.rootPerContainer ? pathsIn(this.#state) : [this.#state])
      ids.push(...(await listContainers(asked, root)));
    return ids;
  }

  /** crun keeps the compiled filter of a container in its state folder (open_seccomp_bpf in its seccomp.c). */
  filterFileOf(id: string): string {
    return join(this.rootOf(id), id, 'seccomp.bpf');
  }

  /** The state folder a container lives under. */
  rootOf(id: string): string {
    return this.#options.rootPerContainer ? join(this.#state, id) : this.#state;
  }

  mountsOf(arm: string): Pick<LaunchCommand, 'mounts'> {
    return this.#libraries.of(arm);
  }

  before(id: string): readonly string[] {
    return [...this.#options.flags, '--root', this.rootOf(id)];
  }

  /**
   * Kills a container while its `run` still waits: that command then cleans up, and a `delete` at the same time would
   * conflict.
   */
  async stop(id: string): Promise<void> {
    this.#stopped.push(id);
    await runTool(this.runtime, [...this.before(id), 'kill', id, 'KILL'], { env: this.env });
  }

  /** Ends and removes a container through the runtime; a container that is already gone is fine. */
  async delete(id: string): Promise<void> {
    await runTool(this.runtime, [...this.before(id), 'delete', '--force', id], { env: this.env });
  }

  command(arm: string, mode: Inside, id: string): LaunchCommand {
    const args = isExec(mode)
      ? this.#execs.args(arm, mode, id)
      : [...this.#useRoot(id), 'run', '--bundle', this.#bundles.ready(arm, mode), id];
    return { file: this.runtime, args, env: this.#childEnv, ...this.mountsOf(arm) };
  }

  /** The words before the verb. A state folder of this container alone is noted, to be cleared between blocks. */
  #useRoot(id: string): readonly string[] {
    const root = this.rootOf(id);
    if (this.#options.rootPerContainer && !this.#usedRoots.includes(root)) this.#usedRoots.push(root);
    return this.before(id);
  }

  /** Gives the containers that are still listed after they were deleted. */
  async #removeAll(): Promise<readonly string[]> {
    if (!this.#isThere()) return [];
    await this.#execs.drop();
    const left = await this.#listed();
    for (const id of left) await this.delete(id);
    return left.length === 0 ? [] : await this.#listed();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stillThere = await this.#removeAll().finally(() => {
      for (const pid of processesOfRun(this.#options.parts.runId)) killProcess(pid);
      this.#options.launcher[Symbol.dispose]();
      this.#libraries[Symbol.dispose]();
    });
    if (stillThere.length > 0) {
      throw notRemoved(this.facts.name, stillThere);
    }
    for (const folder of [this.#bundles.rootfs, this.#bundles.roots, this.#bundles.folder, this.#state])
      rmSync(folder, { recursive: true, force: true });
  }
}
