import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type {
  ArmSpec,
  BatchRequest,
  BatchRun,
  ContainerRun,
  CreatedContainer,
  Engine,
  EngineFacts,
  EngineParts,
  RuntimeLimits,
} from '../../model/container/container.js';
import type { Containment } from '../../model/container/containment.js';
import type { PodSeccomp } from '../../model/container/pod.js';
import { isExec, isProgram } from '../../model/container/program.js';
import type { Inside, PayloadMode } from '../../model/container/program.js';
import type { FilterBuilder } from '../../model/filter/builder.js';
import type { GivenSource } from '../../model/profile/source.js';
import type { Clock, Nanoseconds } from '../../model/time.js';
import { processesOfRun } from '../../process/processes.js';
import { writeArmFile } from '../arm-file.js';
import { runBatch } from '../daemon-batch.js';
import { CLEAN_HINT, notPrepared, notRemoved } from '../failures.js';
import type { CriClient } from './client.js';
import { CriExecs } from './execs.js';
import { said } from './failures.js';
import { removeImages } from './image.js';
import type { Ctr } from './image.js';
import { createPod } from './lifecycle.js';
import type { CriContainer } from './lifecycle.js';
import { podOf } from './pod.js';
import type { Pod } from './pod.js';
import { podsOf, removePods } from './remove.js';
import { pathOf } from './socket.js';
import { runTimedPod } from './timed.js';

export interface CriOptions {
  readonly facts: EngineFacts;
  readonly limits: RuntimeLimits;
  readonly builder: FilterBuilder;
  readonly client: CriClient;
  /** The name of a runtime handler; empty: the runtime's default. */
  readonly handler: string;
  /** Of the payload. */
  readonly image: string;
  /** What loads images into the runtime; absent where it has no such program. */
  readonly ctr?: Ctr;
  readonly podSeccomp: PodSeccomp;
  readonly containment: Containment;
  /** Why the payload cannot be inspected from outside; absent where it can. */
  readonly hidden?: string;
  readonly parts: EngineParts;
  readonly clock: Clock;
}

/**
 * A runtime behind Kubernetes' Container Runtime Interface: every container is a pod with one container, made by the
 * calls that a kubelet makes. The runtime does the work, so there is no CPU time.
 */
export class CriEngine implements Engine {
  readonly facts: EngineFacts;
  readonly limits: RuntimeLimits;
  readonly stages = 'always';
  readonly programs = 'binds';
  readonly execs = true;
  readonly loads: ReadonlySet<GivenSource['kind']> = new Set<GivenSource['kind']>(['runtimeDefault']);
  readonly podSeccomp: PodSeccomp;
  readonly #options: CriOptions;
  readonly #arms = new Map<string, ArmSpec>();
  readonly #execs: CriExecs;

  constructor(options: CriOptions) {
    this.#options = options;
    this.facts = options.facts;
    this.limits = options.limits;
    this.podSeccomp = options.podSeccomp;
    this.#execs = new CriExecs(options.client, options.clock, (arm, name, keeper) =>
      this.#create(arm, `${options.parts.runId}-${name}`, keeper),
    );
    for (const folder of [this.#logs, this.#scratch]) mkdirSync(folder, { recursive: true });
  }

  async prepare(arm: ArmSpec): Promise<void> {
    await this.#execs.drop(arm.name);
    this.#arms.set(arm.name, arm);
    if (arm.spec !== null) writeArmFile(this.#profile(arm.name), arm.text);
  }

  builderOf(): FilterBuilder {
    return this.#options.builder;
  }

  command(): null {
    return null;
  }

  daemonSocket(): string {
    return pathOf(this.#options.client.address);
  }

  async run(request: BatchRequest): Promise<BatchRun> {
    const { ids, concurrency, signal, arm, mode, timeoutMs } = request;
    if (isExec(mode)) await this.#execs.ready(arm, mode);
    const one = (id: string, startedAt: Nanoseconds): Promise<ContainerRun> =>
      isExec(mode)
        ? this.#execs.run({ arm, program: mode, startedAt, timeoutMs, signal })
        : this.#one(request, id, startedAt);
    return await runBatch({ ids, concurrency, signal, one }, this.#options.clock);
  }

  async #one(
    { arm, mode, staged = false, timeoutMs, signal }: BatchRequest,
    id: string,
    startedAt: Nanoseconds,
  ): Promise<ContainerRun> {
    const { client, handler, hidden, clock } = this.#options;
    const { spec, text, remake } = this.#arm(arm);
    const inside = staged ? 'stamp' : mode;
    const pod = this.#pod(arm, id, inside);
    const write = (): void => {
      if (spec !== null) writeArmFile(this.#profile(arm), remake?.serialise() ?? text);
    };
    const run = await runTimedPod(
      client,
      {
        pod,
        handler,
        startedAt,
        timeoutMs,
        signal,
        sameClock: hidden === undefined,
        writes: !isProgram(inside),
        before: staged
          ? [
              ['convert', () => remake?.convert()],
              ['write', write],
            ]
          : [],
      },
      clock,
    );
    rmSync(pod.log, { force: true });
    return run;
  }

  create(arm: string, id: string, mode: PayloadMode): Promise<CreatedContainer> {
    return this.#create(arm, id, mode);
  }

  #create(arm: string, id: string, mode: Inside): Promise<CriContainer> {
    const { client, handler } = this.#options;
    return createPod(client, {
      pod: this.#pod(arm, id, mode),
      handler,
      arm: this.#arm(arm),
      whyHidden: (pid) => this.#whyHidden(pid),
    });
  }

  /** A pid of another process namespace belongs to some other process here. */
  #whyHidden(pid: number): string | undefined {
    const { parts, client, hidden } = this.#options;
    if (hidden !== undefined || processesOfRun(parts.runId).includes(pid)) return hidden;
    return `process ${pid} of the runtime at ${client.address} is in another process namespace`;
  }

  #pod(arm: string, id: string, mode: Inside): Pod {
    const { image, podSeccomp, parts } = this.#options;
    return podOf({
      id,
      runId: parts.runId,
      arm: this.#arm(arm),
      profile: this.#profile(arm),
      podSeccomp,
      image,
      mode,
      logs: this.#logs,
      scratch: this.#scratch,
      containment: this.#options.containment,
    });
  }

  betweenBlocks(): Promise<void> {
    return Promise.resolve();
  }

  /** Throws `runFailed` where the runtime does not answer, because nobody knows what is left there. */
  async list(): Promise<readonly string[]> {
    const { client, parts } = this.#options;
    const names = (await said('list its pods', podsOf(client, parts.runId))).map(({ name }) => name);
    return names.filter((name) => !this.#execs.isKeeper(name));
  }

  #arm(name: string): ArmSpec {
    const arm = this.#arms.get(name);
    if (arm === undefined) throw notPrepared(name);
    return arm;
  }

  #profile(arm: string): string {
    return join(this.#folder, 'profiles', `${arm}.json`);
  }

  get #logs(): string {
    return join(this.#folder, 'logs');
  }

  get #scratch(): string {
    return join(this.#folder, 'tmp');
  }

  get #folder(): string {
    return join(this.#options.parts.workspace, 'cri');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { client, parts, ctr } = this.#options;
    try {
      const left = await said('remove its pods', removePods(client, parts.runId), CLEAN_HINT);
      if (left.length > 0) throw notRemoved(this.facts.version, left);
      if (ctr !== undefined) await said('remove its images', removeImages(client, ctr, parts.runId), CLEAN_HINT);
    } finally {
      client[Symbol.dispose]();
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
