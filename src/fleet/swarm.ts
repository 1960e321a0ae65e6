import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobFile, Swarm, SwarmJob, SwarmTask } from '../engine/index.js';
import { BenchError, systemReason } from '../errors.js';
import type { NodeReport } from '../model/host/fleet.js';
import type { SwarmRequest } from '../model/host/fleet-request.js';
import { payloadFiles } from '../payload/index.js';
import { takeDelivery, type EndedTask } from './delivery.js';
import { nodeFolder, runIdOf, type FleetFolder } from './folder.js';
import type { FleetContext } from './context.js';
import { gatherAndRemove, plain, type Gathered } from './follow.js';
import { OtherStores, withRemedy } from './image-stores.js';
import type { FleetPlan } from './plan.js';
import { watchJobs } from './watch.js';
import { hostMachine } from '../experiment/session/session.js';
import { makeWorkspace, noteDaemon, removeWorkspace } from '../experiment/session/workspace.js';

export interface SwarmRun {
  readonly swarm: Swarm;
  readonly plan: FleetPlan;
  readonly folder: FleetFolder;
  /** Of this machine, for the nodes. */
  readonly files: readonly string[];
  readonly request: SwarmRequest;
}

/** For a node at its limit, to remove its containers and send what it has. */
const LAST_WORDS_MS = 60_000;

/**
 * Runs the job on every node and stores what each sends as it ends. The job is removed from the swarm before this
 * returns.
 */
export async function runOnSwarm(run: SwarmRun, context: FleetContext): Promise<Gathered> {
  const made = await claim(run, context);
  return gatherAndRemove(made, () => gather(run, made, context));
}

async function gather(run: SwarmRun, made: Made, context: FleetContext): Promise<readonly NodeReport[]> {
  const { swarm, plan, folder } = run;
  const all = plan.groups.flatMap(({ nodes }) => nodes);
  const files = await keepFiles(run, made);
  const start = async (where: JobPlace): Promise<void> => {
    made.services.push(await swarm.start(jobOf(run, { ...where, files, cwd: context.cwd })));
  };
  for (const group of plan.groups) {
    context.signal.throwIfAborted();
    await start({
      imageId: group.imageId,
      name: group.nodes[0]?.machine ?? group.arch,
      constraints: [...run.request.constraints, `node.platform.arch==${group.arch}`],
    });
  }
  const stores = new OtherStores({
    swarm,
    groups: plan.groups,
    start: ({ id }, imageId) => start({ imageId, name: id, constraints: [`node.id==${id}`] }),
  });
  const reports = await watchJobs({
    swarm,
    // Grows with every node that gets the job again.
    serviceIds: made.services,
    again: (task) => stores.again(task),
    nodes: all,
    limitMs: run.request.limitMs + LAST_WORDS_MS,
    signal: context.signal,
    now: () => performance.now(),
    sleep: async (ms) => {
      await sleep(ms);
    },
    notify: context.notify,
    take: (node, end) => {
      const path = join(folder.path, nodeFolder(node, all));
      mkdirSync(path, { recursive: true });
      return takeDelivery({
        node: plain(node),
        end: end.kind === 'ended' ? { kind: 'ended', task: endedTask(end.task, run) } : end,
        parent: path,
        fleetFolder: folder.path,
      });
    },
  });
  return [...reports, ...plan.notStarted].sort((a, b) => a.node.name.localeCompare(b.node.name));
}

function endedTask(task: SwarmTask, { swarm, plan }: SwarmRun): EndedTask {
  const { id, state, words } = task;
  // A task rejected before it had a container wrote nothing.
  const isRejected = state === 'rejected';
  return {
    state,
    words: isRejected ? withRemedy(task, plan.groups) : words,
    endedWell: state === 'complete',
    output: isRejected ? null : () => swarm.output(id),
  };
}

interface Made extends AsyncDisposable {
  readonly services: string[];
  readonly configs: string[];
}

/** What is made in the swarm is removed on disposal, and by bench clean if this process is killed. */
async function claim({ swarm, folder }: SwarmRun, { cwd }: FleetContext): Promise<Made> {
  const workspace = await makeWorkspace(runIdOf(folder), cwd, payloadFiles(hostMachine()).payload);
  noteDaemon(workspace, swarm.endpoint);
  const services: string[] = [];
  const configs: string[] = [];
  return {
    services,
    configs,
    [Symbol.asyncDispose]: async () => {
      await removeAll(swarm, services, configs);
      removeWorkspace(workspace);
    },
  };
}

async function keepFiles({ swarm, folder, files }: SwarmRun, made: Made): Promise<readonly JobFile[]> {
  const runId = runIdOf(folder);
  const kept: JobFile[] = [];
  for (const [index, path] of files.entries()) {
    const configName = `${runId}-${index}`;
    const configId = await swarm.keepFile(configName, path, runId);
    made.configs.push(configId);
    kept.push({ configId, configName, path });
  }
  return kept;
}

/** Where the job runs, with which image. */
interface JobPlace {
  readonly imageId: string;
  /** Ends the service's name. */
  readonly name: string;
  readonly constraints: readonly string[];
}

function jobOf(
  { folder, request }: SwarmRun,
  { imageId, name, constraints, files, cwd }: JobPlace & { readonly files: readonly JobFile[]; readonly cwd: string },
): SwarmJob {
  const runId = runIdOf(folder);
  return {
    name: `seccomp-bench-${runId}-${name}`,
    runId,
    imageId,
    folder: files.length === 0 ? '/root' : cwd,
    files,
    socket: request.socket,
    args: ['fleet-node', '--limit', String(request.limitMs / 1000), '--', ...request.job.words],
    constraints,
  };
}

/** All of them, even where some cannot be removed. */
async function removeAll(swarm: Swarm, services: readonly string[], configs: readonly string[]): Promise<void> {
  const ends = await Promise.allSettled(services.map((id) => swarm.end(id)));
  const drops = await Promise.allSettled(configs.map((id) => swarm.dropFile(id)));
  const failed = [...ends, ...drops].find((end) => end.status === 'rejected');
  if (failed === undefined) return;
  throw new BenchError('runFailed', `the swarm could not remove the job: ${systemReason(failed.reason)}`, {
    hint: 'Run bench clean once the manager answers again.',
    cause: failed.reason,
  });
}
