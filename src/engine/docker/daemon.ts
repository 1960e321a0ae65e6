import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { BenchError } from '../../errors.js';
import { LOAD_IMAGE_MS } from '../waiting/deadlines.js';
import type { Patience } from '../waiting/patience.js';
import type { DaemonVersion } from './connection/api-version.js';
import { endingWithin, listIn, objectIn, textOf } from './connection/answers.js';
import { connect, type Connected } from './connection/connect.js';
import type { DaemonEndpoint } from './endpoint.js';
import { apiFailure } from './failures.js';

/** The label of everything a run makes; its value is the run's id. */
export const RUN_LABEL = 'seccomp-bench';

export type ContainerOptions = Docker.ContainerCreateOptions;

/** The daemon's API, as far as an engine needs it. Its calls reject with what `apiFailure` reads. */
export class Daemon {
  readonly endpoint: DaemonEndpoint;
  /** What it said of itself when it was connected to. */
  readonly told: DaemonVersion;
  /** Its requests end when the user stops the run. */
  readonly #docker: Docker;
  /** The same daemon, for requests that list and remove what the run made. */
  readonly #ending: Docker;

  readonly #patience: Patience;

  private constructor(endpoint: DaemonEndpoint, { docker, ending, patience, told }: Connected) {
    this.endpoint = endpoint;
    this.told = told;
    this.#docker = docker;
    this.#ending = ending;
    this.#patience = patience;
  }

  /**
   * Loads the library, which is slow. `user` ends requests, except those that remove what a run made. Throws
   * `environment` where no daemon answers.
   */
  static async at(endpoint: DaemonEndpoint, user?: AbortSignal): Promise<Daemon> {
    return new Daemon(endpoint, await connect(endpoint, user));
  }

  /** Rejects where it no longer answers. */
  async alive(): Promise<void> {
    await this.#docker.version();
  }

  async info(): Promise<DaemonInfo> {
    return objectIn(await this.#docker.info(), INFO, 'GET /info');
  }

  async create(options: ContainerOptions, abortSignal?: AbortSignal): Promise<void> {
    await this.#docker.createContainer({ ...options, ...aborting(abortSignal) });
  }

  /** Output from the container's first byte on, if it is attached before it starts. */
  async attach(id: string, abortSignal?: AbortSignal): Promise<Readable> {
    const stream = await this.#docker
      .getContainer(id)
      .attach({ stream: true, stdout: true, stderr: true, hijack: true, ...aborting(abortSignal) });
    return stream as unknown as Readable;
  }

  async start(id: string, abortSignal?: AbortSignal): Promise<void> {
    await this.#docker.getContainer(id).start(aborting(abortSignal));
  }

  /** Resolves once the daemon waits for the container's next exit; the inner promise gives the exit code. */
  async watch(id: string, abortSignal?: AbortSignal): Promise<{ readonly exitCode: Promise<number> }> {
    const answer = await new Promise<Readable>((resolve, reject) => {
      // The library's wait() gives only the body of the answer; its head shows that the daemon waits.
      this.#docker.modem.dial(
        {
          path: `/containers/${id}/wait?`,
          method: 'POST',
          isStream: true,
          options: { _query: { condition: 'next-exit' }, _body: {} },
          statusCodes: { 200: true, 404: 'no such container', 500: 'server error' },
          ...aborting(abortSignal),
        },
        (error, stream) => {
          if (error === null) resolve(stream as Readable);
          else reject(error);
        },
      );
    });
    const exitCode = exitCodeIn(answer, `POST /containers/${id}/wait`);
    // A caller that stops in between never awaits it.
    exitCode.catch(() => undefined);
    return { exitCode };
  }

  /**
   * The container's output as the daemon logged it, in the frames of an attached stream; requires a log driver that
   * keeps it.
   */
  async logs(id: string, abortSignal?: AbortSignal): Promise<Buffer> {
    const logged: unknown = await this.#docker
      .getContainer(id)
      .logs({ stdout: true, stderr: true, follow: false, ...aborting(abortSignal) });
    // A log that happens to be JSON has been read as such, and has no frames.
    return Buffer.isBuffer(logged) ? logged : Buffer.alloc(0);
  }

