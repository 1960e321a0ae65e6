import { join, resolve } from 'node:path';
import { findEndpoint, Swarm } from '../engine/index.js';
import { fileError } from '../errors.js';
import { FLEET_FORMAT_VERSION, type FleetRecord, type NodeReport } from '../model/host/fleet.js';
import type {
  FleetEvent,
  FleetRequest,
  FleetResult,
  KubernetesRequest,
  SwarmRequest,
} from '../model/host/fleet-request.js';
import { FLEET_FILE, replaceFile } from '../results/index.js';
import type { FleetContext } from './context.js';
import type { Gathered } from './follow.js';
import { filesOf } from './files.js';
import { makeFleetFolder, newFleet, runIdOf, type FleetFolder } from './folder.js';
import { gatherFrom } from './gather.js';
import { prepareCluster, runOnCluster } from './kubernetes/run.js';
import { planFleet, type FleetPlan } from './plan.js';
import { runOnSwarm } from './swarm.js';

export type { FleetContext } from './context.js';
export { runOnNode } from './node.js';

/**
 * Runs a job once on every node and gathers its results, verified; or gathers those that a cluster's jobs left in a
 * folder. Writes fleet.json. A node that fails is part of the result, as is a job that could not be removed. Throws
 * `BenchError`: `usage` and `input` (the job, the folder), `environment` (no swarm, no node, no image).
 */
export async function runFleet(request: FleetRequest, context: FleetContext): Promise<FleetResult> {
  const { folder, ...fleet } =
    request.kind === 'gather'
      ? gathered(request.folder, context)
      : request.kind === 'swarm'
        ? await measured(request, context)
        : await measuredInPods(request, context);
  const { notRemoved, ...record } = fleet;
  try {
    writeRecord(folder, record);
  } catch (error) {
    throw notRemoved === null ? error : new AggregateError([error, notRemoved]);
  }
  return { name: folder.name, folder: folder.path, nodes: fleet.nodes, notRemoved };
}

/** All that fleet.json says besides the folder's own facts. */
interface Recorded {
  readonly source: string;
  readonly command: readonly string[];
  readonly nodes: readonly NodeReport[];
}

interface Fleet extends Recorded, Gathered {
  readonly folder: FleetFolder;
}

function gathered(from: string, { cwd }: FleetContext): Fleet {
  const { folder, nodes } = gatherFrom(from, cwd);
  return { folder, source: folder.path, command: [], nodes, notRemoved: null };
}

async function measured(request: SwarmRequest, context: FleetContext): Promise<Fleet> {
  const { job, host } = request;
  const files = await filesOf(job, 'fleet --swarm', context);
  const swarm = await Swarm.at(
    findEndpoint({ engine: 'docker', env: context.env, ...(host === null ? {} : { host }) }),
    context.signal,
  );
  const plan = await planFleet(swarm, request);
  const folder = makeFleetFolder(resolve(context.cwd, request.resultsFolder));
  context.notify(planned(plan, folder, job.words));
  const result = await runOnSwarm({ swarm, plan, folder, files, request }, context);
  return { folder, source: swarm.endpoint.host, command: job.words, ...result };
}

async function measuredInPods(request: KubernetesRequest, context: FleetContext): Promise<Fleet> {
  const { job } = request;
  const files = await filesOf(job, 'fleet --kubernetes', context);
  const fleet = newFleet();
  const run = await prepareCluster(request, runIdOf(fleet), files, context);
  const folder = makeFleetFolder(resolve(context.cwd, request.resultsFolder), fleet);
  const { jobs, notStarted, resting } = run.plan;
  context.notify({
    kind: 'planned',
    words: job.words,
    groups: jobs.map(({ nodes, image }) => ({
      machine: [...new Set(nodes.map(({ machine }) => machine))].join(', '),
      image,
      nodes: nodes.map(({ name }) => name),
    })),
    notStarted,
    resting: resting.map(({ name }) => ({ name, availability: 'cordoned' })),
    folder: folder.path,
  });
  const result = await runOnCluster(run, folder.path, context);
  const { context: name, namespace } = run.cluster.place;
  return { folder, source: `kubernetes ${name ?? ''}/${namespace}`, command: job.words, ...result };
}

/**
 * The objects that `runFleet` would create, as YAML for `kubectl create -f -`. The cluster is asked for its nodes, and
 * nothing is made. Throws as `runFleet` does.
 */
export async function kubernetesManifest(
  request: KubernetesRequest,
  context: Pick<FleetContext, 'env' | 'cwd' | 'stdin' | 'signal'>,
): Promise<string> {
  const files = await filesOf(request.job, 'fleet --kubernetes', context);
  return (await prepareCluster(request, runIdOf(newFleet()), files, context)).manifest;
}

function planned(
  { groups, notStarted, resting }: FleetPlan,
  folder: FleetFolder,
  words: readonly string[],
): FleetEvent {
  return {
    kind: 'planned',
    words,
    groups: groups.map(({ nodes, imageName }) => ({
      machine: nodes[0]?.machine ?? '',
      image: imageName,
      nodes: nodes.map(({ name }) => name),
    })),
    notStarted,
    resting: resting.map(({ name, availability }) => ({ name, availability })),
    folder: folder.path,
  };
}

function writeRecord(folder: FleetFolder, { source, command, nodes }: Recorded): void {
  const path = join(folder.path, FLEET_FILE);
  const record: FleetRecord = {
    formatVersion: FLEET_FORMAT_VERSION,
    id: folder.id,
    startedAt: folder.startedAt,
    endedAt: new Date().toISOString(),
    source,
    command,
    nodes,
  };
  try {
    replaceFile(path, `${JSON.stringify(record, null, 2)}\n`);
  } catch (error) {
    throw fileError('write', path, error, {
      hint: `The results of the nodes are in ${folder.path}: bench report makes a report of them.`,
    });
  }
}
