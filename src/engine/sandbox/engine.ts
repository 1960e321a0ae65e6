import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import { Child } from '../../process/child.js';
import type { RunCgroup } from '../../process/cgroup/run-cgroup.js';
import type { Launcher } from '../../process/launcher.js';
import { findDescendant, killProcess, processesOfRun, RUN_VARIABLE } from '../../process/processes.js';
import type {
  ArmSpec,
  BatchRequest,
  BatchRun,
  CreatedContainer,
  Engine,
  EngineParts,
  LaunchCommand,
  PairRequest,
  ExitedContainer,
  RemovedContainer,
  StartedContainer,
  EngineFacts,
  RuntimeLimits,
} from '../../model/container/container.js';
import { PIDS_LIMIT } from '../../model/container/containment.js';
import type { PayloadMode, ContainerProgram, Inside } from '../../model/container/program.js';
import { isUnconfined } from '../../model/container/container.js';
import { isProgram } from '../../model/container/program.js';
import type { GivenSource } from '../../model/profile/source.js';
import { writeArmFile } from '../arm-file.js';
import { PLAIN_BUILDER, withLibrary } from '../filter-builder.js';
import type { FilterBuilder } from '../../model/filter/builder.js';
import { END_MS, READY_MS } from '../waiting/deadlines.js';
import { childEnvironment } from '../environment.js';
import { notPrepared, payloadNotReady } from '../failures.js';
import type { ProgramRoot } from '../program-root.js';
import { nameOfInside } from '../programs.js';
import { PIDS_OF_BENCH } from './limits.js';

/** What one container needs to know of its arm and its place. */
export interface Inhabitant {
  readonly inside: Inside;
  readonly root: ProgramRoot;
  /** It is the payload's own root, with neither devices nor a place to write. */
  readonly bare: boolean;
  /** How many times the filter is loaded; 0: no filter. */
  readonly filters: number;
  /** The file of {@link Sandbox.placeText}. */
  readonly place: string;
}

/** How a container is made from a filter that can be read from a descriptor. */
export interface Sandbox {
  readonly limits: RuntimeLimits;
  /** The program to start (an absolute path) and its arguments, with the places that `bpf-build` fills in. */
  readonly words: (inhabitant: Inhabitant) => readonly string[];
  /** What tells the program in the new namespaces how to make the container's place; absent: its words do. */
  readonly placeText?: (inhabitant: Pick<Inhabitant, 'inside' | 'root' | 'bare'>) => string;
  /** Makes a program's root in a folder that holds the payload's already. Throws `environment` and `input`. */
  readonly makeRoot: (folder: string, program: ContainerProgram) => ProgramRoot;
}

export interface SandboxOptions {
  readonly facts: EngineFacts;
  readonly sandbox: Sandbox;
  readonly parts: EngineParts;
  readonly launcher: Launcher;
  /** Holds the run's processes, this one among them. */
  readonly cgroup: RunCgroup;
}

/** Where a container runs. */
interface Place {
  readonly root: ProgramRoot;
  readonly bare: boolean;
  readonly file: string;
}

interface PreparedArm {
  readonly rules: string;
  /** How many times its filter is loaded. */
  readonly filters: number;
  /** A libseccomp of its own. */
  readonly library: string | undefined;
}

/**
 * An engine without a runtime that makes filters: one child builds the arm's filter, or opens the one built before, and
 * becomes the program that makes the container, so that its wall time and rusage include everything.
 */
