import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../../errors.js';
import { processesOfRun } from '../../process/processes.js';
import type {
  ArmSpec,
  BatchRequest,
  BatchRun,
  ContainerRun,
  CreatedContainer,
  Engine,
  StartedContainer,
  EngineParts,
  EngineFacts,
  RuntimeLimits,
  FilterCaching,
  ServerStart,
  StartedServer,
} from '../../model/container/container.js';
import type { Containment } from '../../model/container/containment.js';
import type { FilterCache } from '../../model/run/scenario.js';
import type { EngineHost } from '../../model/container/engine-host.js';
import { isExec } from '../../model/container/program.js';
import type { Inside, PayloadMode } from '../../model/container/program.js';
import type { FilterBuilder } from '../../model/filter/builder.js';
import type { Clock, Nanoseconds } from '../../model/time.js';
import { notPrepared, serverNotSeen } from '../failures.js';
import { containerOptions, daemonArm } from './arm.js';
import type { DaemonArm, Flavour } from './arm.js';
import { runBatch } from '../daemon-batch.js';
import type { ContainerOptions, Daemon } from './daemon.js';
import { DaemonExecs } from './execs.js';
import { apiFailure, isBeingRemoved } from './failures.js';
import { ANY_FILTER } from '../oci/filter-cache.js';
import { cachedFilterOf, SharedFilterCache } from '../oci/shared-filter-cache.js';
import { createOnDaemon } from './lifecycle.js';
import { serveOnDaemon } from './server.js';
import { runTimed } from './timed.js';

export interface DaemonOptions {
  readonly facts: EngineFacts;
  readonly flavour: Flavour;
  /** Of its runtime, as far as they are known. */
  readonly limits: RuntimeLimits;
  readonly builder: FilterBuilder;
  /** `uname -m` of the daemon's machine. */
  readonly machine: string;
  /** The daemon's machine, where that is another one. */
  readonly host?: EngineHost;
  readonly image: string;
  readonly runtime: string | null;
  /** Whether the daemon listens on a socket of this machine; it may still be a tunnel. */
  readonly onSocket: boolean;
  readonly containment: Containment;
  /** Why no 32-bit program runs in its containers; absent where that is not known. */
  readonly no32Bit?: string;
  readonly daemon: Daemon;
  readonly parts: EngineParts;
  readonly clock: Clock;
}

/**
 * Docker or Podman through its API: a daemon makes the containers, so there is no child process whose CPU time
 * counts.
 */
