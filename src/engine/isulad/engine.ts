import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Launcher } from '../../process/launcher.js';
import { RUN_VARIABLE } from '../../process/processes.js';
import { NO_USAGE } from '../../process/waiter.js';
import type {
  ArmSpec,
  BatchRequest,
  BatchRun,
  ContainerRun,
  CreatedContainer,
  Engine,
  EngineParts,
  LaunchCommand,
  RuntimeLimits,
  EngineFacts,
} from '../../model/container/container.js';
import type { Containment } from '../../model/container/containment.js';
import type { PayloadMode } from '../../model/container/program.js';
import { nanoseconds } from '../../model/time.js';
import type { Clock } from '../../model/time.js';
import { tryWrite, writeArmFile } from '../arm-file.js';
import { childEnvironment } from '../environment.js';
import { notPrepared, notRemoved } from '../failures.js';
import { containerArgs, containersOf, killContainer, removeContainer } from './isula.js';
import type { Isula, IsulaContainer } from './isula.js';
import { payloadOnly } from '../programs.js';
import { createIsulad } from './lifecycle.js';
import { runStagedIsulad } from './staged.js';

export interface IsuladOptions {
  readonly facts: EngineFacts;
  readonly limits: RuntimeLimits;
  /** Path of `isula`. */
  readonly program: string;
  /** `null`: iSulad's default. */
  readonly runtime: string | null;
  readonly containment: Containment;
  readonly parts: EngineParts;
  readonly launcher: Launcher;
  readonly clock: Clock;
  /** The user's wish to stop. */
  readonly signal: AbortSignal;
}

/**
 * iSulad through its command `isula`. Timed is `isula run --rm` with a profile written once per arm, or one command
 * per stage. The daemon and the runtime do the work, so there is no CPU time.
 */
export class IsuladEngine implements Engine {
  readonly facts: EngineFacts;
  readonly limits: RuntimeLimits;
  readonly stages = 'asked';
  readonly programs = 'none';
  readonly #options: IsuladOptions;
  readonly #isula: Isula;
  readonly #rootfs: string;
  readonly #profiles: string;
  readonly #arms = new Map<string, ArmSpec>();
  #toRemove: string[] = [];

  constructor(options: IsuladOptions) {
    const { parts } = options;
    this.#options = options;
    this.facts = options.facts;
    this.limits = options.limits;
    this.#isula = {
      program: options.program,
      env: { ...parts.env, [RUN_VARIABLE]: parts.runId },
      signal: options.signal,
    };
    this.#rootfs = join(parts.workspace, 'rootfs');
    this.#profiles = join(parts.workspace, 'profiles');
  }

  async prepare(arm: ArmSpec): Promise<void> {
    const { parts } = this.#options;
    if (this.#arms.size === 0) {
      await parts.writeRootfs(this.#rootfs);
      mkdirSync(this.#profiles, { recursive: true });
    }
    this.#arms.set(arm.name, arm);
    if (arm.spec !== null) writeArmFile(this.#profile(arm.name), parts.isuladProfile(arm.spec));
  }

  async run(request: BatchRequest): Promise<BatchRun> {
    const { launcher } = this.#options;
    if (request.staged === true) return await this.#runStaged(request);
    const batch = await launcher.run({
      commands: request.ids.map((id) =>
        this.#command(
          'run',
          '--rm',
          ...containerArgs(this.#container(request.arm, id, payloadOnly(request.mode, this))),
        ),
      ),
      concurrency: request.concurrency,
      timeoutMs: request.timeoutMs,
      signal: request.signal,
      stop: async (index) => {
        await this.#kill(request.ids[index] ?? '');
      },
    });
    this.#noteFailed(request.ids, batch.containers);
    // The CPU time of the client is not that of the container.
    return { ...batch, containers: batch.containers.map((container) => ({ ...container, usage: NO_USAGE })) };
  }

  /** One after the other regardless of the concurrency: containers in parallel would disturb each other's stages. */
  async #runStaged({ arm, ids, timeoutMs, signal }: BatchRequest): Promise<BatchRun> {
    const { clock, parts } = this.#options;
    const { spec, remake } = this.#arm(arm);
    const startedAt = clock();
    const containers: ContainerRun[] = [];
    for (const id of ids) {
      containers.push(
        await runStagedIsulad(
          {
            convert: () => remake?.convert(),
            write: () => (spec === null ? null : tryWrite(this.#profile(arm), parts.isuladProfile(spec))),
            create: this.#command('create', ...containerArgs(this.#container(arm, id, 'stamp'))),
            startAttached: this.#command('start', '--attach', id),
            remove: this.#command('rm', id),
            timeoutMs,
            signal,
          },
          clock,
        ),
      );
    }
    this.#noteFailed(ids, containers);
    return { startedAt, makespan: nanoseconds(clock() - startedAt), containers };
  }

  /** The remains of a failed container are removed after the block. */
  #noteFailed(ids: readonly string[], runs: readonly ContainerRun[]): void {
    this.#toRemove.push(
      ...ids.filter((_, index) => runs[index]?.exit.kind !== 'exited' || runs[index].exit.code !== 0),
    );
  }

  create(arm: string, id: string, mode: PayloadMode): Promise<CreatedContainer> {
    return createIsulad(this.#isula, this.#arm(arm), this.#container(arm, id, mode));
  }

  /** A daemon starts it, so tools that follow a child process cannot see it. */
  command(): null {
    return null;
  }

  async betweenBlocks(): Promise<void> {
    // The end of the run removes them: a daemon that hangs must not hold it once more.
    if (this.#options.signal.aborted) return;
    for (const id of this.#toRemove) await removeContainer(this.#isula, id);
    this.#toRemove = [];
  }

  list(): Promise<readonly string[]> {
    return containersOf(this.#isula, this.#options.parts.runId);
  }

  #container(arm: string, id: string, mode: PayloadMode): IsulaContainer {
    const { parts, runtime, containment } = this.#options;
    return {
      id,
      runId: parts.runId,
      rootfs: this.#rootfs,
      runtime,
      profile: this.#arm(arm).spec === null ? null : this.#profile(arm),
      mode,
      containment,
    };
  }

  #command(...args: readonly string[]): LaunchCommand {
    return { file: this.#isula.program, args, env: childEnvironment(this.#isula.env) };
  }

  /** This ends `isula run` or `isula start`. */
  async #kill(id: string): Promise<void> {
    await killContainer(this.#isula, id);
  }

  #profile(arm: string): string {
    return join(this.#profiles, `${arm}.json`);
  }

  #arm(name: string): ArmSpec {
    const arm = this.#arms.get(name);
    if (arm === undefined) throw notPrepared(name);
    return arm;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const left = await this.list();
    for (const id of left) await removeContainer(this.#isula, id).catch(() => undefined);
    const still = left.length === 0 ? [] : await this.list();
    this.#options.launcher[Symbol.dispose]();
    if (still.length > 0) throw notRemoved('isulad', still);
    for (const folder of [this.#rootfs, this.#profiles]) rmSync(folder, { recursive: true, force: true });
  }
}
