import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { BenchError } from '../../errors.js';
import type { DaemonVersion } from './connection/api-version.js';
import { connect, textOf, type Connected } from './connection/connect.js';
import type { DaemonEndpoint } from './endpoint.js';
import { apiFailure } from './failures.js';

/** The label of everything a run makes; its value is the run's id. */
export const RUN_LABEL = 'seccomp-bench';

const ALIVE_LIMIT_MS = 20_000;

export type ContainerOptions = Docker.ContainerCreateOptions;

/** The daemon's API, as far as an engine needs it. Its calls reject with what `apiFailure` reads. */
export class Daemon {
  readonly endpoint: DaemonEndpoint;
  /** What it said of itself when it was connected to. */
  readonly told: DaemonVersion;
  readonly #docker: Docker;

  private constructor(endpoint: DaemonEndpoint, { docker, told }: Connected) {
    this.endpoint = endpoint;
    this.told = told;
    this.#docker = docker;
  }

  /** Loads the library, which is slow. Throws `environment` where no daemon answers. */
  static async at(endpoint: DaemonEndpoint): Promise<Daemon> {
    return new Daemon(endpoint, await connect(endpoint));
  }

  /** Rejects where it no longer answers. */
  async alive(): Promise<void> {
    await (this.#docker.version as (options: object) => Promise<unknown>).call(
      this.#docker,
      aborting(AbortSignal.timeout(ALIVE_LIMIT_MS)),
    );
  }

  info(): Promise<DaemonInfo> {
    return this.#docker.info() as Promise<DaemonInfo>;
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
    const exitCode = exitCodeIn(answer);
    // A caller that stops in between never awaits it.
    exitCode.catch(() => undefined);
    return { exitCode };
  }

  /**
   * The container's output as the daemon logged it, in the frames of an attached stream; requires a log driver that
   * keeps it.
   */
  async logs(id: string, abortSignal?: AbortSignal): Promise<Buffer> {
    return await this.#docker
      .getContainer(id)
      .logs({ stdout: true, stderr: true, follow: false, ...aborting(abortSignal) });
  }

  inspect(id: string, abortSignal?: AbortSignal): Promise<Docker.ContainerInspectInfo> {
    return this.#docker.getContainer(id).inspect(aborting(abortSignal));
  }

  async kill(id: string): Promise<void> {
    await unless(404, 409)(this.#docker.getContainer(id).kill());
  }

  /** Kills it if it runs; a container that is already gone is fine. */
  async remove(id: string, abortSignal?: AbortSignal): Promise<void> {
    await unless(404)(this.#docker.getContainer(id).remove({ force: true, v: true, ...aborting(abortSignal) }));
  }

  /** Names of the run's containers, including ended ones. */
  async containersOf(runId: string): Promise<readonly string[]> {
    const found = await this.#docker.listContainers({ all: true, filters: { label: [`${RUN_LABEL}=${runId}`] } });
    return found.map(({ Names, Id }) => Names[0]?.replace(/^\//, '') ?? Id);
  }

  /** Ids of what the run has in the engine's swarm; none where the engine manages no swarm. */
  async inSwarm(runId: string): Promise<{ readonly services: readonly string[]; readonly files: readonly string[] }> {
    const filters = JSON.stringify({ label: [`${RUN_LABEL}=${runId}`] });
    const services = await ofSwarm(this.#docker.listServices({ filters } as unknown as Docker.ServiceListOptions));
    const files = await ofSwarm(this.#docker.listConfigs({ filters }) as Promise<readonly { readonly ID: string }[]>);
    return {
      services: services.map((service) => (service as unknown as { readonly ID: string }).ID),
      files: files.map(({ ID }) => ID),
    };
  }

  /** Loads an image archive, as `docker load` does. */
  async load(archive: Buffer): Promise<void> {
    const answer = await this.#docker.loadImage(archive as unknown as string, { quiet: true });
    const words = await textOf(answer);
    // A refusal comes after the head said 200.
    const refusal = /"error"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(words)?.[1];
    if (refusal !== undefined)
      throw new BenchError(
        'environment',
        `the engine could not load the payload's image: ${JSON.parse(refusal) as string}`,
      );
  }

  inspectImage(name: string): Promise<Docker.ImageInspectInfo> {
    return this.#docker.getImage(name).inspect();
  }

  /** Removes the images of a run. */
  async removeImagesOf(runId: string): Promise<void> {
    const found = await this.#docker.listImages({ filters: JSON.stringify({ label: [`${RUN_LABEL}=${runId}`] }) });
    for (const { Id } of found) await unless(404)(this.#docker.getImage(Id).remove({ force: true }));
  }
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

const aborting = (abortSignal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } =>
  abortSignal === undefined ? {} : { abortSignal };

/** An engine outside a swarm or without a manager (503), and Podman (404), have nothing in a swarm. */
const ofSwarm = <Listed>(call: Promise<readonly Listed[]>): Promise<readonly Listed[]> =>
  call.catch((error: unknown) => {
    if ([404, 406, 503].includes(apiFailure(error).status ?? 0)) return [];
    throw error;
  });

const unless =
  (...statuses: readonly number[]) =>
  async (call: Promise<unknown>): Promise<void> => {
    await call.catch((error: unknown) => {
      const { status } = apiFailure(error);
      if (status === null || !statuses.includes(status)) throw error;
    });
  };

async function exitCodeIn(answer: Readable): Promise<number> {
  const text = await textOf(answer);
  const { StatusCode: code } = JSON.parse(text) as { readonly StatusCode?: unknown };
  if (typeof code === 'number') return code;
  throw new BenchError('runFailed', `the engine returned no exit code for a container: ${text}`);
}
