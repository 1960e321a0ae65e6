import { existsSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BenchError, interrupted } from '../../errors.js';
import type { Launcher } from '../../process/launcher.js';
import { removeCgroupsOfRun } from '../../process/cgroup/cgroups.js';
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
  PairRequest,
  RuntimeLimits,
  EngineFacts,
  FilterCaching,
} from '../../model/container/container.js';
import { isExec } from '../../model/container/program.js';
import type { PayloadMode, Inside } from '../../model/container/program.js';
import { lastWords } from '../../model/container/outcome.js';
import type { FilterCache } from '../../model/run/scenario.js';
import type { Clock } from '../../model/time.js';
import { withLibrary } from '../filter-builder.js';
import type { FilterBuilder } from '../../model/filter/builder.js';
import { CHECK_MS } from '../waiting/deadlines.js';
import { childEnvironment } from '../environment.js';
import { RuntimeLibraries } from '../libraries.js';
import { notRemoved } from '../failures.js';
import { ANY_FILTER, compiledFilterIn, compiledFiltersIn, FilterCacheFolders } from './filter-cache.js';
import { listContainers } from './list.js';
import { pathsIn } from '../../process/files/owned-folder.js';
import { createOci } from './lifecycle.js';
import type { OciRuntime } from './lifecycle.js';
import { atFirstInstruction } from '../stage-marks.js';
import { runStagedBatch } from './staged.js';
import { OciBundles } from './bundles.js';
import { OciExecs } from './exec.js';

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
  /** Why no 32-bit program runs in its containers; absent where that is not known. */
  readonly no32Bit?: string;
  /**
   * It may keep compiled filters under its state folder (--root), as crun does: then a container has one of its own, or
   * shares that of a warm arm, instead of one for all.
   */
  readonly mayKeepFilters: boolean;
  readonly stages: Engine['stages'];
  readonly loads?: NonNullable<Engine['loads']>;
  readonly parts: EngineParts;
  readonly launcher: Launcher;
  readonly clock: Clock;
}

