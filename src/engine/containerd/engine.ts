import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../../errors.js';
import type { Launcher } from '../../process/launcher.js';
import { argvOf, isRunning, RUN_VARIABLE, untilEnded } from '../../process/processes.js';
import { runTool } from '../../process/run-tool.js';
import type { ToolOptions } from '../../process/run-tool.js';
import { NO_USAGE } from '../../process/waiter.js';
import { isExec, isProgram } from '../../model/container/program.js';
import type {
  ArmSpec,
  BatchRequest,
  BatchRun,
  ContainerRun,
  CreatedContainer,
  Engine,
  EngineParts,
  ExitedContainer,
  LaunchCommand,
  RemovedContainer,
  StartedContainer,
  EngineFacts,
  ServerStart,
  StartedServer,
} from '../../model/container/container.js';
import type { FilterBuilder } from '../../model/filter/builder.js';
import type { Inside, PayloadMode } from '../../model/container/program.js';
import { payloadNotRunning, serverNotSeen } from '../failures.js';
import { ContainerdExecs } from './execs.js';
import { containerdLeft, removeFromContainerd } from './left.js';
import { serveWithCtr } from './server.js';
import { ASK_AFTER_STOP_MS, ASK_MS, CHANGE_MS, END_MS, READY_MS, STOP_TOOL_MS } from '../waiting/deadlines.js';
import { childEnvironment } from '../environment.js';
import { OciBundles } from '../oci/bundles.js';

export interface ContainerdOptions {
  readonly facts: EngineFacts;
  /** Path of `ctr`. */
  readonly ctr: string;
  /** The daemon's socket. */
  readonly address: string;
  readonly builder: FilterBuilder;
  /** containerd's name of a runtime, such as io.containerd.runsc.v1; absent: its default. */
  readonly runtime?: string;
  /** Why the payload cannot be inspected from outside; absent where it can. */
  readonly hidden?: string;
  readonly parts: EngineParts;
  readonly launcher: Launcher;
  /** The user's wish to stop. */
  readonly signal: AbortSignal;
}

const POLL_MS = 5;

/**
 * containerd through its command `ctr`. Timed is `ctr run` with an OCI configuration written once per arm, in a
 * containerd namespace named after this run. The daemon and a shim do the work, so there is no CPU time.
 */
export class ContainerdEngine implements Engine {
  readonly facts: EngineFacts;
  readonly limits = {};
  readonly stages = 'never';
  readonly programs = 'anyRoot';
  readonly execs = true;
  readonly serves = true;
  readonly #options: ContainerdOptions;
  readonly #bundles: OciBundles;
  readonly #execs: ContainerdExecs;
  readonly #folder: string;
  readonly #childEnv: readonly string[];
  #stopped: string[] = [];
  readonly #removed = new Set<string>();

