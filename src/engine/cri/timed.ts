import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerRun, Exit } from '../../model/container/container.js';
import type { Stage, StageTimes } from '../../model/container/stages.js';
import type { Clock, Nanoseconds } from '../../model/time.js';
import { NO_USAGE } from '../../process/waiter.js';
import { OUTPUT_MS, SETTLE_MS } from '../waiting/deadlines.js';
import { StopWatch } from '../waiting/stop-watch.js';
import { StageMarks } from '../stage-marks.js';
import type { CriCalls } from './api.js';
import type { CriClient } from './client.js';
import { criFailure } from './failures.js';
import { readLog } from './log.js';
import type { LoggedOutput } from './log.js';
import type { Pod } from './pod.js';
import { removePod, removePodNamed } from './remove.js';

/** A pod with one container to time. */
export interface TimedPod {
  readonly pod: Pod;
  readonly handler: string;
  /** What comes before the pod where stages are timed: convert, then write. */
  readonly before: readonly (readonly [Stage, () => unknown])[];
  /** Whether the payload reads the clock of this machine. */
  readonly sameClock: boolean;
  /** Whether its container writes something, which is waited for. */
  readonly writes: boolean;
  readonly startedAt: Nanoseconds;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

const POLL_MS = 2;
const OUTPUT_POLL_MS = 5;

/**
 * Takes a pod with one container through RunPodSandbox, CreateContainer, StartContainer, the end of the container (by
 * ContainerStatus every 2 ms) and the calls that remove both. The stages are the spans in between, so they add up to
 * the wall time. Never rejects: a failure is part of the run, and the pod is removed.
 */
export async function runTimedPod(client: CriClient, timed: TimedPod, clock: Clock): Promise<ContainerRun> {
  using stop = new StopWatch(timed.timeoutMs, timed.signal);
  return await new TimedRun(client, timed, clock, stop).go();
}

class TimedRun {
  readonly #client: CriClient;
  readonly #timed: TimedPod;
  readonly #stop: StopWatch;
  readonly #marks: StageMarks;
  #stage: Stage = 'sandbox';
  #sandbox: string | undefined;

  constructor(client: CriClient, timed: TimedPod, clock: Clock, stop: StopWatch) {
    this.#client = client;
    this.#timed = timed;
    this.#stop = stop;
    this.#marks = new StageMarks(clock, timed.startedAt);
  }

  async go(): Promise<ContainerRun> {
    try {
      const exit = await this.#stages();
      const output = await this.#output(exit);
      return this.#result(exit, output, { stages: this.#marks.spans(output.stdout, this.#timed.sameClock) });
    } catch (error) {
      return await this.#failed(error);
    }
  }

  async #stages(): Promise<Exit> {
    const { pod, handler, before } = this.#timed;
    for (const [stage, work] of before) {
      work();
      this.#marks.mark(stage);
    }
    const { podSandboxId } = await this.#call('RunPodSandbox', { config: pod.sandbox, runtimeHandler: handler });
    this.#sandbox = podSandboxId;
    this.#next('create');
    const { containerId } = await this.#call('CreateContainer', {
      podSandboxId,
      config: pod.container,
      sandboxConfig: pod.sandbox,
    });
    this.#next('start');
    await this.#call('StartContainer', { containerId });
    this.#next('exit');
    const code = await this.#exitCode(containerId);
    this.#next('remove');
    await this.#call('RemoveContainer', { containerId });
    await this.#call('StopPodSandbox', { podSandboxId });
    await this.#call('RemovePodSandbox', { podSandboxId });
    this.#marks.mark('remove');
    return { kind: 'exited', code };
  }

  #next(stage: Stage): void {
    this.#marks.mark(this.#stage);
    this.#stage = stage;
  }

  #call<Name extends keyof CriCalls>(name: Name, request: CriCalls[Name][0]): Promise<CriCalls[Name][1]> {
    return this.#client.call(name, request, { limitMs: this.#limitMs, signal: this.#stop.signal });
  }

  /** The stopwatch ends the run first; this ends a call that nobody waits for any more. */
  get #limitMs(): number {
    return this.#timed.timeoutMs + 2 * SETTLE_MS;
  }

  async #exitCode(containerId: string): Promise<number> {
    for (;;) {
      const { status } = await this.#call('ContainerStatus', { containerId, verbose: false });
      if (status?.state === 'CONTAINER_EXITED') return status.exitCode;
      await sleep(POLL_MS, undefined, { signal: this.#stop.signal });
    }
  }

  async #output(exit: Exit): Promise<LoggedOutput> {
    const read = (): LoggedOutput => readLog(this.#timed.pod.log);
    let output = read();
    const isDue = this.#timed.writes && exit.kind === 'exited' && exit.code === 0;
    for (let waitedMs = 0; isDue && output.stdout === '' && waitedMs < OUTPUT_MS; waitedMs += OUTPUT_POLL_MS) {
      await sleep(OUTPUT_POLL_MS);
      output = read();
    }
    return output;
  }

  #result(
    exit: Exit,
    { stdout, stderr }: LoggedOutput,
    known: { readonly stages?: StageTimes; readonly failedIn?: Stage },
  ): ContainerRun {
    const { startedAt } = this.#timed;
    return { exit, startedAt, wall: this.#marks.wall, usage: NO_USAGE, stdout, stderr, ...known };
  }

  async #failed(error: unknown): Promise<ContainerRun> {
    const { answer, words } = criFailure(error);
    const exit = this.#stop.reason ?? ({ kind: 'refused', answer } as const);
    await this.#remove().catch(() => undefined);
    const { stdout, stderr } = await this.#output(exit);
    this.#marks.mark('remove');
    const report = this.#stop.reason === undefined ? [stderr.trim(), words].filter(Boolean).join('\n') : stderr;
    return this.#result(exit, { stdout, stderr: report }, { failedIn: this.#stage });
  }

  async #remove(): Promise<void> {
    if (this.#sandbox === undefined) await removePodNamed(this.#client, this.#timed.pod.id);
    else await removePod(this.#client, this.#sandbox);
  }
}