/** Where compiled filters are, in words. */
const CACHE_WORDS = '.cache/seccomp below its state folder';

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
  readonly serves = true;
  readonly execs = true;
  readonly takesLibrary = true;
  readonly loads?: NonNullable<Engine['loads']>;
  readonly caching?: FilterCaching;
  readonly #options: OciOptions;
  readonly #bundles: OciBundles;
  readonly #execs: OciExecs;
  readonly #childEnv: readonly string[];
  readonly #libraries: RuntimeLibraries;
  readonly #state: string;
  /** Set where the runtime may keep compiled filters. */
  readonly #caches: FilterCacheFolders | null;
  /** The state folder of every container that has one of its own or its arm's. */
  readonly #roots = new Map<string, string>();
  #states: Promise<readonly FilterCache[]> | null = null;
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
    this.#bundles = new OciBundles(options.parts, options.facts);
    this.#state = join(this.workspace, 'state');
    const caches = options.mayKeepFilters ? new FilterCacheFolders(this.#state) : null;
    this.#caches = caches;
    if (caches !== null)
      this.caching = {
        statesOf: (_, signal) => (this.#states ??= this.#cacheStates(signal)),
        evidenceOf: (arm) => caches.evidenceOf(arm),
      };
    this.#execs = new OciExecs(this, this.#bundles);
    this.env = { ...options.parts.env, [RUN_VARIABLE]: options.parts.runId };
    this.#childEnv = childEnvironment(this.env);
    this.#libraries = new RuntimeLibraries({ runtime: this.runtime, env: this.env });
  }

  get hidden(): string | undefined {
    return this.#options.hidden;
  }

  no32Bit(): string | undefined {
    return this.#options.no32Bit;
  }

  builderOf(arm: string): FilterBuilder {
    return withLibrary(this.#options.builder, this.#bundles.find(arm)?.libseccomp);
  }

  async prepare(arm: ArmSpec): Promise<void> {
    await this.#execs.drop(arm.name);
    await this.#libraries.prepare(arm);
    this.#caches?.watch(arm.name, arm.cache);
    if (arm.cache === 'warm' && this.#caches !== null)
      rmSync(this.#caches.warmRoot(arm.name), { recursive: true, force: true });
    await this.#bundles.prepare(arm);
  }

  async run(request: BatchRequest): Promise<BatchRun> {
    const batch = await this.#run(request);
    this.#noteEnds(batch, request.ids);
    return batch;
  }

  async runPair({ turns, mode, timeoutMs, signal }: PairRequest): Promise<BatchRun> {
    const batch = await this.#options.launcher.run({
      commands: turns.map(({ arm, id, core }) => ({ ...this.command(arm, mode, id), core })),
      concurrency: turns.length,
      timeoutMs,
      signal,
      stop: async (index) => {
        await this.stop(turns[index]?.id ?? '');
      },
    });
    this.#noteEnds(
      batch,
      turns.map(({ id }) => id),
    );
    return batch;
  }

  #noteEnds({ containers }: BatchRun, ids: readonly string[]): void {
    containers.forEach(({ exit }, index) => {
      if (exit.kind === 'exited' && exit.code === 0) this.#caches?.endedWell(ids[index] ?? '');
    });
  }

  async #run(request: BatchRequest): Promise<BatchRun> {
    if (request.staged !== true) return this.#runWhole(request);
    if (isExec(request.mode)) {
      const batch = await this.#runWhole(request);
      return { ...batch, containers: batch.containers.map((run) => atFirstInstruction(run, this.#options.clock)) };
    }
    const arm = this.#bundles.arm(request.arm);
    return runStagedBatch(request, arm, {
      clock: this.#options.clock,
      bundle: this.#bundles.place(arm.name, 'stamp'),
      folder: this.workspace,
      config: (text) => this.#bundles.config({ ...arm, text }, 'stamp'),
      command: (id, verb, ...after) => ({
        file: this.runtime,
        args: [...(verb === 'create' ? this.#useRoot(arm.name, id) : this.before(id)), verb, ...after, id],
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
    this.#roots.set(id, this.#rootFor(arm, id));
    return createOci(this, this.#bundles.place(arm, mode), id, this.mountsOf(arm));
  }

  async betweenBlocks(): Promise<void> {
    if (this.#isThere()) for (const id of this.#stopped) await this.delete(id);
    for (const { id, root, ownRoot } of this.#caches?.look() ?? []) {
      // A state folder that still holds its container is needed to remove the container.
      if (existsSync(join(root, id))) continue;
      if (ownRoot) rmSync(root, { recursive: true, force: true });
      this.#roots.delete(id);
    }
    this.#stopped = [];
  }

  async list(): Promise<readonly string[]> {
    if (this.#isThere()) return (await this.#listed()).filter((id) => !this.#execs.isKeeper(id));
    throw new BenchError('runFailed', `${this.runtime} could not list its containers: the runtime was removed`);
  }

  /** A runtime that was removed during the run cannot be called any more; its failures are already counted. */
  #isThere(): boolean {
    return existsSync(this.runtime);
  }

  async #listed(): Promise<readonly string[]> {
    const ids: string[] = [];
    const asked = { runtime: this.runtime, flags: this.#options.flags, env: this.env };
    for (const root of this.#caches !== null ? pathsIn(this.#state) : [this.#state])
      ids.push(...(await listContainers(asked, root)));
    return ids;
  }

  /** crun keeps the compiled filter of a container in its state folder (open_seccomp_bpf in its seccomp.c). */
  filterFileOf(id: string): string {
    return join(this.rootOf(id), id, 'seccomp.bpf');
  }

  /** The state folder a container lives under. */
  rootOf(id: string): string {
    return this.#roots.get(id) ?? (this.#caches === null ? this.#state : join(this.#state, id));
  }

  #rootFor(arm: string, id: string): string {
    return this.#caches?.rootFor(arm, id) ?? this.#state;
  }

  /** Whether the runtime keeps compiled filters: does one start with a filter leave a file? */
  async #cacheStates(signal: AbortSignal): Promise<readonly FilterCache[]> {
    const [arm, id] = ['cache-check', `${this.runId}-cache-check`];
    await this.prepare({ name: arm, spec: ANY_FILTER, text: JSON.stringify(ANY_FILTER) });
    const { containers } = await this.run({
      arm,
      mode: 'exit',
      ids: [id],
      concurrency: 1,
      timeoutMs: CHECK_MS,
      signal,
    });
    const root = this.rootOf(id);
    const isKept = compiledFilterIn(root) !== undefined;
    const isTried = existsSync(compiledFiltersIn(root)) || existsSync(dirname(compiledFiltersIn(root)));
    await this.betweenBlocks();
    const [run] = containers;
    if (signal.aborted || run === undefined) throw interrupted('stopped by the user');
    if (run.exit.kind === 'exited' && run.exit.code === 0 && (isKept || !isTried))
      return isKept ? ['cold', 'warm'] : [];
    const words = lastWords(run.stderr, 1) || 'it left no file there';
    throw new BenchError('environment', `${this.runtime} could not keep a compiled filter: ${words}`, {
      hint: `It keeps compiled filters in ${CACHE_WORDS}, which must be writable.`,
    });
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
      : [...this.#useRoot(arm, id), 'run', '--bundle', this.#bundles.ready(arm, mode), id];
    return { file: this.runtime, args, env: this.#childEnv, ...this.mountsOf(arm) };
  }

  /** The words before the verb. The state folder is noted, to be looked at and cleared between blocks. */
  #useRoot(arm: string, id: string): readonly string[] {
    this.#caches?.use(arm, id);
    this.#roots.set(id, this.#rootFor(arm, id));
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
    // A runtime may leave the empty cgroups of a container that it deleted.
    await removeCgroupsOfRun(this.#options.parts.runId);
    if (stillThere.length > 0) {
      throw notRemoved(this.facts.name, stillThere);
    }
    for (const folder of [this.#bundles.rootfs, this.#bundles.roots, this.#bundles.folder, this.#state])
      rmSync(folder, { recursive: true, force: true });
  }
}
