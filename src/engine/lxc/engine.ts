import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeCgroups } from '../../process/cgroup/cgroups.js';
import type { Launcher } from '../../process/launcher.js';
import { killProcess, processesOfRun, RUN_VARIABLE } from '../../process/processes.js';
import { runTool } from '../../process/run-tool.js';
import { PAYLOAD_MODES } from '../../model/container/program.js';
import type {
  ArmSpec,
  BatchRequest,
  BatchRun,
  CreatedContainer,
  Engine,
  EngineParts,
  LaunchCommand,
  EngineFacts,
} from '../../model/container/container.js';
import type { PayloadMode, Inside } from '../../model/container/program.js';
import { nanoseconds } from '../../model/time.js';
import type { Clock } from '../../model/time.js';
import { isUnconfined } from '../../model/container/container.js';
import type { FilterBuilder, LxcBuilder } from '../../model/filter/builder.js';
import type { WrittenFile } from '../../model/container/written.js';
import type { Containment } from '../../model/container/containment.js';
import type { GivenSource } from '../../model/profile/source.js';
import { STOP_TOOL_MS } from '../waiting/deadlines.js';
import { childEnvironment } from '../environment.js';
import { RuntimeLibraries } from '../libraries.js';
import { notPrepared, notRemoved } from '../failures.js';
import { lxcConfig } from './config.js';
import { createLxc } from './lifecycle.js';
import { payloadOnly } from '../programs.js';
import { notWritten, stagesOf, withWrite, writeTimed } from './write.js';
import type { Write } from './write.js';

export interface LxcOptions {
  readonly facts: EngineFacts;
  /** Absolute path; LXC's other programs are in the same folder. */
  readonly lxcStart: string;
  readonly containment: Containment;
  readonly parts: EngineParts;
  readonly launcher: Launcher;
  readonly clock: Clock;
}

const NO_FILE: WrittenFile = { text: '', bytes: 0, lines: 0, sections: 0, leftOut: [] };

/** The file of an arm without a spec: a policy is loaded as it was given. */
function fileOf({ given, text }: ArmSpec): WrittenFile {
  if (given?.kind !== 'lxc') return NO_FILE;
  const sections = text.split('\n').filter((line) => line.startsWith('[')).length;
  return { text, bytes: Buffer.byteLength(text), lines: text.split('\n').length - 1, sections, leftOut: [] };
}

const LXC_BUILDER: LxcBuilder = { kind: 'lxc' };

/**
 * LXC, used as lcr uses it: each container's seccomp file is written when it starts, as part of the timed path. The
 * child whose wall time and rusage count is `lxc-start` in the foreground.
 */
export class LxcEngine implements Engine {
  readonly facts: EngineFacts;
  readonly limits = { skipsForeign: true };
  readonly stages = 'always';
  readonly programs = 'none';
  readonly takesLibrary = true;
  readonly loads: ReadonlySet<GivenSource['kind']> = new Set(['lxc']);
  readonly #options: LxcOptions;
  readonly #folder: string;
  readonly #rootfs: string;
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #childEnv: readonly string[];
  readonly #libraries: RuntimeLibraries;
  readonly #arms = new Map<string, { readonly arm: ArmSpec; readonly written: WrittenFile }>();
  #files: string[] = [];

  constructor(options: LxcOptions) {
    this.#options = options;
    this.facts = options.facts;
    this.#folder = join(options.parts.workspace, 'lxc');
    this.#rootfs = join(options.parts.workspace, 'rootfs');
    this.#env = { ...options.parts.env, [RUN_VARIABLE]: options.parts.runId };
    this.#childEnv = childEnvironment(this.#env);
    this.#libraries = new RuntimeLibraries({ runtime: options.lxcStart, env: this.#env });
  }

  builderOf(arm: string): FilterBuilder {
    const library = this.#arms.get(arm)?.arm.libseccomp;
    return library === undefined ? LXC_BUILDER : { ...LXC_BUILDER, library };
  }