  async inspect(id: string, abortSignal?: AbortSignal): Promise<Docker.ContainerInspectInfo> {
    const answer: unknown = await this.#docker.getContainer(id).inspect(aborting(abortSignal));
    const request = `GET /containers/${id}/json`;
    const container = objectIn(answer, INSPECTED, request) as Docker.ContainerInspectInfo;
    objectIn(container.HostConfig, { SecurityOpt: 'list?' }, request);
    objectIn(container.State, STATE, request);
    return container;
  }

  /** An exec in a running container, not started yet; gives its id. */
  async createExec(id: string, options: Docker.ExecCreateOptions, abortSignal?: AbortSignal): Promise<string> {
    const made = await this.#docker.getContainer(id).exec({ ...options, ...aborting(abortSignal) });
    return (objectIn({ Id: made.id as unknown }, { Id: 'string' }, `POST /containers/${id}/exec`) as { Id: string }).Id;
  }

  /** Starts an exec; its output ends when it does. */
  async startExec(execId: string, abortSignal?: AbortSignal): Promise<Readable> {
    const options = { hijack: true, stdin: false, Detach: false, Tty: false, ...aborting(abortSignal) };
    return await this.#docker.getExec(execId).start(options);
  }

  /** `exitCode`: once it has ended. */
  async inspectExec(execId: string, abortSignal?: AbortSignal): Promise<ExecState> {
    const answer: unknown = await this.#docker.getExec(execId).inspect(aborting(abortSignal));
    const { Running, ExitCode } = objectIn(answer, { Running: 'boolean' }, `GET /exec/${execId}/json`) as {
      readonly Running: boolean;
      readonly ExitCode?: number | null;
    };
    return { exitCode: Running ? null : (ExitCode ?? null) };
  }

  /** After a stop: a daemon that hangs is found out by a question, which has less time than a removal. */
  async #assertAnswers(): Promise<void> {
    if (this.#patience.isDoubted) await this.#ending.version();
  }

