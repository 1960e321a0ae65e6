import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Steps, totalUsage, type Step } from '../launch/steps.js';
import type { ContainerRun, Exit, LaunchCommand, ResourceUsage } from '../model/container.js';
import type { Stage, StageTimes } from '../model/stages.js';
import { nanoseconds } from '../model/time.js';
import type { Clock, Nanoseconds } from '../model/time.js';

/** One container to be taken through its stages. */
export interface StagedContainer {
  readonly convert: () => unknown;
  /** Writes config.json into the bundle anew. */
  readonly config: () => string;
  readonly bundle: string;
  readonly pidFile: string;
  readonly command: (verb: 'create' | 'start' | 'delete') => LaunchCommand;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The payload stamps CLOCK_MONOTONIC, which is what `process.hrtime` reads. */
const STAMP = /^ok (\d+)\n/;

/**
 * Takes one container through convert, write, create, start, exit and remove, as a container manager does: its stages are the spans between, so they
 * add up to its wall time. The end of a stage that cannot be told (the payload may not read the clock) is that of the command.
 */
export async function runStaged(container: StagedContainer, clock: Clock): Promise<ContainerRun> {
  using steps = new Steps(clock, container);
  return await new StagedRun(container, steps, clock).go();
}

class StagedRun {
  readonly #container: StagedContainer;
  readonly #steps: Steps;
  readonly #clock: Clock;
  readonly #startedAt: Nanoseconds;
  readonly #stages: Partial<Record<Stage, Nanoseconds>> = {};
  readonly #usages: ResourceUsage[] = [];
  #at: Nanoseconds;

  constructor(container: StagedContainer, steps: Steps, clock: Clock) {
    this.#container = container;
    this.#steps = steps;
    this.#clock = clock;
    this.#startedAt = clock();
    this.#at = this.#startedAt;
  }

  async go(): Promise<ContainerRun> {
    this.#container.convert();
    this.#mark('convert', this.#clock());
    writeFileSync(join(this.#container.bundle, 'config.json'), this.#container.config());
    this.#mark('write', this.#clock());
    const created = await this.#step('create');
    this.#mark('create', created.endedAt);
    if (!isDone(created)) return this.#failed('create', created.exit);
    const pid = Number(readFileSync(this.#container.pidFile, 'utf8'));
    this.#steps.watch(pid);
    const started = await this.#step('start');
    if (!isDone(started)) return this.#failed('start', started.exit, pid);
    const ended = await this.#steps.end(pid);
    this.#usages.push(ended.usage);
    this.#mark('start', this.#firstInstruction(started.endedAt, ended.endedAt));
    this.#mark('exit', ended.endedAt);
    const removed = await this.#step('delete');
    this.#mark('remove', removed.endedAt);
    if (!isDone(ended)) return this.#failed('exit', ended.exit);
    return isDone(removed) ? this.#result(removed.exit, this.#stages) : this.#failed('remove', removed.exit);
  }

  async #step(verb: 'create' | 'start' | 'delete'): Promise<Step> {
    const step = await this.#steps.run(this.#container.command(verb));
    this.#usages.push(step.usage);
    return step;
  }

  /** A stage ends here, and the next begins. */
  #mark(stage: Stage, end: Nanoseconds): void {
    this.#stages[stage] = nanoseconds(end - this.#at);
    this.#at = end;
  }

  #firstInstruction(startReturned: Nanoseconds, ended: Nanoseconds): Nanoseconds {
    const stamp = STAMP.exec(this.#steps.output)?.[1];
    if (stamp === undefined) return nanoseconds(Math.min(startReturned, ended));
    const origin = Number(process.hrtime.bigint()) - this.#clock();
    return nanoseconds(Math.min(Math.max(Number(stamp) - origin, this.#at), ended));
  }

  /** Whatever is left of it is removed here too; a failed run has no stages. */
  async #failed(stage: Stage, exit: Exit, pid?: number): Promise<ContainerRun> {
    if (stage === 'create' || stage === 'start') await this.#step('delete');
    // Its parent is gone, so it is ours to reap.
    if (pid !== undefined) await this.#steps.end(pid);
    return { ...this.#result(exit), failedIn: stage };
  }

  #result(exit: Exit, stages?: StageTimes): ContainerRun {
    return {
      exit, startedAt: this.#startedAt, wall: nanoseconds(this.#at - this.#startedAt), usage: totalUsage(this.#usages),
      stdout: this.#steps.output, stderr: this.#steps.takeErrors(),
      ...(stages === undefined ? {} : { stages }),
    };
  }
}

const isDone = ({ exit }: Step): boolean => exit.kind === 'exited' && exit.code === 0;
