import type { BatchRequest, BatchRun, ContainerRun, Engine, Exit } from '../../model/container/container.js';
import { causeOf, lastWords } from '../../model/container/outcome.js';
import { isProgram } from '../../model/container/program.js';
import type { ContainerProgram } from '../../model/container/program.js';
import type { LoadFigures } from '../../model/results/figures/load-figures.js';
import { readyWords } from '../../model/run/program/service.js';
import type { Service } from '../../model/run/program/service.js';
import { nanoseconds } from '../../model/time.js';
import type { Clock } from '../../model/time.js';
import { cpuMeterOf } from '../../process/cgroup/cpu-usage.js';
import type { CpuMeter, CpuUse } from '../../process/cgroup/cpu-usage.js';
import { Child } from '../../process/child.js';
import type { PrivateNetwork } from '../../process/network.js';
import { killGroup, peakKiBOf, RUN_VARIABLE } from '../../process/processes.js';
import { readLoad } from './load-output.js';
import type { LoadReport } from './load-output.js';
import { startServer } from './running.js';
import type { RunningServer } from './running.js';

/** What a server and its load need besides the request. */
export interface Serving {
  readonly engine: Engine;
  readonly runId: string;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Watches the server while the load runs, in runs that are not timed. */
  readonly watch?: ServerWatch;
}

/** Begins to watch the processes of a server; the result ends that, after the load. */
export type ServerWatch = (pids: readonly number[]) => Promise<() => Promise<void>>;

/** A program of a container that serves requests. */
export type ServerProgram = ContainerProgram & { readonly service: Service };

/** Whether it is a server. */
export const isServer = (inside: BatchRequest['mode']): inside is ServerProgram =>
  isProgram(inside) && inside.service !== undefined;

/** A server that is not ready by then will not be. */
const READY_MS = 30_000;
const LINES_SHOWN = 6;

/** Runs a batch as the engine does; that of a server is its start, its load and its end. */
export const batchRunner =
  (serving: Serving): Engine['run'] =>
  async (request: BatchRequest): Promise<BatchRun> => {
    const { mode, ids, signal } = request;
    if (!isServer(mode)) return serving.engine.run(request);
    const startedAt = serving.clock();
    const containers: ContainerRun[] = [];
    for (const id of ids)
      containers.push(
        signal.aborted
          ? notServed({ kind: 'interrupted' }, serving.clock())
          : await serveOnce(serving, { ...request, mode }, id),
      );
    return { startedAt, makespan: nanoseconds(serving.clock() - startedAt), containers };
  };

type ServerRequest = Pick<BatchRequest, 'arm' | 'timeoutMs' | 'signal'> & { readonly mode: ServerProgram };

/**
 * Starts the server in a container of the arm, with a network of its own, waits until it is ready, runs the load in the
 * same network, and ends the container. The times of the run are those of one request. Throws `environment` where this
 * engine or this user cannot do that; what the server or the load do wrong is the run's exit.
 */
export async function serveOnce(serving: Serving, request: ServerRequest, id: string): Promise<ContainerRun> {
  const { engine, clock } = serving;
  const { arm, mode: program, signal } = request;
  const startedAt = clock();
  await using server = await startServer(engine, { arm, program, id, signal });
  try {
    return { ...(await new Turn(serving, request, server).run()), startedAt };
  } catch (error) {
    if (error instanceof Unserved) return { ...notServed(error.exit, startedAt), stderr: error.words };
    throw error;
  }
}

/** Why there are no figures, and the last output of the program that failed. */
class Unserved extends Error {
  constructor(
    readonly exit: Exit,
    readonly words: string,
  ) {
    super();
  }
}

const unserved = (reason: string, words: string): Unserved => new Unserved({ kind: 'unserved', reason }, words);

const NO_USE = {
  user: nanoseconds(0),
  system: nanoseconds(0),
  maxRssKiB: 0,
  minorFaults: 0,
  majorFaults: 0,
  voluntarySwitches: 0,
  involuntarySwitches: 0,
};

const notServed = (exit: Exit, startedAt: ContainerRun['startedAt']): ContainerRun => ({
  exit,
  startedAt,
  wall: nanoseconds(0),
  usage: NO_USE,
  stdout: '',
  stderr: '',
});

/** One start of a server and its load. */
class Turn {
  readonly #serving: Serving;
  readonly #request: ServerRequest;
  readonly #server: RunningServer;

  constructor(serving: Serving, request: ServerRequest, server: RunningServer) {
    this.#serving = serving;
    this.#request = request;
    this.#server = server;
  }

  async run(): Promise<Omit<ContainerRun, 'startedAt'>> {
    const network = await this.#untilReady();
    const pids = (): readonly number[] => network.containedPids();
    const meter = cpuMeterOf(pids);
    const stopWatch = await this.#serving.watch?.(pids());
    const before = meter?.read();
    const report = await this.#load(network, stopWatch);
    const after = meter?.read();
    const maxRssKiB = Math.max(0, ...pids().map(peakKiBOf));
    return runOf(report, { meter, before, after, maxRssKiB });
  }