export class DaemonEngine implements Engine {
  readonly facts: EngineFacts;
  readonly limits: RuntimeLimits;
  readonly machine: string;
  readonly host?: EngineHost;
  readonly stages = 'always';
  readonly programs = 'binds';
  readonly execs = true;
  readonly serves = true;
  readonly #options: DaemonOptions;
  readonly #execs: DaemonExecs;
  readonly #arms = new Map<string, DaemonArm>();
  readonly caching: FilterCaching;
  readonly #cache = new SharedFilterCache();
  #states: Promise<readonly FilterCache[]> | null = null;
  /** Set once a pid given by the daemon turned out to be a process of this run on this machine. */
  #sameHost = false;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.facts = options.facts;
    this.limits = options.limits;
    this.machine = options.machine;
    if (options.host !== undefined) this.host = options.host;
    this.#execs = new DaemonExecs(options.daemon, options.clock, (arm, name, keeper) =>
      this.#create(arm, `${options.parts.runId}-${name}`, keeper),
    );
    this.caching = {
      statesOf: () => (this.#states ??= this.#cacheStates()),
      evidenceOf: (arm) => this.#cache.evidenceOf(arm),
    };
  }

  builderOf(): FilterBuilder {
    return this.#options.builder;
  }

  async prepare(arm: ArmSpec): Promise<void> {
    const { flavour, parts } = this.#options;
    await this.#execs.drop(arm.name);
    this.#arms.set(arm.name, daemonArm(arm, flavour, join(parts.workspace, 'profiles')));
    this.#cache.watch(arm.name, arm.cache);
  }

  command(): null {
    return null;
  }

  no32Bit(): string | undefined {
    return this.#options.no32Bit;
  }

  daemonSocket(): string | null {
    const { onSocket, daemon } = this.#options;
    return onSocket ? daemon.endpoint.host.replace('unix://', '') : null;
  }

  async run(request: BatchRequest): Promise<BatchRun> {
    const { arm, ids, concurrency, signal, mode: program, timeoutMs } = request;
    if (isExec(program)) {
      await this.#execs.ready(arm, program);
      const exec = (_: string, startedAt: Nanoseconds): Promise<ContainerRun> =>
        this.#execs.run({ arm, program, startedAt, timeoutMs, signal });
      return await runBatch({ ids, concurrency, signal, one: exec }, this.#options.clock);
    }
    const one = (id: string, startedAt: Nanoseconds): Promise<ContainerRun> => this.#one(request, id, startedAt);
    const batch = await runBatch({ ids, concurrency, signal, one }, this.#options.clock);
    const ended = batch.containers.filter(({ exit }) => exit.kind === 'exited' && exit.code === 0);
    this.#cache.endedWell(arm, ended.length);
    return batch;
  }

  /** Whether crun beneath the daemon keeps compiled filters where this process can see it: one container tells. */
  async #cacheStates(): Promise<readonly FilterCache[]> {
    if (this.facts.runtime?.name !== 'crun') return [];
    const [arm, id] = ['cache-check', `${this.#options.parts.runId}-cache-check`];
    await this.prepare({ name: arm, spec: ANY_FILTER, text: JSON.stringify(ANY_FILTER) });
    await using created = await this.create(arm, id, 'sleep');
    await using started = await created.start();
    const isKept = this.#sameHost && cachedFilterOf({ id: await this.#fullId(id), pid: started.pid }) !== undefined;
    await (await started.kill()).remove();
    return isKept ? ['warm'] : [];
  }

  /** The daemon's id of a container by its name. */
  async #fullId(name: string): Promise<string> {
    return (await this.#options.daemon.inspect(name)).Id;
  }

  #one(
    { arm, mode, staged = false, timeoutMs, signal }: BatchRequest,
    id: string,
    startedAt: Nanoseconds,
  ): Promise<ContainerRun> {
    const { daemon, flavour, parts, clock } = this.#options;
    const { spec } = this.#arm(arm);
    const write = (): unknown =>
      daemonArm({ ...spec, text: spec.remake?.serialise() ?? spec.text }, flavour, join(parts.workspace, 'profiles'));
    return runTimed(
      daemon,
      {
        id,
        flavour,
        startedAt,
        timeoutMs,
        signal,
        sameClock: this.#sameHost,
        before: staged
          ? [
              ['convert', () => spec.remake?.convert()],
              ['write', write],
            ]
          : [],
        options: () => this.#container(arm, id, staged ? 'stamp' : mode),
      },
      clock,
    );
  }

  /** Whether its containers are processes of this machine was seen when their filters were proved. */
  serve({ arm, program, id, signal }: ServerStart): Promise<StartedServer> {
    const { daemon, flavour } = this.#options;
    if (!this.#sameHost) throw serverNotSeen(`the engine at ${daemon.endpoint.host}`);
    return serveOnDaemon(daemon, { id, signal, flavour, container: this.#container(arm, id, program) });
  }

  create(arm: string, id: string, mode: PayloadMode): Promise<CreatedContainer> {
    return this.#create(arm, id, mode);
  }

  async #create(arm: string, id: string, mode: Inside): Promise<CreatedContainer> {
    const created = await createOnDaemon(this.#options.daemon, {
      id,
      arm: this.#arm(arm),
      options: this.#container(arm, id, mode),
      whyHidden: (pid) => this.#whyHidden(pid),
      filterFileOf: (container) => this.#filterFileOf(container),
    });
    if (this.#cache.evidenceOf(arm) === undefined) return created;
    const start = async (): Promise<StartedContainer> => {
      const started = await created.start();
      if (this.#sameHost) this.#cache.learn(arm, { id: await this.#fullId(id), pid: started.pid });
      return started;
    };
    return { ...created, start };
  }

  #container(arm: string, id: string, mode: Inside): ContainerOptions {
    const { image, runtime, parts, flavour } = this.#options;
    const { containment } = this.#options;
    return containerOptions(id, this.#arm(arm), { image, runtime, flavour, runId: parts.runId, mode, containment });
  }

  #arm(name: string): DaemonArm {
    const arm = this.#arms.get(name);
    if (arm === undefined) throw notPrepared(name);
    return arm;
  }

  /** Podman leaves crun its usual state folder, root's or the user's. */
  #filterFileOf(container: string): string | undefined {
    const { flavour, onSocket, parts } = this.#options;
    if (flavour !== 'podman' || !onSocket) return undefined;
    return ['/run', parts.env['XDG_RUNTIME_DIR'] ?? '']
      .filter((folder) => folder !== '')
      .map((folder) => join(folder, 'crun', container, 'seccomp.bpf'))
      .find((file) => existsSync(file));
  }

  /** A pid of another machine or process namespace belongs to some other process here. */
  #whyHidden(pid: number): string | undefined {
    const { onSocket, parts, daemon } = this.#options;
    this.#sameHost = onSocket && processesOfRun(parts.runId).includes(pid);
    return this.#sameHost
      ? undefined
      : `process ${pid} of the engine at ${daemon.endpoint.host} is on another machine or in another process namespace`;
  }

  betweenBlocks(): Promise<void> {
    this.#cache.look();
    return Promise.resolve();
  }

  /** Throws `runFailed` where the daemon does not answer, because nobody knows what is left there. */
  async list(): Promise<readonly string[]> {
    try {
      return (await this.#left()).filter((id) => !this.#execs.isKeeper(id));
    } catch (error) {
      throw new BenchError(
        'runFailed',
        `${this.facts.name} could not list its containers: ${apiFailure(error).words}`,
        { cause: error },
      );
    }
  }

  #left(): Promise<readonly string[]> {
    return this.#options.daemon.containersOf(this.#options.parts.runId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { daemon, parts } = this.#options;
    try {
      await removeRun(daemon, parts.runId);
      const stillThere = await this.#left();
      if (stillThere.length > 0) throw new Error(`${stillThere.join(', ')} still there`);
    } catch (error) {
      const { answer, words, status } = apiFailure(error);
      throw new BenchError(
        'runFailed',
        `${this.facts.name} did not remove its containers and its image: ` +
          (status === null && answer === 'Error' ? words : `${answer}: ${words}`),
        {
          hint: 'bench clean tries again.',
          cause: error,
        },
      );
    }
  }
}

/** Removes every container and image of a run from a daemon; gives the containers' names. */
export async function removeRun(daemon: Daemon, runId: string): Promise<readonly string[]> {
  const names = await daemon.containersOf(runId);
  for (const name of names)
    await daemon.remove(name).catch((error: unknown) => {
      if (!isBeingRemoved(error)) throw error;
    });
  await daemon.removeImagesOf(runId);
  return names;
}