export class SandboxEngine implements Engine {
  readonly facts: EngineFacts;
  readonly limits: RuntimeLimits;
  readonly stages = 'never';
  readonly programs = 'anyRoot';
  readonly serves = true;
  readonly makesFilters = true;
  readonly takesLibrary = true;
  readonly loads: ReadonlySet<GivenSource['kind']> = new Set(['raw']);
  readonly #options: SandboxOptions;
  readonly #rootfs: string;
  readonly #arms: string;
  readonly #childEnv: readonly string[];
  readonly #prepared = new Map<string, PreparedArm>();
  #atATime = 1;
  readonly #places = new Map<string, Place>();

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.facts = options.facts;
    this.limits = options.sandbox.limits;
    this.#rootfs = join(options.parts.workspace, 'rootfs');
    this.#arms = join(options.parts.workspace, 'arms');
    this.#childEnv = childEnvironment({ ...options.parts.env, [RUN_VARIABLE]: options.parts.runId });
  }

  builderOf(arm: string): FilterBuilder {
    return withLibrary(PLAIN_BUILDER, this.#prepared.get(arm)?.library);
  }

  async prepare(arm: ArmSpec): Promise<void> {
    const { parts } = this.#options;
    if (this.#prepared.size === 0) await parts.writeRootfs(this.#rootfs);
    const file = join(this.#arms, arm.name, 'rules');
    const filter = join(this.#arms, arm.name, 'filter');
    const prebuilt = arm.given?.kind === 'raw' ? arm.given.filter : arm.prebuilt;
    if (prebuilt !== undefined) writeArmFile(filter, prebuilt);
    const making = { ...arm.making, ...(arm.libseccomp === undefined ? {} : { library: arm.libseccomp }) };
    writeArmFile(file, parts.rulesText(arm.spec, making, prebuilt === undefined ? undefined : filter));
    this.#prepared.set(arm.name, {
      rules: file,
      filters: isUnconfined(arm) ? 0 : (arm.making?.stacked ?? 1),
      library: arm.libseccomp,
    });
  }

  async prepareProgram(_arm: string, program: ContainerProgram): Promise<void> {
    await this.#ready(program);
  }

  async run(request: BatchRequest): Promise<BatchRun> {
    const command = this.command(request.arm, await this.#ready(request.mode));
    this.#allow(Math.min(request.concurrency, request.ids.length));
    return this.#options.launcher.run({
      commands: request.ids.map(() => command),
      concurrency: request.concurrency,
      timeoutMs: request.timeoutMs,
      signal: request.signal,
      // The launcher kills the child; the parent-death signal (--kill-child, --die-with-parent) takes the payload too.
      stop: () => Promise.resolve(),
    });
  }

  async runPair({ turns, mode, timeoutMs, signal }: PairRequest): Promise<BatchRun> {
    const inside = await this.#ready(mode);
    this.#allow(turns.length);
    return this.#options.launcher.run({
      commands: turns.map(({ arm, core }) => ({ ...this.command(arm, inside), core })),
      concurrency: turns.length,
      timeoutMs,
      signal,
      stop: () => Promise.resolve(),
    });
  }

  /** The cgroup holds all containers that run at a time, and bench. */
  #allow(containers: number): void {
    if (containers <= this.#atATime) return;
    this.#atATime = containers;
    this.#options.cgroup.limit('pids', PIDS_OF_BENCH + containers * PIDS_LIMIT);
  }

  /** A program's root is made on first use, before anything is timed. */
  async #ready(inside: Inside): Promise<Inside> {
    const name = nameOfInside(inside);
    if (!isProgram(inside) || !needsRoot(inside) || this.#places.has(name)) return inside;
    const { parts, sandbox } = this.#options;
    const folder = join(parts.workspace, 'roots', name);
    await parts.writeRootfs(folder);
    this.#addPlace(inside, sandbox.makeRoot(folder, inside), false);
    return inside;
  }

  #addPlace(inside: Inside, root: ProgramRoot, bare: boolean): Place {
    const { sandbox } = this.#options;
    const name = nameOfInside(inside);
    const place = { root, bare, file: join(this.#arms, '.places', name) };
    if (sandbox.placeText !== undefined) writeArmFile(place.file, sandbox.placeText({ inside, root, bare }));
    this.#places.set(name, place);
    return place;
  }

  create(arm: string, id: string, mode: PayloadMode): Promise<CreatedContainer> {
    const command = this.command(arm, mode);
    return Promise.resolve({
      state: 'created',
      id,
      start: () => this.#start(command, id),
      remove: () => Promise.resolve({ state: 'removed', id }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  }

  betweenBlocks(): Promise<void> {
    return Promise.resolve();
  }

  list(): Promise<readonly string[]> {
    return Promise.resolve(processesOfRun(this.#options.parts.runId).map((pid) => `process ${pid}`));
  }

  async #start(command: LaunchCommand, id: string): Promise<StartedContainer> {
    const child = new Child(command);
    const ready = await child.until(() => child.output.startsWith('ready'), READY_MS);
    const pid = ready ? findDescendant(child.pid, '/payload') : undefined;
    if (pid === undefined) {
      const words = child.takeErrors().trim();
      await child[Symbol.asyncDispose]();
      throw payloadNotReady(words, id);
    }
    return {
      state: 'started',
      id,
      pid,
      kill: () => killed(child, id),
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  }

  command(arm: string, inside: Inside): LaunchCommand {
    const { parts, sandbox } = this.#options;
    const { rules, filters } = this.#arm(arm);
    const { root, bare, file } = this.#placeOf(inside);
    const words = sandbox.words({ inside, root, bare, filters, place: file });
    return {
      file: parts.payload.bpfBuild,
      args: [rules, '--', ...words],
      env: isProgram(inside) ? [...inside.env, `${RUN_VARIABLE}=${parts.runId}`] : this.#childEnv,
    };
  }

  #placeOf(inside: Inside): Place {
    const found = this.#places.get(nameOfInside(inside));
    if (found !== undefined) return found;
    if (isProgram(inside) && needsRoot(inside))
      throw new BenchError('runFailed', `the root of ${inside.args[0] ?? 'a program'} was not created`);
    return this.#addPlace(inside, { folder: this.#rootfs, binds: [] }, true);
  }

  #arm(name: string): PreparedArm {
    const prepared = this.#prepared.get(name);
    if (prepared === undefined) throw notPrepared(name);
    return prepared;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of processesOfRun(this.#options.parts.runId)) killProcess(pid);
    this.#options.launcher[Symbol.dispose]();
    await this.#options.cgroup.leave();
    for (const folder of [this.#rootfs, this.#arms, join(this.#options.parts.workspace, 'roots')])
      rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a program sees more than the payload's own root. */
const needsRoot = ({ rootfs, binds }: ContainerProgram): boolean => rootfs !== undefined || binds.length > 0;

async function killed(child: Child, id: string): Promise<ExitedContainer> {
  await child.kill(END_MS);
  const remove = async (): Promise<RemovedContainer> => {
    await child[Symbol.asyncDispose]();
    return { state: 'removed', id };
  };
  return {
    state: 'exited',
    id,
    remove,
    [Symbol.asyncDispose]: async () => {
      await remove();
    },
  };
}