  /** Gives the network in which the server takes requests. */
  async #untilReady(): Promise<PrivateNetwork> {
    const { timeoutMs, mode } = this.#request;
    const { ready } = mode.service;
    const { network } = this.#server;
    const limitMs = Math.min(READY_MS, timeoutMs);
    if (await this.#until(() => network !== null && this.#isReady(ready, network), limitMs))
      if (network !== null) return network;
    const ended = await this.#server.ended();
    if (ended !== undefined)
      throw unserved(`the server ended before it was ready: ${causeOf(ended)}`, this.#lastWords());
    throw unserved(`the server was not ready within ${limitMs / 1000} s: no ${readyWords(ready)}`, this.#lastWords());
  }

  #isReady(ready: Service['ready'], network: PrivateNetwork): boolean {
    if (ready.kind === 'port') return network.listensAt(ready.port);
    return new RegExp(ready.pattern, 'm').test(this.#server.said());
  }

  /** Gives the report of the load. `stopWatch` is called as soon as it has ended. */
  async #load(network: PrivateNetwork, stopWatch: (() => Promise<void>) | undefined): Promise<LoadReport> {
    const { env, runId } = this.#serving;
    const { load, metric } = this.#request.mode.service;
    const variables = { ...env, [RUN_VARIABLE]: runId };
    await using child = new Child({
      file: '/bin/sh',
      args: ['-c', load],
      env: Object.entries<string | undefined>(variables).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}=${value}`],
      ),
      network,
    });
    try {
      await this.#untilLoaded(child);
    } finally {
      // A shell may have left what it started.
      killGroup(child.pid);
      await stopWatch?.();
    }
    const output = child.output;
    const words = lastWords(`${output}\n${child.takeErrors()}`, LINES_SHOWN);
    const report = readLoad(output, load, metric);
    if (report === null)
      throw unserved(
        metric === undefined
          ? 'the output of the load has no requests per second'
          : 'the output of the load does not fit --load-metric',
        words,
      );
    if (report.failures !== null) throw unserved('requests of the load failed', report.failures);
    return report;
  }

  async #untilLoaded(child: Child): Promise<void> {
    const { timeoutMs } = this.#request;
    const errors = (): string => lastWords(`${child.output}\n${child.takeErrors()}`, LINES_SHOWN);
    await this.#until(() => child.ended !== undefined, timeoutMs, child);
    const exit = child.ended;
    const server = await this.#server.ended();
    if (server !== undefined)
      throw unserved(`the server ended while the load ran: ${causeOf(server)}`, this.#lastWords());
    if (exit === undefined) throw unserved(`the load had not ended within ${timeoutMs / 1000} s`, errors());
    if (exit.kind !== 'exited' || exit.code !== 0) throw unserved(`the load failed: ${causeOf(exit)}`, errors());
  }

  /**
   * Waits for a condition, the end of the server or of the load, or the end of the time; throws where the user ends the
   * run.
   */
  async #until(
    condition: () => boolean,
    limitMs: number,
    process: Pick<RunningServer, 'until'> = this.#server,
  ): Promise<boolean> {
    const { signal } = this.#request;
    const held = await process.until(() => signal.aborted || condition(), limitMs);
    if (signal.aborted) throw new Unserved({ kind: 'interrupted' }, '');
    return held;
  }

  #lastWords(): string {
    return lastWords(this.#server.said(), LINES_SHOWN);
  }
}

interface Used {
  readonly meter: CpuMeter | null;
  readonly before: CpuUse | undefined;
  readonly after: CpuUse | undefined;
  readonly maxRssKiB: number;
}

/** The run of one request: means over those of the load. */
function runOf(
  { failures: _, ...report }: LoadReport,
  { meter, before, after, maxRssKiB }: Used,
): Omit<ContainerRun, 'startedAt'> {
  const cpu = before === undefined || after === undefined ? null : cpuPerRequest(report.requests, before, after);
  const load: LoadFigures = { ...report, cpuFrom: cpu === null ? null : (meter?.from ?? null) };
  return {
    exit: { kind: 'exited', code: 0 },
    wall: nanoseconds(Math.max(1, Math.round(1e9 / report.requestsPerSecond))),
    usage: { ...NO_USE, ...cpu, maxRssKiB },
    stdout: '',
    stderr: '',
    load,
  };
}

/** The sum is exact where its parts are not, so it is divided as they are. */
function cpuPerRequest(
  requests: number | null,
  before: CpuUse,
  after: CpuUse,
): Pick<ContainerRun['usage'], 'user' | 'system'> | null {
  if (requests === null || requests === 0) return null;
  const total = Math.max(0, after.totalNs - before.totalNs) / requests;
  const [user, system] = [after.userNs - before.userNs, after.systemNs - before.systemNs];
  const share = user + system > 0 ? Math.min(1, Math.max(0, user / (user + system))) : 0;
  return { user: nanoseconds(Math.round(total * share)), system: nanoseconds(Math.round(total * (1 - share))) };
}
