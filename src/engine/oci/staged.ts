import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Steps, totalUsage, type Step } from '../../process/steps.js';
import type {
  ArmSpec,
  BatchRequest,
  BatchRun,
  ContainerRun,
  Exit,
  LaunchCommand,
  ResourceUsage,
} from '../../model/container/container.js';
import type { Stage, StageTimes } from '../../model/container/stages.js';
import { nanoseconds } from '../../model/time.js';
import type { Clock, Nanoseconds } from '../../model/time.js';
import { tryWrite } from '../arm-file.js';

/** What stays the same for the containers of an arm. */
export interface StagedParts {
  readonly clock: Clock;
  readonly bundle: string;
  /** The folder for pid files. */
  readonly folder: string;
  /** config.json around a spec's text. */
  readonly config: (text: string) => string;
  readonly command: (id: string, verb: string, ...after: readonly string[]) => LaunchCommand;
}

/** One after the other regardless of the concurrency: containers in parallel would disturb each other's stages. */
export async function runStagedBatch(
  { ids, timeoutMs, signal }: BatchRequest,
  { remake, text }: ArmSpec,
  parts: StagedParts,
): Promise<BatchRun> {
  const { clock, bundle, folder, config, command } = parts;
  const startedAt = clock();
  const containers: ContainerRun[] = [];
  for (const id of ids) {
    const pidFile = join(folder, `${id}.pid`);
    const options = { create: ['--bundle', bundle, '--pid-file', pidFile], start: [], delete: ['--force'] };
    containers.push(
      await runStaged(
        {
          convert: () => remake?.convert(),
          config: () => config(remake?.serialise() ?? text),
          bundle,
          pidFile,
          timeoutMs,
          signal,
          command: (verb) => command(id, verb, ...options[verb]),
        },
        clock,
      ),
    );
    rmSync(pidFile, { force: true });
  }
  return { startedAt, makespan: nanoseconds(clock() - startedAt), containers };
}

/** One container, with what each stage does. */
interface StagedContainer {
  readonly convert: () => unknown;
  /** Rewrites config.json in the bundle. */
  readonly config: () => string;
  readonly bundle: string;
  readonly pidFile: string;
  readonly command: (verb: 'create' | 'start' | 'delete') => LaunchCommand;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** The payload reports CLOCK_MONOTONIC, the clock of `process.hrtime`. */
const STAMP = /^ok (\d+)\n/;

/**
 * Takes one container through convert, write, create, start, exit and remove, as a container manager does. Its stages
 * are the spans in between, so they add up to its wall time. Where the payload may not read the clock, a stage ends
 * with its command.
 */
async function runStaged(container: StagedContainer, clock: Clock): Promise<ContainerRun> {
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
    const refusal = tryWrite(join(this.#container.bundle, 'config.json'), this.#container.config());
    this.#mark('write', this.#clock());
    if (refusal !== null) return { ...this.#result({ kind: 'notStarted', errno: refusal }), failedIn: 'write' };
    const created = await this.#step('create');
    this.#mark('create', created.endedAt);
    if (!isDone(created)) return this.#failed('create', created.exit);
    const pid = readPid(this.#container.pidFile);
    if (pid === null) return this.#failed('create', created.exit);
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
    const origin = Number(process.hrtime.bigint()) - this.#clock();
    const stamp = Number(STAMP.exec(this.#steps.output)?.[1] ?? Number.NaN) - origin;
    // Not readable there, or the clock of another kernel (gVisor).
    const isOurs = stamp >= this.#at && stamp <= ended;
    return nanoseconds(isOurs ? stamp : Math.min(startReturned, ended));
  }

  /** Its remains are removed here too; a failed run has no stages. */
  async #failed(stage: Stage, exit: Exit, pid?: number): Promise<ContainerRun> {
    if (stage === 'create' || stage === 'start') await this.#step('delete');
    // Its parent is gone, so this process reaps it.
    if (pid !== undefined) await this.#steps.end(pid);
    return { ...this.#result(exit), failedIn: stage };
  }

  #result(exit: Exit, stages?: StageTimes): ContainerRun {
    return {
      exit,
      startedAt: this.#startedAt,
      wall: nanoseconds(this.#at - this.#startedAt),
      usage: totalUsage(this.#usages),
      stdout: this.#steps.output,
      stderr: this.#steps.takeErrors(),
      ...(stages === undefined ? {} : { stages }),
    };
  }
}

/**
 * The pid a runtime wrote; `null` where it wrote none, for example on a full disk: 0 would mean this process's own
 * group.
 */
function readPid(file: string): number | null {
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return /^[1-9]\d*$/.test(text) ? Number(text) : null;
}

const isDone = ({ exit }: Step): boolean => exit.kind === 'exited' && exit.code === 0;
