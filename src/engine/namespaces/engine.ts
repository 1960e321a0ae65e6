import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import { Child } from '../../process/child.js';
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
  ExitedContainer,
  RemovedContainer,
  StartedContainer,
  EngineFacts,
  RuntimeLimits,
} from '../../model/container/container.js';
import type { PayloadMode, ContainerProgram, Inside } from '../../model/container/program.js';
import { isProgram } from '../../model/container/program.js';
import type { GivenSource } from '../../model/profile/source.js';
import { writeArmFile } from '../arm-file.js';
import { PLAIN_BUILDER, withLibrary } from '../filter-builder.js';
import type { FilterBuilder } from '../../model/filter/builder.js';
import { childEnvironment } from '../environment.js';
import { notPrepared, payloadNotReady } from '../failures.js';
import { makeProgramRoot, mountArgs } from './root.js';
import type { ProgramRoot } from '../program-root.js';
import { programOf } from '../oci/config.js';
import { nameOfInside } from '../programs.js';

export interface NamespacesOptions {
  readonly facts: EngineFacts;
  /** util-linux's unshare. */
  readonly unshare: string;
  readonly parts: EngineParts;
  readonly launcher: Launcher;
}

/** Flags that its loader passes to seccomp(2): those that need no listener (filter/build/rules-text.ts). */
const LOADER_FLAGS: ReadonlySet<string> = new Set(
  ['TSYNC', 'LOG', 'SPEC_ALLOW'].map((name) => `SECCOMP_FILTER_FLAG_${name}`),
);

const READY_LIMIT_MS = 20_000;

/**
 * The built-in engine: one child builds the arm's filter, makes the namespaces, loads the filter and runs the
 * payload, so that its wall time and rusage include everything. It needs no runtime and shows the cost of the kernel
 * alone.
 */
export class NamespacesEngine implements Engine {
  readonly facts: EngineFacts;
  readonly limits: RuntimeLimits = { loadableFlags: LOADER_FLAGS };
  readonly stages = 'never';
  readonly programs = 'anyRoot';
  readonly makesFilters = true;
  readonly loads: ReadonlySet<GivenSource['kind']> = new Set(['raw']);
  readonly #options: NamespacesOptions;
  readonly #rootfs: string;
  readonly #arms: string;
  readonly #childEnv: readonly string[];
  readonly #rules = new Map<string, string>();
  readonly #roots = new Map<string, ProgramRoot>();
  /** Arms that bring a libseccomp of their own. */
  readonly #libraries = new Map<string, string>();

  constructor(options: NamespacesOptions) {
    this.#options = options;
    this.facts = options.facts;
    this.#rootfs = join(options.parts.workspace, 'rootfs');
    this.#arms = join(options.parts.workspace, 'arms');
    this.#childEnv = childEnvironment({ ...options.parts.env, [RUN_VARIABLE]: options.parts.runId });
  }

  builderOf(arm: string): FilterBuilder {
    return withLibrary(PLAIN_BUILDER, this.#libraries.get(arm));
  }

  async prepare(arm: ArmSpec): Promise<void> {
    const { parts } = this.#options;
    if (this.#rules.size === 0) await parts.writeRootfs(this.#rootfs);
    const file = join(this.#arms, arm.name, 'rules');
    const filter = join(this.#arms, arm.name, 'filter');
    const prebuilt = arm.given?.kind === 'raw' ? arm.given.filter : arm.prebuilt;
    if (prebuilt !== undefined) writeArmFile(filter, prebuilt);
    writeArmFile(file, parts.rulesText(arm.spec, arm.making, prebuilt === undefined ? undefined : filter));
    this.#rules.set(arm.name, file);
    this.#libraries.delete(arm.name);
    if (arm.libseccomp !== undefined) this.#libraries.set(arm.name, arm.libseccomp);
  }

  async run(request: BatchRequest): Promise<BatchRun> {
    const command = this.command(request.arm, await this.#ready(request.mode));
    return this.#options.launcher.run({
      commands: request.ids.map(() => command),
      concurrency: request.concurrency,
      timeoutMs: request.timeoutMs,
      signal: request.signal,
      // The launcher kills the child; --kill-child and the parent-death signal take the payload with it.
      stop: () => Promise.resolve(),
    });
  }

  /** A program's root is made on first use, before anything is timed. */
  async #ready(inside: Inside): Promise<Inside> {
    const name = nameOfInside(inside);
    if (!isProgram(inside) || !needsRoot(inside) || this.#roots.has(name)) return inside;
    const { parts } = this.#options;
    this.#roots.set(name, await makeProgramRoot(join(parts.workspace, 'roots', name), inside, parts.writeRootfs));
    return inside;
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
    const ready = await child.until(() => child.output.startsWith('ready'), READY_LIMIT_MS);
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

  command(arm: string, mode: Inside): LaunchCommand {
    const { parts, unshare, facts } = this.#options;
    const rules = this.#rules.get(arm);
    if (rules === undefined) throw notPrepared(arm);
    return {
      file: parts.payload.bpfBuild,
      args: [
        rules,
        '--',
        unshare,
        '--mount',
        '--uts',
        '--ipc',
        '--net',
        '--pid',
        '--fork',
        '--kill-child',
        ...(facts.rootless ? ['--user', '--map-root-user'] : []),
        ...this.#enter(mode),
        '/loader',
        '{fd}',
        ...programOf(mode).args,
      ],
      env: isProgram(mode) ? [...mode.env, `${RUN_VARIABLE}=${parts.runId}`] : this.#childEnv,
    };
  }

  /** The arguments that enter the root. */
  #enter(mode: Inside): readonly string[] {
    if (!isProgram(mode)) return [`--root=${this.#rootfs}`];
    if (!needsRoot(mode)) return [`--root=${this.#rootfs}`, `--wd=${mode.cwd}`];
    const root = this.#roots.get(nameOfInside(mode));
    if (root === undefined)
      throw new BenchError('runFailed', `the root of ${mode.args[0] ?? 'a program'} was not created`);
    return mountArgs(root, { unshare: this.#options.unshare, cwd: mode.cwd, rootless: this.facts.rootless });
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const pid of processesOfRun(this.#options.parts.runId)) killProcess(pid);
    this.#options.launcher[Symbol.dispose]();
    for (const folder of [this.#rootfs, this.#arms, join(this.#options.parts.workspace, 'roots')])
      rmSync(folder, { recursive: true, force: true });
    return Promise.resolve();
  }
}

/** Whether a program sees more than the payload's own root. */
const needsRoot = ({ rootfs, binds }: ContainerProgram): boolean => rootfs !== undefined || binds.length > 0;

async function killed(child: Child, id: string): Promise<ExitedContainer> {
  await child.kill(READY_LIMIT_MS);
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
