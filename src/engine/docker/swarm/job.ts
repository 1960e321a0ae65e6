import type Docker from 'dockerode';
import { RUN_LABEL } from '../daemon.js';

/** Where the job finds its node's engine. */
export const JOB_SOCKET = '/var/run/docker.sock';

/** One job for all nodes of one architecture. */
export interface SwarmJob {
  readonly name: string;
  readonly runId: string;
  /** By id: no registry is asked, and every node runs the same image. */
  readonly imageId: string;
  readonly args: readonly string[];
  /** The job's working folder: paths in its arguments are relative to it. */
  readonly folder: string;
  readonly constraints: readonly string[];
  /** The node's engine as the node sees it; may hold Swarm's placeholders. */
  readonly socket: string;
  readonly files: readonly JobFile[];
}

/** A file that the swarm keeps for the job, and where the job sees it. */
export interface JobFile {
  readonly configId: string;
  readonly configName: string;
  readonly path: string;
}

const NANOSECONDS = 1e9;
/** For bench to remove its containers once it is stopped. */
const GRACE_SECONDS = 60;

/**
 * A global job: one task per node, no second try, no network. Swarm 20.10 drops the seccomp options of a service, so
 * the containers under test are made by the job, through its node's engine.
 */
export function serviceSpec(job: SwarmJob): Docker.CreateServiceOptions {
  const labels = { [RUN_LABEL]: job.runId };
  return {
    Name: job.name,
    Labels: labels,
    Mode: { GlobalJob: {} },
    TaskTemplate: {
      ContainerSpec: {
        Image: job.imageId,
        Labels: labels,
        Args: [...job.args],
        Dir: job.folder,
        // Swarm fills it in: the results then carry the node's name.
        Hostname: '{{.Node.Hostname}}',
        Env: ['BENCH_NODE={{.Node.Hostname}}'],
        Mounts: [{ Type: 'bind', Source: job.socket, Target: JOB_SOCKET }] as unknown as Docker.MountSettings[],
        StopGracePeriod: GRACE_SECONDS * NANOSECONDS,
        Configs: job.files.map(({ configId, configName, path }) => ({
          ConfigID: configId,
          ConfigName: configName,
          File: { Name: path, UID: '0', GID: '0', Mode: 0o444 },
        })),
      },
      RestartPolicy: { Condition: 'none' },
      Placement: { Constraints: [...job.constraints] },
      // Set regardless of the node's default: the results come back through the log.
      LogDriver: { Name: 'json-file' },
    },
  };
}
