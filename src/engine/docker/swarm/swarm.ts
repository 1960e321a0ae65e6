import { readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { BenchError } from '../../../errors.js';
import type { FleetNode } from '../../../model/host/fleet.js';
import { JOB_END_MS, NODE_LOGS_MS, SAVE_IMAGE_MS } from '../../waiting/deadlines.js';
import { bytesOf, endingWithin, listIn, objectIn } from '../connection/answers.js';
import { connect } from '../connection/connect.js';
import { RUN_LABEL } from '../daemon.js';
import type { DaemonEndpoint } from '../endpoint.js';
import { apiFailure, daemonError } from '../failures.js';
import { splitFrames, type AttachedOutput } from '../frames.js';
import { machineNamed } from '../machines.js';
import { idsInArchive, type ImageIds } from './image-ids.js';
import { serviceSpec, type SwarmJob } from './job.js';

const POLL_MS = 500;
const MOST_UPDATES = 10;

/** Of a node's whole output: the largest results that a node sends, as lines, and what it says besides. */
const MOST_LOG_BYTES = 384 * 2 ** 20;

export interface SwarmNode extends FleetNode {
  /** The machine in Swarm's own words, as constraints have it. */
  readonly arch: string;
  readonly os: string;
  readonly role: string;
  /** `ready`, `down`, `unknown`, `disconnected`. */
  readonly state: string;
  /** `active`, `pause`, `drain`. */
  readonly availability: string;
  /** What Swarm says of the state; may be empty. */
  readonly words: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly engineLabels: Readonly<Record<string, string>>;
}

export interface SwarmTask {
  readonly id: string;
  readonly nodeId: string;
  /** `new`, `preparing`, `running`, `complete`, `failed`, `rejected`, `shutdown`, `orphaned`, `remove`, ... */
  readonly state: string;
  /** The engine's own words on the state or the error. */
  readonly words: string;
  readonly exitCode: number | null;
}

/** A Docker Swarm through its manager's API, as far as a job on each of its nodes needs it. */
export class Swarm {
  readonly endpoint: DaemonEndpoint;
  /** Its requests end when the user stops the run. */
  readonly #docker: Docker;
  /** The same manager, for requests that end a job and fetch what its nodes have sent. */
  readonly #ending: Docker;

  private constructor(endpoint: DaemonEndpoint, docker: Docker, ending: Docker) {
    this.endpoint = endpoint;
    this.#docker = docker;
    this.#ending = ending;
  }

  /** Throws `environment` where no engine answers, or where it manages no swarm. */
  static async at(endpoint: DaemonEndpoint, user?: AbortSignal): Promise<Swarm> {
    const { docker, ending } = await connect(endpoint, user);
    const { state, manages } = await stateOf(docker, endpoint);
    if (state !== 'active') {
      throw new BenchError(
        'environment',
        `the engine at ${endpoint.host} (${endpoint.source}) is not a swarm manager: its swarm is ${state}`,
        { hint: 'docker swarm init creates one; docker swarm join adds another machine.' },
      );
    }
    if (manages) return new Swarm(endpoint, docker, ending);
    throw new BenchError(
      'environment',
      `the engine at ${endpoint.host} (${endpoint.source}) is not a swarm manager: it is a worker`,
      { hint: 'Name a manager with --host, or docker node promote this node.' },
    );
  }

  async nodes(): Promise<readonly SwarmNode[]> {
    const listed = listIn(await this.#ending.listNodes(), { ID: 'string' }, 'GET /nodes') as readonly ListedNode[];
    return listed.map(nodeOf).sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Id and machine of an image of the manager's engine; `undefined` where it has no such image. */
  async image(name: string): Promise<{ readonly id: string; readonly machine: string } | undefined> {
    try {
      const { Id, Architecture } = objectIn(
        await this.#docker.getImage(name).inspect(),
        { Id: 'string', Architecture: 'string' },
        `GET /images/${name}/json`,
      ) as { readonly Id: string; readonly Architecture: string };
      return { id: Id, machine: machineNamed(Architecture) };
    } catch (error) {
      if (apiFailure(error).status === 404) return undefined;
      throw daemonError(error, `show the image ${name}`, this.endpoint);
    }
  }

  /** The ids by which the nodes' image stores may know an image of the manager's engine. Throws `environment`. */
  async imageIds(name: string): Promise<ImageIds> {
    try {
      const archive: unknown = await this.#docker.getImage(name).get();
      return await idsInArchive(endingWithin(archive as Readable, SAVE_IMAGE_MS, `GET /images/${name}/get`));
    } catch (error) {
      throw daemonError(error, `save the image ${name}`, this.endpoint);
    }
  }

  /** Keeps a file in the swarm, for the job to mount. Throws `environment`. */
  async keepFile(name: string, path: string, runId: string): Promise<string> {
    try {
      const { id } = (await this.#docker.createConfig({
        Name: name,
        Labels: { [RUN_LABEL]: runId },
        Data: readFileSync(path).toString('base64'),
      })) as { readonly id: string };
      return id;
    } catch (error) {
      throw daemonError(error, `keep ${path} for the nodes`, this.endpoint);
    }
  }

  /** Starts the job once on each node that its constraints allow; gives the service's id. Throws `environment`. */
  async start(job: SwarmJob): Promise<string> {
    try {
      return (await this.#docker.createService(serviceSpec(job))).id;
    } catch (error) {
      throw daemonError(error, 'start a job on each node', this.endpoint);
    }
  }

  /** Oldest first: Swarm makes a new task where one failed. */
  async tasksOf(serviceId: string): Promise<readonly SwarmTask[]> {
    const filters = JSON.stringify({ service: [serviceId] });
    const answer: unknown = await this.#ending.listTasks({ filters });
    const listed = listIn(answer, { ID: 'string' }, 'GET /tasks') as readonly ListedTask[];
    return listed.toSorted((a, b) => (a.CreatedAt ?? '').localeCompare(b.CreatedAt ?? '')).map(taskOf);
  }

  /** All that a task has written. Throws where it is too much, or does not end. */
  async output(taskId: string): Promise<AttachedOutput> {
    const answer = await new Promise<Readable>((resolve, reject) => {
      this.#ending.modem.dial(
        {
          path: `/tasks/${taskId}/logs?`,
          method: 'GET',
          isStream: true,
          options: { stdout: true, stderr: true, tail: 'all' },
          statusCodes: { 200: true, 404: 'no such task', 500: 'server error' },
        },
        (error, stream) => {
          if (error === null) resolve(stream as Readable);
          else reject(error);
        },
      );
    });
    const request = `GET /tasks/${taskId}/logs`;
    return splitFrames(await bytesOf(endingWithin(answer, NODE_LOGS_MS, request), request, MOST_LOG_BYTES));
  }

  /**
   * Ends the job if it still runs and removes it with its containers; a job that is already gone is fine. Removing
   * the service of a job leaves its tasks and their containers (moby issues 42789 and 44312), but updating it removes
   * them: it is first updated to run on no node. Nodes that are down are not waited for.
   */
  async end(serviceId: string): Promise<void> {
    const service = this.#ending.getService(serviceId);
    try {
      await unlessGone(this.#endTasks(service, serviceId));
    } finally {
      await unlessGone(service.remove());
    }
  }

  async #endTasks(service: Docker.Service, serviceId: string): Promise<void> {
    for (let tries = 1; ; tries += 1)
      try {
        await this.#runNowhere(service);
        break;
      } catch (error) {
        // The swarm changed it between both requests, as it does while a job starts.
        if (tries === MOST_UPDATES || !apiFailure(error).words.includes('out of sequence')) throw error;
        await sleep(POLL_MS);
      }
    for (let waitedMs = 0; waitedMs < JOB_END_MS && (await this.#hasLiveTasks(serviceId)); waitedMs += POLL_MS)
      await sleep(POLL_MS);
  }

  async #runNowhere(service: Docker.Service): Promise<void> {
    const { Spec, Version } = (await service.inspect()) as {
      readonly Spec: Docker.ServiceSpec;
      readonly Version: { readonly Index: number };
    };
    await service.update({
      ...Spec,
      version: Version.Index,
      TaskTemplate: { ...Spec.TaskTemplate, Placement: { Constraints: ['node.id==none'] } },
    });
  }

  async #hasLiveTasks(serviceId: string): Promise<boolean> {
    const tasks = await this.tasksOf(serviceId);
    if (tasks.length === 0) return false;
    const ready = new Set((await this.nodes()).filter(({ state }) => state === 'ready').map(({ id }) => id));
    return tasks.some(({ nodeId }) => ready.has(nodeId));
  }

  async dropFile(configId: string): Promise<void> {
    await unlessGone(this.#ending.getConfig(configId).remove());
  }
}

async function unlessGone(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    if (apiFailure(error).status !== 404) throw error;
  });
}

