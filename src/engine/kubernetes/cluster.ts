import { BenchError } from '../../errors.js';
import { ASK_MS, CLUSTER_REMOVE_MS, NODE_LOGS_MS } from '../waiting/deadlines.js';
import { RUN_LABEL } from '../docker/daemon.js';
import type { EventAnswer, JobAnswer, NamespaceAnswer, NodeAnswer, PodAnswer } from './answers.js';
import { isAbsent, isForbidden, kubectl, type KubectlPlace } from './kubectl.js';
import { failuresOf, nodeOf, podOf, type ClusterNode, type ClusterPod, type FailedJob } from './views.js';

/** What a run has in the cluster now. */
export interface ClusterLook {
  readonly pods: readonly ClusterPod[];
  readonly failed: readonly FailedJob[];
}

/** An event of type Warning. */
export interface ClusterWarning {
  /** Name of the Job or the pod. */
  readonly about: string;
  /** `FailedCreate`, `FailedMount`. */
  readonly reason: string;
  readonly message: string;
}

const READ_LIMIT = `--request-timeout=${ASK_MS / 1000}s`;
/** More than a node keeps of one container's log. */
const LOG_LIMIT_BYTES = 64 * 2 ** 20;

/** A Kubernetes cluster through the user's own kubectl, as far as a Job on each of its nodes needs it. */
export class Cluster {
  readonly place: KubectlPlace;

  private constructor(place: KubectlPlace) {
    this.place = place;
  }

  /** Gives the cluster that kubectl means. The context is looked up once: another shell may change it meanwhile. */
  static async at(place: KubectlPlace): Promise<Cluster> {
    if (place.context !== null) return new Cluster(place);
    const context = await kubectl(place, ['config', 'current-context'], {
      failure: 'could not read the current context',
    })
      .then((name) => name.trim())
      // Within a cluster kubectl needs no context.
      .catch(() => {
        place.signal?.throwIfAborted();
        return '';
      });
    return new Cluster({ ...place, context: context === '' ? null : context });
  }

  /** The minor version of the API server: 29 for 1.29. Throws `environment` where it does not answer. */
  async minorVersion(): Promise<number> {
    const text = await this.#ask(['get', '--raw', '/version', READ_LIMIT], 'could not reach the API server');
    const { minor = '' } = parsed(text) as { readonly minor?: string };
    return Number.parseInt(minor, 10) || 0;
  }

  async nodes(selector: string | null): Promise<readonly ClusterNode[]> {
    const chosen = selector === null ? [] : ['--selector', selector];
    const text = await this.#ask(
      ['get', 'nodes', '--output', 'json', READ_LIMIT, ...chosen],
      'could not list the nodes',
    );
    return (itemsOf(text) as readonly NodeAnswer[]).map(nodeOf);
  }

  /** The Pod Security level that the namespace enforces; `null`: none, or it cannot be read. */
  async enforcedLevel(): Promise<string | null> {
    const { namespace } = this.place;
    try {
      const text = await this.#ask(
        ['get', 'namespace', namespace, '--output', 'json', READ_LIMIT],
        `could not use namespace ${namespace}`,
      );
      const { metadata } = parsed(text) as NamespaceAnswer;
      return metadata.labels?.['pod-security.kubernetes.io/enforce'] ?? null;
    } catch (error) {
      if (isForbidden(error)) return null;
      throw error;
    }
  }

  /** Creates the objects of a manifest. Throws `environment` with the API server's words. */
  async create(manifest: string): Promise<void> {
    await kubectl(this.place, ['create', '--filename', '-'], { input: manifest, failure: 'could not create the Job' });
  }

  async look(runId: string): Promise<ClusterLook> {
    const args = ['get', 'jobs,pods', '--selector', `${RUN_LABEL}=${runId}`, '--output', 'json', READ_LIMIT];
    const items = itemsOf(await this.#ask(args, 'could not follow the Job')) as readonly (JobAnswer | PodAnswer)[];
    const pods = items.filter((item) => item.kind === 'Pod');
    return {
      // The first pod of a node is the one that counts.
      pods: [...pods].sort((a, b) => compare(bornAt(a), bornAt(b))).map(podOf),
      failed: failuresOf(items.filter((item) => item.kind === 'Job')),
    };
  }

  /** What the cluster warns of in the namespace. Only an explanation: empty where the user may not read it. */
  async warnings(): Promise<readonly ClusterWarning[]> {
    const args = ['get', 'events', '--field-selector', 'type=Warning', '--output', 'json', READ_LIMIT];
    try {
      const events = itemsOf(await this.#ask(args, 'could not read the events')) as readonly EventAnswer[];
      return events.map(({ reason = '', message = '', involvedObject: about }) => ({
        about: about?.name ?? '',
        reason,
        message,
      }));
    } catch {
      return [];
    }
  }

  /** All that a pod's container wrote, both streams in one. */
  async log(pod: string): Promise<string> {
    const args = ['logs', pod, '--container', 'bench', `--limit-bytes=${LOG_LIMIT_BYTES}`];
    return await kubectl(this.place, args, {
      failure: `could not read the log of pod ${pod}`,
      goesOn: true,
      timeoutMs: NODE_LOGS_MS,
    });
  }

  /** Names of the run's Jobs. */
  async jobs(runId: string): Promise<readonly string[]> {
    const args = ['get', 'jobs', '--selector', `${RUN_LABEL}=${runId}`, '--output', 'name', READ_LIMIT];
    return (await this.#ask(args, 'could not list the Jobs')).split('\n').filter(Boolean);
  }

  /**
   * Removes what a run has, and waits for its pods to end; the namespace as well where it is the run's own. Throws
   * `runFailed` with what stays.
   */
  async remove(runId: string): Promise<void> {
    const { namespace } = this.place;
    const args =
      namespace === ownNamespace(runId)
        ? ['delete', 'namespace', namespace]
        : ['delete', 'jobs,pods,configmaps', '--selector', `${RUN_LABEL}=${runId}`];
    try {
      await kubectl(this.place, [...args, '--ignore-not-found', `--timeout=${CLUSTER_REMOVE_MS / 1000}s`], {
        failure: 'could not remove',
        goesOn: true,
        timeoutMs: CLUSTER_REMOVE_MS + ASK_MS,
      });
    } catch (error) {
      if (isAbsent(error)) return;
      const what = args[1] === 'namespace' ? `namespace ${namespace}` : `the Job of run ${runId} in ${namespace}`;
      const words = error instanceof Error ? error.message.replace(/^could not remove: /, '') : String(error);
      throw new BenchError('runFailed', `could not remove ${what}: ${words}`, {
        hint: `Remove it once the API server answers: bench clean, or kubectl ${args.join(' ')}`,
        cause: error,
      });
    }
  }

  async #ask(args: readonly string[], failure: string): Promise<string> {
    return await kubectl(this.place, args, { failure });
  }
}

/** The namespace that a run makes for itself: `seccomp-bench-03e2b85e` for run sb-03e2b85e. */
export const ownNamespace = (runId: string): string => `seccomp-bench-${runId.replace(/^sb-/, '')}`;

const bornAt = ({ metadata }: PodAnswer): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const itemsOf = (text: string): readonly unknown[] => (parsed(text) as { readonly items?: unknown[] }).items ?? [];

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BenchError('environment', `kubectl printed no JSON: ${text.slice(0, 80).trim()}`, { cause: error });
  }
}
