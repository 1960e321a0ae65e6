import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import {
  Cluster,
  findKubectl,
  manifestOf,
  ownNamespace,
  type ClusterFile,
  type ClusterNode,
  type ClusterPod,
} from '../../engine/index.js';
import { BenchError, fileError } from '../../errors.js';
import { hostMachine } from '../../experiment/session/session.js';
import { makeWorkspace, noteService, removeWorkspace } from '../../experiment/session/workspace.js';
import type { NodeReport } from '../../model/host/fleet.js';
import type { KubernetesRequest } from '../../model/host/fleet-request.js';
import { payloadFiles } from '../../payload/index.js';
import { isParcelLine, LARGEST_LOG_BYTES } from '../../results/index.js';
import type { FleetContext } from '../context.js';
import { takeDelivery, type EndedTask, type JobOutput } from '../delivery.js';
import { nodeFolder } from '../folder.js';
import { gatherAndRemove, plain, type Gathered } from '../follow.js';
import { planCluster, type ClusterPlan } from './plan.js';
import { watchPods, type ClusterSeen } from './watch.js';

/** A run that is ready to start: the cluster was asked, and nothing was made in it. */
export interface ClusterRun {
  readonly cluster: Cluster;
  readonly plan: ClusterPlan;
  readonly runId: string;
  /** The objects as YAML, as `kubectl create` takes them. */
  readonly manifest: string;
  readonly request: KubernetesRequest;
}

/** For a node at its limit, to remove its containers and send what it has. */
const LAST_WORDS_MS = 60_000;
/** For the image to be pulled. */
const START_MS = 600_000;
/** A ConfigMap holds 1 MiB, base64 not counted. */
const LARGEST_FILES_BYTES = 2 ** 20;

/** Asks the cluster for its nodes and makes the manifest. Throws `environment` and `input`. */
export async function prepareCluster(
  request: KubernetesRequest,
  runId: string,
  paths: readonly string[],
  { env, cwd, signal }: Pick<FleetContext, 'env' | 'cwd' | 'signal'>,
): Promise<ClusterRun> {
  const files = readFiles(paths);
  const namespace = request.namespace ?? ownNamespace(runId);
  const cluster = await Cluster.at({ program: findKubectl(env), env, context: request.context, namespace, signal });
  const minorVersion = await cluster.minorVersion();
  const plan = planCluster(await cluster.nodes(request.selector), request, runId);
  if (request.namespace !== null) await checkLevel(cluster, request.namespace);
  const objects = manifestOf({
    runId,
    namespace,
    makesNamespace: request.namespace === null,
    jobs: plan.jobs,
    files,
    engine: request.engine,
    socket: request.socket,
    args: argsOf(request),
    folder: files.length === 0 ? '/root' : cwd,
    limitSeconds: Math.ceil(request.limitMs / 1000),
    minorVersion,
  });
  const manifest = objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n');
  return { cluster, plan, runId, manifest, request };
}

function argsOf({ job, engine, socket, limitMs }: KubernetesRequest): readonly string[] {
  const host = engine === 'cri' ? ['--host', `unix://${socket}`] : [];
  const limits = ['--limit', String(limitMs / 1000), '--largest', String(LARGEST_LOG_BYTES)];
  return ['fleet-node', ...limits, '--engine', engine, ...host, '--', ...job.words];
}

function readFiles(paths: readonly string[]): readonly ClusterFile[] {
  const files = paths.map((path): ClusterFile => {
    try {
      return { path, content: readFileSync(path) };
    } catch (error) {
      throw fileError('read', path, error);
    }
  });
  const bytes = files.reduce((sum, { content }) => sum + content.length, 0);
  if (bytes <= LARGEST_FILES_BYTES) return files;
  throw new BenchError('input', `the scenario and its profiles are ${Math.ceil(bytes / 1024)} KiB together`, {
    hint: `A ConfigMap holds ${LARGEST_FILES_BYTES / 1024} KiB.`,
  });
}

async function checkLevel(cluster: Cluster, namespace: string): Promise<void> {
  const level = await cluster.enforcedLevel();
  if (level === null || level === 'privileged') return;
  throw new BenchError('environment', `namespace ${namespace} enforces the Pod Security level ${level}`, {
    hint: 'The pods need the level privileged. Without --namespace bench makes a namespace of its own.',
  });
}

/**
 * Creates the Job, stores what each pod sends as it ends, and removes the Job before it returns. Throws `environment`
 * where it could not be created.
 */
export async function runOnCluster(run: ClusterRun, folder: string, context: FleetContext): Promise<Gathered> {
  const claimed = await claim(run, context);
  return gatherAndRemove(claimed, async () => {
    await claimed.create();
    return gather(run, folder, context);
  });
}

async function gather(run: ClusterRun, folder: string, context: FleetContext): Promise<readonly NodeReport[]> {
  const { cluster, plan, request } = run;
  const all = plan.jobs.flatMap(({ nodes }) => nodes);
  const reports = await watchPods({
    jobs: plan.jobs,
    limitMs: request.limitMs + START_MS + LAST_WORDS_MS,
    signal: context.signal,
    now: () => performance.now(),
    sleep: async (ms) => {
      await sleep(ms);
    },
    notify: context.notify,
    look: () => look(run, all),
    take: (node, end) => {
      const path = join(folder, nodeFolder(node, all));
      mkdirSync(path, { recursive: true });
      return takeDelivery({
        node: plain(node),
        end: end.kind === 'ended' ? { kind: 'ended', task: endedTask(end.task, cluster) } : end,
        parent: path,
        fleetFolder: folder,
      });
    },
  });
  return [...reports, ...plan.notStarted].sort((a, b) => a.node.name.localeCompare(b.node.name));
}

interface Claim extends AsyncDisposable {
  readonly create: () => Promise<void>;
}

/** What is made in the cluster is removed on disposal, and by bench clean if this process is killed. */
async function claim({ cluster, runId, manifest }: ClusterRun, { cwd, signal }: FleetContext): Promise<Claim> {
  const workspace = await makeWorkspace(runId, cwd, payloadFiles(hostMachine()).payload);
  const { program, namespace, context } = cluster.place;
  noteService(workspace, { kind: 'kubernetes', program, address: `${namespace}@${context ?? ''}` });
  return {
    create: async () => {
      signal.throwIfAborted();
      await cluster.create(manifest);
    },
    [Symbol.asyncDispose]: async () => {
      await cluster.remove(runId);
      removeWorkspace(workspace);
    },
  };
}

async function look({ cluster, runId }: ClusterRun, all: readonly ClusterNode[]): Promise<ClusterSeen> {
  const [seen, nodes] = await Promise.all([cluster.look(runId), cluster.nodes(null)]);
  const starts = seen.pods.length < all.length || seen.pods.some(({ state }) => state.kind === 'waiting');
  return { ...seen, nodes, warnings: starts ? await cluster.warnings() : [] };
}

function endedTask({ name, state }: ClusterPod, cluster: Cluster): EndedTask {
  if (state.kind !== 'ended') throw new RangeError(`pod ${name} has ended`);
  return {
    state: state.exitCode === 0 ? 'complete' : 'failed',
    words: state.words,
    endedWell: state.exitCode === 0,
    output: state.hadContainer ? async () => split(await cluster.log(name)) : null,
  };
}

/** A pod's log has both streams in one. */
function split(log: string): JobOutput {
  const lines = log.split('\n');
  return {
    stdout: lines.filter(isParcelLine).join('\n'),
    stderr: lines.filter((line) => !isParcelLine(line)).join('\n'),
  };
}