async function stateOf(
  docker: Docker,
  endpoint: DaemonEndpoint,
): Promise<{ readonly state: string; readonly manages: boolean }> {
  try {
    const info = objectIn(await docker.info(), { Swarm: 'object?' }, 'GET /info') as {
      readonly Swarm?: { readonly LocalNodeState?: string; readonly ControlAvailable?: boolean };
    };
    return { state: info.Swarm?.LocalNodeState ?? 'inactive', manages: info.Swarm?.ControlAvailable === true };
  } catch (error) {
    throw daemonError(error, 'tell whether it is in a swarm', endpoint);
  }
}

interface ListedNode {
  readonly ID: string;
  readonly Spec?: { readonly Role?: string; readonly Availability?: string; readonly Labels?: Record<string, string> };
  readonly Description?: {
    readonly Hostname?: string;
    readonly Platform?: { readonly Architecture?: string; readonly OS?: string };
    readonly Engine?: { readonly Labels?: Record<string, string> };
  };
  readonly Status?: { readonly State?: string; readonly Message?: string };
}

function nodeOf({ ID, Spec = {}, Description = {}, Status = {} }: ListedNode): SwarmNode {
  const { Architecture = 'unknown', OS = 'unknown' } = Description.Platform ?? {};
  return {
    id: ID,
    name: Description.Hostname ?? ID,
    machine: machineNamed(Architecture),
    arch: Architecture,
    os: OS,
    role: Spec.Role ?? '',
    state: Status.State ?? 'unknown',
    availability: Spec.Availability ?? 'unknown',
    words: Status.Message ?? '',
    labels: Spec.Labels ?? {},
    engineLabels: Description.Engine?.Labels ?? {},
  };
}

interface ListedTask {
  readonly ID: string;
  readonly NodeID?: string;
  readonly CreatedAt?: string;
  readonly Status?: {
    readonly State?: string;
    readonly Message?: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ExitCode?: number };
  };
}

function taskOf({ ID, NodeID = '', Status = {} }: ListedTask): SwarmTask {
  return {
    id: ID,
    nodeId: NodeID,
    state: Status.State ?? 'new',
    words: Status.Err ?? Status.Message ?? '',
    exitCode: Status.ContainerStatus?.ExitCode ?? null,
  };
}
