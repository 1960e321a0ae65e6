import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerRun, CreatedContainer, Exit } from '../../model/container/container.js';
import type { ContainerProgram } from '../../model/container/program.js';
import type { Stage } from '../../model/container/stages.js';
import type { Clock } from '../../model/time.js';
import { NO_USAGE } from '../../process/waiter.js';
import { Keepers, keeperIn } from '../keepers.js';
import type { TimedExec } from '../keepers.js';
import { StageMarks } from '../stage-marks.js';
import { OUTPUT_MS } from '../waiting/deadlines.js';
import { StopWatch } from '../waiting/stop-watch.js';
import type { Daemon } from './daemon.js';
import { apiFailure } from './failures.js';
import { OutputCollector } from './frames.js';
import type { AttachedOutput } from './frames.js';

/** A daemon tells the end of an exec shortly after its output has ended. */
const POLL_MS = 1;

/** Sleeping containers in which the daemon starts programs, as `docker exec` does: one per arm and root. */
export class DaemonExecs extends Keepers {
  readonly #daemon: Daemon;
  readonly #clock: Clock;

  constructor(
    daemon: Daemon,
    clock: Clock,
    make: (arm: string, name: string, keeper: ContainerProgram) => Promise<CreatedContainer>,
  ) {
    super({ make, sleeper: keeperIn });
    this.#daemon = daemon;
    this.#clock = clock;
  }

  /**
   * Times one exec: its creation, its start to the end of its output, and the daemon's word of its end. Never rejects.
   * An exec that hangs ends with its container: the next one gets a new container.
   */
  async run(exec: TimedExec): Promise<ContainerRun> {
    using stop = new StopWatch(exec.timeoutMs, exec.signal);
    const run = new ExecRun(this.#daemon, this.#clock, stop, exec);
    const ended = await run.go(this.of(exec.arm, exec.program).started.id);
    if (stop.reason !== undefined) await this.drop(exec.arm).catch(() => undefined);
    return ended;
  }
}

class ExecRun {
  readonly #daemon: Daemon;
  readonly #stop: StopWatch;
  readonly #exec: TimedExec;
  readonly #marks: StageMarks;
  #stage: Stage = 'create';
  #output: OutputCollector | undefined;

  constructor(daemon: Daemon, clock: Clock, stop: StopWatch, exec: TimedExec) {
    this.#daemon = daemon;
    this.#stop = stop;
    this.#exec = exec;
    this.#marks = new StageMarks(clock, exec.startedAt);
  }

  async go(container: string): Promise<ContainerRun> {
    try {
      const code = await this.#stages(container);
      const { stdout, stderr } = await this.#takeOutput();
      const stages = this.#marks.spans(stdout, false);
      return { ...this.#result({ kind: 'exited', code }, stdout, stderr), stages };
    } catch (error) {
      const { answer, words } = apiFailure(error);
      const { stdout, stderr } = await this.#takeOutput();
      this.#marks.mark('exit');
      const exit = this.#stop.reason ?? ({ kind: 'refused', answer } as const);
      const report = this.#stop.reason === undefined ? [stderr.trim(), words].filter(Boolean).join('\n') : stderr;
      return { ...this.#result(exit, stdout, report), failedIn: this.#stage };
    }
  }

  async #stages(container: string): Promise<number> {
    const { signal } = this.#stop;
    const { args, env, cwd } = this.#exec.program;
    const options = { Cmd: [...args], Env: [...env], WorkingDir: cwd, AttachStdout: true, AttachStderr: true };
    const id = await this.#daemon.createExec(container, options, signal);
    this.#marks.mark('create');
    this.#stage = 'start';
    this.#output = new OutputCollector(await this.#daemon.startExec(id, signal));
    await this.#stop.race(this.#output.ended);
    this.#marks.mark('start');
    this.#stage = 'exit';
    const code = await this.#untilEnded(id);
    this.#marks.mark('exit');
    return code;
  }

  async #untilEnded(id: string): Promise<number> {
    for (;;) {
      const { exitCode } = await this.#daemon.inspectExec(id, this.#stop.signal);
      if (exitCode !== null) return exitCode;
      await sleep(POLL_MS, undefined, { signal: this.#stop.signal });
    }
  }

  async #takeOutput(): Promise<AttachedOutput> {
    const limitMs = this.#stop.reason === undefined ? OUTPUT_MS : 0;
    return (await this.#output?.take(limitMs)) ?? { stdout: '', stderr: '' };
  }

  #result(exit: Exit, stdout: string, stderr: string): ContainerRun {
    const { startedAt } = this.#exec;
    return { exit, startedAt, wall: this.#marks.wall, usage: NO_USAGE, stdout, stderr };
  }
}