  async kill(id: string): Promise<void> {
    await this.#assertAnswers();
    await unless(404, 409)(this.#ending.getContainer(id).kill());
  }

  /** Kills it if it runs; a container that is already gone is fine. */
  async remove(id: string, abortSignal?: AbortSignal): Promise<void> {
    await this.#assertAnswers();
    await unless(404)(this.#ending.getContainer(id).remove({ force: true, v: true, ...aborting(abortSignal) }));
  }

  /** Names of the run's containers, including ended ones. */
  async containersOf(runId: string): Promise<readonly string[]> {
    const filters = { label: [`${RUN_LABEL}=${runId}`] };
    const found = listIn(
      await this.#ending.listContainers({ all: true, filters }),
      { Id: 'string', Names: 'list?' },
      'GET /containers/json',
    ) as readonly { readonly Id: string; readonly Names?: readonly string[] | null }[];
    return found.map(({ Names, Id }) => (Names?.[0] ?? Id).replace(/^\//, ''));
  }

  /** Ids of what the run has in the engine's swarm; none where the engine manages no swarm. */
  async inSwarm(runId: string): Promise<{ readonly services: readonly string[]; readonly files: readonly string[] }> {
    const filters = JSON.stringify({ label: [`${RUN_LABEL}=${runId}`] });
    // Together: the second may be refused before the first is answered.
    const [services, files] = await Promise.all([
      idsInSwarm(this.#ending.listServices({ filters } as unknown as Docker.ServiceListOptions), 'GET /services'),
      idsInSwarm(this.#ending.listConfigs({ filters }), 'GET /configs'),
    ]);
    return { services, files };
  }

  /** Loads an image archive, as `docker load` does. */
  async load(archive: Buffer): Promise<void> {
    const answer: unknown = await this.#docker.loadImage(archive as unknown as string, { quiet: true });
    const request = 'POST /images/load';
    const words = await textOf(endingWithin(answer as Readable, LOAD_IMAGE_MS, request), request);
    // A refusal comes after the head said 200.
    const refusal = /"error"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(words)?.[1];
    if (refusal !== undefined)
      throw new BenchError(
        'environment',
        `the engine could not load the payload's image: ${JSON.parse(refusal) as string}`,
      );
  }

  async inspectImage(name: string): Promise<{ readonly Architecture: string }> {
    const answer: unknown = await this.#docker.getImage(name).inspect();
    return objectIn(answer, { Architecture: 'string' }, `GET /images/${name}/json`) as {
      readonly Architecture: string;
    };
  }

  /** Removes the images of a run. */
  async removeImagesOf(runId: string): Promise<void> {
    const filters = JSON.stringify({ label: [`${RUN_LABEL}=${runId}`] });
    const answer: unknown = await this.#ending.listImages({ filters });
    const found = listIn(answer, { Id: 'string' }, 'GET /images/json') as readonly { readonly Id: string }[];
    for (const { Id } of found) await unless(404)(this.#ending.getImage(Id).remove({ force: true }));
  }
}

/** How far an exec is. */
export interface ExecState {
  /** `null`: it has not ended. */
  readonly exitCode: number | null;
}

/** The answer to `GET /info`, as far as it is read. */
export interface DaemonInfo {
  /** Host name of the daemon's machine. */
  readonly Name?: string;
  readonly OperatingSystem?: string;
  readonly NCPU?: number;
  /** Bytes of memory of the daemon's machine. */
  readonly MemTotal?: number;
  /** Whether containers can be limited there. */
  readonly MemoryLimit?: boolean;
  readonly PidsLimit?: boolean;
  readonly OSType?: string;
  readonly KernelVersion?: string;
  readonly Runtimes?: Readonly<Record<string, ListedRuntime>>;
  readonly DefaultRuntime?: string;
  readonly SecurityOptions?: readonly string[] | null;
}

/** A runtime that the daemon is configured with. */
export interface ListedRuntime {
  readonly path?: string;
  readonly runtimeArgs?: readonly string[] | null;
  /** Docker 25 and newer: what the runtime itself reports, such as the text of its `features`. */
  readonly status?: Readonly<Record<string, string>> | null;
}

const INFO = {
  OSType: 'string?',
  Name: 'string?',
  KernelVersion: 'string?',
  DefaultRuntime: 'string?',
  Runtimes: 'object?',
  SecurityOptions: 'list?',
} as const;
const INSPECTED = { Id: 'string', HostConfig: 'object', State: 'object' } as const;
const STATE = { Running: 'boolean', Pid: 'number', Status: 'string', ExitCode: 'number' } as const;

const aborting = (abortSignal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } =>
  abortSignal === undefined ? {} : { abortSignal };

/** An engine outside a swarm or without a manager (503), and Podman (404), have nothing in a swarm. */
async function idsInSwarm(call: Promise<unknown>, request: string): Promise<readonly string[]> {
  try {
    const listed = listIn(await call, { ID: 'string' }, request) as readonly { readonly ID: string }[];
    return listed.map(({ ID }) => ID);
  } catch (error) {
    if ([404, 406, 503].includes(apiFailure(error).status ?? 0)) return [];
    throw error;
  }
}

const unless =
  (...statuses: readonly number[]) =>
  async (call: Promise<unknown>): Promise<void> => {
    await call.catch((error: unknown) => {
      const { status } = apiFailure(error);
      if (status === null || !statuses.includes(status)) throw error;
    });
  };

async function exitCodeIn(answer: Readable, request: string): Promise<number> {
  const text = await textOf(answer, request);
  const end = objectIn(parsed(text), { StatusCode: 'number' }, request) as { readonly StatusCode: number };
  return end.StatusCode;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return Buffer.from(text);
  }
}