  constructor(options: ContainerdOptions) {
    this.#options = options;
    this.facts = options.facts;
    this.#bundles = new OciBundles(options.parts, options.facts);
    this.#execs = new ContainerdExecs((arm, name, keeper) =>
      this.#create(arm, `${options.parts.runId}-${name}`, keeper),
    );
    this.#folder = join(options.parts.workspace, 'containerd');
    this.#childEnv = childEnvironment({ ...options.parts.env, [RUN_VARIABLE]: options.parts.runId });
  }

  builderOf(): FilterBuilder {
    return this.#options.builder;
  }

  async prepare(arm: ArmSpec): Promise<void> {
    await this.#execs.drop(arm.name);
    mkdirSync(this.#folder, { recursive: true });
    await this.#bundles.prepare(arm);
  }

  async run(request: BatchRequest): Promise<BatchRun> {
    if (isExec(request.mode)) await this.#execs.ready(request.arm, request.mode);
    const batch = await this.#options.launcher.run({
      commands: request.ids.map((id) => this.#timed(request, id)),
      concurrency: request.concurrency,
      timeoutMs: request.timeoutMs,
      signal: request.signal,
      stop: async (index) => {
        await this.#stopTimed(request, request.ids[index] ?? '');
      },
    });
    return { ...batch, containers: batch.containers.map((run, index) => this.#seen(run, request, index)) };
  }

  #timed({ arm, mode }: Pick<BatchRequest, 'arm' | 'mode'>, id: string): LaunchCommand {
    if (isExec(mode)) return this.#ctr(...this.#execs.args(arm, mode, { id, output: this.#output(id) }));
    return this.#ctr('run', '--log-uri', `file://${this.#output(id)}`, ...this.#foreground(arm, mode), id);
  }

  #foreground(arm: string, mode: Inside): readonly string[] {
    return [...this.#runtimeOption(), '--rm', '--config', this.#config(arm, mode)];
  }

  serve({ arm, program, id, signal }: ServerStart): Promise<StartedServer> {
    const { address, hidden } = this.#options;
    if (hidden !== undefined) throw serverNotSeen(`containerd at ${address}`);
    const [pidFile, fifos] = [join(this.#folder, `${id}.pid`), join(this.#folder, `${id}.fifos`)];
    return serveWithCtr({
      command: this.#ctr('run', '--fifo-dir', fifos, ...this.#foreground(arm, program), '--pid-file', pidFile, id),
      fifos,
      pidFile,
      stop: () => this.#stop(id),
      signal,
    });
  }

  /** Of an exec the program alone; its container goes on sleeping. */
  async #stopTimed({ arm, mode }: Pick<BatchRequest, 'arm' | 'mode'>, id: string): Promise<void> {
    if (!isExec(mode)) {
      await this.#stop(id);
      return;
    }
    const words = ['tasks', 'kill', '--exec-id', id, '--signal', 'KILL', this.#execs.keeperOf(arm, mode)];
    await runTool(this.#options.ctr, this.#args(...words), { timeoutMs: STOP_TOOL_MS });
  }

  /** The CPU time of ctr is not that of the container. A program's output and errors come as one text. */
  #seen(run: ContainerRun, { ids, mode }: BatchRequest, index: number): ContainerRun {
    const text = this.#takeOutput(ids[index] ?? '');
    const failed = run.exit.kind !== 'exited' || run.exit.code !== 0;
    return {
      ...run,
      usage: NO_USAGE,
      stdout: text,
      stderr: isProgram(mode) && failed ? `${text}${run.stderr}` : run.stderr,
    };
  }

  /** Written by the shim: ctr may end before it has passed on the output of a short-lived container. */
  #output(id: string): string {
    return join(this.#folder, `${id}.out`);
  }

  #takeOutput(id: string): string {
    const file = this.#output(id);
    if (!existsSync(file)) return '';
    const text = readFileSync(file, 'utf8');
    rmSync(file);
    return text;
  }

  create(arm: string, id: string, mode: PayloadMode): Promise<CreatedContainer> {
    return this.#create(arm, id, mode);
  }

  #create(arm: string, id: string, mode: Inside): Promise<CreatedContainer> {
    const remove = (): Promise<RemovedContainer> => this.#remove(id);
    const dispose = async (): Promise<void> => {
      await remove();
    };
    return Promise.resolve({
      state: 'created',
      id,
      start: () => this.#start(arm, id, mode),
      remove,
      [Symbol.asyncDispose]: dispose,
    });
  }

  /** A daemon starts it, so tools that follow a child process cannot see it. */
  command(): null {
    return null;
  }

  daemonSocket(): string {
    return this.#options.address.replace('unix://', '');
  }

  async betweenBlocks(): Promise<void> {
    // The end of the run removes them: a daemon that hangs must not hold it once more.
    if (this.#options.signal.aborted) return;
    for (const id of this.#stopped) await this.#remove(id);
    this.#stopped = [];
  }

  async list(): Promise<readonly string[]> {
    const limitMs = this.#options.signal.aborted ? ASK_AFTER_STOP_MS : ASK_MS;
    const listed = await this.#run(['containers', 'list', '--quiet'], { timeoutMs: limitMs });
    return listed.split('\n').filter((id) => id !== '' && !this.#execs.isKeeper(id));
  }

  async #start(arm: string, id: string, mode: Inside): Promise<StartedContainer> {
    this.#removed.delete(id);
    await this.#call('run', ...this.#runtimeOption(), '--detach', '--null-io', '--config', this.#config(arm, mode), id);
    const pid = await this.#pidOf(id);
    const hidden = this.#options.hidden;
    if (hidden === undefined) await untilPayload(pid, id);
    const dispose = async (): Promise<void> => {
      await this.#remove(id);
    };
    const kill = async (): Promise<ExitedContainer> => {
      await this.#stop(id);
      await untilEnded(pid, END_MS);
      return { state: 'exited', id, remove: () => this.#remove(id), [Symbol.asyncDispose]: dispose };
    };
    return {
      state: 'started',
      id,
      pid,
      ...(hidden === undefined ? {} : { hidden }),
      kill,
      [Symbol.asyncDispose]: dispose,
    };
  }

  /** From the table `TASK PID STATUS`. */
  async #pidOf(id: string): Promise<number> {
    const table = await this.#call('tasks', 'list');
    const row = table
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .find(([task]) => task === id);
    const pid = Number(row?.[1] ?? Number.NaN);
    if (Number.isInteger(pid)) return pid;
    throw new BenchError('runFailed', `ctr tasks list does not show ${id}: ${JSON.stringify(table)}`);
  }

  async #stop(id: string): Promise<void> {
    if (!this.#stopped.includes(id)) this.#stopped.push(id);
    await runTool(this.#options.ctr, this.#args('tasks', 'kill', '--signal', 'KILL', id), { timeoutMs: STOP_TOOL_MS });
  }

  /** A container that is already gone is fine, and is not asked for again: each call of ctr takes 50 ms. */
  async #remove(id: string): Promise<RemovedContainer> {
    if (!this.#removed.has(id)) {
      await runTool(this.#options.ctr, this.#args('tasks', 'delete', '--force', id));
      const { exitCode } = await runTool(this.#options.ctr, this.#args('containers', 'delete', id));
      if (exitCode === 0) this.#removed.add(id);
    }
    return { state: 'removed', id };
  }

  #config(arm: string, inside: Inside): string {
    return join(this.#bundles.ready(arm, inside), 'config.json');
  }

  #runtimeOption(): readonly string[] {
    return this.#options.runtime === undefined ? [] : ['--runtime', this.#options.runtime];
  }

  #args(...rest: readonly string[]): readonly string[] {
    return ['--address', this.#options.address, '--namespace', this.#options.parts.runId, ...rest];
  }

  #ctr(...rest: readonly string[]): LaunchCommand {
    return { file: this.#options.ctr, args: this.#args(...rest), env: this.#childEnv };
  }

  #call(...rest: readonly string[]): Promise<string> {
    return this.#run(rest, { signal: this.#options.signal, timeoutMs: CHANGE_MS });
  }

  async #run(rest: readonly string[], options: ToolOptions): Promise<string> {
    const { exitCode, stdout, stderr } = await runTool(this.#options.ctr, this.#args(...rest), options);
    if (exitCode === 0) return stdout;
    throw new BenchError('runFailed', `ctr ${rest[0] ?? ''} failed with exit code ${exitCode}: ${stderr.trim()}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { ctr, address, parts, launcher } = this.#options;
    const place = { ctr, address, namespace: parts.runId };
    try {
      await removeFromContainerd(place, await containerdLeft(place));
    } finally {
      launcher[Symbol.dispose]();
    }
    const { rootfs, roots, folder: bundles } = this.#bundles;
    for (const folder of [rootfs, roots, bundles, this.#folder]) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Waits until the process runs the payload. Throws `runFailed` where it ends before that, or runs another program for
 * too long.
 */
async function untilPayload(pid: number, id: string): Promise<void> {
  let program: string | undefined;
  for (let waitedMs = 0; waitedMs < READY_MS && isRunning(pid); waitedMs += POLL_MS) {
    program = argvOf(pid)[0];
    if (program === '/payload') return;
    await sleep(POLL_MS);
  }
  const state = program === undefined || !isRunning(pid) ? 'its process has ended' : `its process runs ${program}`;
  throw payloadNotRunning(state, id);
}
