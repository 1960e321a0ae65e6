import { setTimeout as sleep } from 'node:timers/promises';
import { NO_USAGE } from '../../process/waiter.js';
import type { ContainerRun, Exit } from '../../model/container/container.js';
import type { Stage, StageTimes } from '../../model/container/stages.js';
import { nanoseconds } from '../../model/time.js';
import type { Clock, Nanoseconds } from '../../model/time.js';
import { OUTPUT_MS } from '../waiting/deadlines.js';
import type { Flavour } from './arm.js';
import type { ContainerOptions, Daemon } from './daemon.js';
import { apiFailure } from './failures.js';
import { OutputCollector, splitFrames } from './frames.js';
import type { AttachedOutput } from './frames.js';
import { StageMarks } from '../stage-marks.js';
import { StopWatch } from '../waiting/stop-watch.js';

/** A container to time. */
export interface TimedContainer {
  readonly id: string;
  readonly flavour: Flavour;
  /** What comes before `create` where stages are timed: convert, then write. */
  readonly before: readonly (readonly [Stage, () => unknown])[];
  readonly options: () => ContainerOptions;
  /** Whether the payload reads the clock of this machine. */
  readonly sameClock: boolean;
  readonly startedAt: Nanoseconds;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Podman's /wait polls every 250 ms, so bench polls faster itself. */
const PODMAN_POLL_MS = 2;

/**
 * Takes one container through create (with the streams that watch it), start, exit and remove. The stages are the
 * spans in between, so they add up to the wall time. Never rejects: a failure is part of the run, and the container
 * is removed.
 */
export async function runTimed(daemon: Daemon, container: TimedContainer, clock: Clock): Promise<ContainerRun> {
  using stop = new StopWatch(container.timeoutMs, container.signal);
  return await new TimedRun(daemon, container, clock, stop).go();
}

class TimedRun {
  readonly #daemon: Daemon;
  readonly #container: TimedContainer;
  readonly #clock: Clock;
  readonly #stop: StopWatch;
  readonly #marks: StageMarks;
  #stage: Stage = 'create';
  #output: OutputCollector | undefined;
  #logged: AttachedOutput | undefined;

  constructor(daemon: Daemon, container: TimedContainer, clock: Clock, stop: StopWatch) {
    this.#daemon = daemon;
    this.#container = container;
    this.#clock = clock;
    this.#stop = stop;
    this.#marks = new StageMarks(clock, container.startedAt);
  }

  async go(): Promise<ContainerRun> {
    try {
      const exit = await this.#stages();
      const { stdout, stderr } = await this.#takeOutput();
      return this.#result(exit, stdout, stderr, this.#marks.spans(stdout, this.#container.sameClock));
    } catch (error) {
      return await this.#failed(error);
    }
  }

  async #stages(): Promise<Exit> {
    const { id, before, options, flavour } = this.#container;
    const { signal } = this.#stop;
    for (const [stage, work] of before) {
      work();
      this.#marks.mark(stage);
    }
    await this.#daemon.create(options(), signal);
    const [stream, watch] = await Promise.all([
      this.#daemon.attach(id, signal),
      flavour === 'docker' ? this.#daemon.watch(id, signal) : null,
    ]);
    this.#output = new OutputCollector(stream);
    this.#marks.mark('create');
    this.#stage = 'start';
    const ended = (watch === null ? this.#pollEnd(this.#output) : this.#stop.race(watch.exitCode)).then((code) => ({
      code,
      at: this.#clock(),
    }));
    // Where the start fails, its error is reported instead.
    ended.catch(() => undefined);
    await this.#daemon.start(id, signal);
    const startReturned = this.#clock();
    this.#stage = 'exit';
    const { code, at } = await ended;
    // A short container may end before the daemon has answered.
    this.#marks.mark('start', nanoseconds(Math.min(startReturned, at)));
    this.#marks.mark('exit', at);
    this.#stage = 'remove';
    // With many containers at once Podman's attach sometimes loses output ("connection reset by peer"); its log does
    // not.
    if (flavour === 'podman' && this.#output.soFar.stdout === '')
      this.#logged = splitFrames(await this.#daemon.logs(id, signal));
    await this.#daemon.remove(id, signal);
    this.#marks.mark('remove');
    return { kind: 'exited', code };
  }

  /** The end of the output comes first; the exit code follows shortly after. */
  async #pollEnd(output: OutputCollector): Promise<number> {
    await this.#stop.race(output.ended);
    for (;;) {
      const { State } = await this.#daemon.inspect(this.#container.id, this.#stop.signal);
      if (!State.Running && (State.Status === 'exited' || State.Status === 'stopped')) return State.ExitCode;
      await sleep(PODMAN_POLL_MS, undefined, { signal: this.#stop.signal });
    }
  }

  async #takeOutput(): Promise<AttachedOutput> {
    const attached = (await this.#output?.take(OUTPUT_MS)) ?? { stdout: '', stderr: '' };
    return this.#logged === undefined || this.#logged.stdout === '' ? attached : this.#logged;
  }

  #result(exit: Exit, stdout: string, stderr: string, stages?: StageTimes): ContainerRun {
    const { startedAt } = this.#container;
    return {
      exit,
      startedAt,
      wall: this.#marks.wall,
      usage: NO_USAGE,
      stdout,
      stderr,
      ...(stages === undefined ? {} : { stages }),
    };
  }

  async #failed(error: unknown): Promise<ContainerRun> {
    const { answer, words } = apiFailure(error);
    const exit = this.#stop.reason ?? ({ kind: 'refused', answer } as const);
    await this.#daemon.remove(this.#container.id).catch(() => undefined);
    const { stdout, stderr } = await this.#takeOutput();
    this.#marks.mark('remove');
    const report = this.#stop.reason === undefined ? [stderr.trim(), words].filter(Boolean).join('\n') : stderr;
    return { ...this.#result(exit, stdout, report), failedIn: this.#stage };
  }
}