  async prepare(arm: ArmSpec): Promise<void> {
    if (this.#arms.size === 0) await this.#prepareHost();
    await this.#libraries.prepare(arm);
    const { parts } = this.#options;
    const written = arm.spec === null ? fileOf(arm) : parts.lxc.describe(arm.spec);
    this.#arms.set(arm.name, { arm, written });
    // For containers that are not timed.
    if (!isUnconfined(arm)) writeFileSync(this.#armFile(arm.name), written.text);
  }

  async #prepareHost(): Promise<void> {
    const { parts, containment } = this.#options;
    await parts.writeRootfs(this.#rootfs);
    for (const folder of ['containers', 'configs', 'arms', 'files'])
      mkdirSync(join(this.#folder, folder), { recursive: true });
    for (const mode of PAYLOAD_MODES)
      writeFileSync(
        this.#config(mode),
        lxcConfig({ rootfs: this.#rootfs, mode, env: [`${RUN_VARIABLE}=${parts.runId}`], containment }),
      );
  }

  written(arm: string): WrittenFile {
    return this.#armOf(arm).written;
  }

  /**
   * The files of a batch are written one after the other, then its containers start. The makespan includes all of it,
   * a container's wall time only its own file and start.
   */
  async run({ arm, mode, ids, concurrency, timeoutMs, signal, staged = false }: BatchRequest): Promise<BatchRun> {
    const { clock, launcher } = this.#options;
    const startedAt = clock();
    const written = ids.map((id) => ({ id, write: this.#write(arm, id) }));
    const ready = written.filter(({ write }) => write.errno === undefined);
    const batch = await launcher.run({
      commands: ready.map(({ id }) =>
        this.#command(arm, staged ? 'stamp' : payloadOnly(mode, this), id, this.#fileFor(arm, id)),
      ),
      concurrency,
      timeoutMs,
      signal,
      stop: async (index) => {
        await this.#stop(ready[index]?.id ?? '');
      },
    });
    const containers = written.map(({ id, write }) => {
      const run = batch.containers[ready.findIndex((one) => one.id === id)];
      if (run === undefined) return notWritten(this.#file(id), write);
      // Containers in parallel would disturb each other's stages.
      return withWrite(run, write, ids.length === 1 ? stagesOf(run, write, clock) : undefined);
    });
    return { startedAt, makespan: nanoseconds(batch.startedAt + batch.makespan - startedAt), containers };
  }

  #write(arm: string, id: string): Write {
    const { clock, parts } = this.#options;
    const { arm: own } = this.#armOf(arm);
    const { spec, text } = own;
    if (isUnconfined(own))
      return { startedAt: clock(), wall: nanoseconds(0), user: nanoseconds(0), system: nanoseconds(0) };
    this.#files.push(this.#file(id));
    return writeTimed(this.#file(id), () => (spec === null ? text : parts.lxc.text(spec)), clock);
  }

  create(arm: string, id: string, mode: PayloadMode): Promise<CreatedContainer> {
    return Promise.resolve(createLxc(this.command(arm, mode, id), id, () => this.#stop(id)));
  }

  command(arm: string, mode: Inside, id: string): LaunchCommand {
    return this.#command(
      arm,
      payloadOnly(mode, this),
      id,
      isUnconfined(this.#armOf(arm).arm) ? undefined : this.#armFile(arm),
    );
  }

  #command(arm: string, mode: PayloadMode, id: string, file: string | undefined): LaunchCommand {
    const { lxcStart, parts } = this.#options;
    const cgroup = `${parts.runId}/${id}`;
    const own = {
      'lxc.cgroup.dir.container': `${cgroup}/payload`,
      'lxc.cgroup.dir.monitor': `${cgroup}/monitor`,
      'lxc.cgroup.dir.monitor.pivot': `${parts.runId}/pivot`,
      ...(file === undefined ? {} : { 'lxc.seccomp.profile': file }),
    };
    const defines = Object.entries(own).flatMap(([key, value]) => ['-s', `${key}=${value}`]);
    return {
      file: lxcStart,
      args: ['-F', '-n', id, '-P', this.#path, '-f', this.#config(mode), ...defines],
      env: this.#childEnv,
      ...this.#libraries.of(arm),
    };
  }

  betweenBlocks(): Promise<void> {
    for (const file of this.#files) rmSync(file, { force: true });
    this.#files = [];
    return Promise.resolve();
  }

  async list(): Promise<readonly string[]> {
    const tool = this.#tool('lxc-ls');
    if (!existsSync(tool) || this.#arms.size === 0) return [];
    const { stdout } = await runTool(tool, ['-1', '--active', '-P', this.#path], { env: this.#env });
    return stdout
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  }

  /** Kills a container; `lxc-start` then ends and cleans up after it. */
  async #stop(id: string): Promise<void> {
    await runTool(this.#tool('lxc-stop'), ['-k', '-n', id, '-P', this.#path], {
      env: this.#env,
      timeoutMs: STOP_TOOL_MS,
    });
  }

  #tool(name: string): string {
    return join(dirname(this.#options.lxcStart), name);
  }

  /** LXC's own folder (--lxcpath). */
  get #path(): string {
    return join(this.#folder, 'containers');
  }

  #config(mode: PayloadMode): string {
    return join(this.#folder, 'configs', mode);
  }

  #armFile(arm: string): string {
    return join(this.#folder, 'arms', arm);
  }

  #file(id: string): string {
    return join(this.#folder, 'files', id);
  }

  #fileFor(arm: string, id: string): string | undefined {
    return isUnconfined(this.#armOf(arm).arm) ? undefined : this.#file(id);
  }

  #armOf(name: string): { readonly arm: ArmSpec; readonly written: WrittenFile } {
    const found = this.#arms.get(name);
    if (found === undefined) throw notPrepared(name);
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { parts, launcher } = this.#options;
    for (const id of await this.list()) await this.#stop(id).catch(() => undefined);
    for (const pid of processesOfRun(parts.runId)) killProcess(pid);
    const left = await removeCgroups(parts.runId);
    launcher[Symbol.dispose]();
    this.#libraries[Symbol.dispose]();
    for (const folder of [this.#folder, this.#rootfs]) rmSync(folder, { recursive: true, force: true });
    if (left.length > 0) throw notRemoved('lxc', left);
  }
}
