import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JobFile } from '../engine/docker/swarm/job.js';
import type { Swarm } from '../engine/docker/swarm/swarm.js';
import { BenchError } from '../errors.js';
import type { NodeReport } from '../model/host/fleet.js';
import type { Io } from '../model/io.js';
import { payloadFiles } from '../payload/index.js';
import { takeDelivery } from './delivery.js';
import { nodeFolder, type FleetFolder } from './folder.js';
import type { FleetOptions } from '../cli/commands/fleet.js';
import { plain, type FleetPlan } from './plan.js';
import { watchJobs } from './watch.js';
import { hostMachine } from '../experiment/session/session.js';
import { makeWorkspace, noteDaemon, removeWorkspace } from '../experiment/session/workspace.js';

export interface SwarmRun {
  readonly swarm: Swarm;
  readonly plan: FleetPlan;
  readonly folder: FleetFolder;
  /** Of this machine, for the nodes. */
  readonly files: readonly string[];
  readonly limitMs: number;
  readonly options: FleetOptions;
}

/** A node at its limit removes its containers and sends what it has; after that it is not waited for. */
const LAST_WORDS_MS = 60_000;

/**
 * Runs the job on every node and takes what each sends as it ends; the swarm has nothing of it left when this returns.
 * Throws where something could not be removed.
 */
export async function runOnSwarm(run: SwarmRun, io: Io): Promise<readonly NodeReport[]> {
  const { swarm, plan, folder } = run;
  const all = plan.groups.flatMap(({ nodes }) => nodes);
  await using made = await claim(run, io);
  const serviceIds = await startJobs(run, made, io);
  const reports = await watchJobs({
    swarm,
    serviceIds,
    nodes: all,
    limitMs: run.limitMs + LAST_WORDS_MS,
    signal: io.signal,
    now: () => performance.now(),
    sleep: async (ms) => {
      await sleep(ms);
    },
    say: (text) => {
      io.err(`${text}\n`);
    },
    take: (node, end) => {
      const path = join(folder.path, nodeFolder(node, all));
      mkdirSync(path, { recursive: true });
      return takeDelivery({
        swarm,
        node: plain(node),
        end,
        parent: path,
        fleetFolder: folder.path,
        images: plan.groups,
      });
    },
  });
  return [...reports, ...plan.notStarted].sort((a, b) => a.node.name.localeCompare(b.node.name));
}

interface Made extends AsyncDisposable {
  readonly services: string[];
  readonly configs: string[];
}

/**
 * From here on whatever is made in the swarm is removed at the end, and by bench clean where this process is killed.
 */
async function claim({ swarm, folder }: SwarmRun, io: Io): Promise<Made> {
  const workspace = await makeWorkspace(runIdOf(folder), io.cwd, payloadFiles(hostMachine()).payload);
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

const runIdOf = ({ id }: FleetFolder): string => `sb-${id}`;

async function startJobs(
  { swarm, plan, folder, files, limitMs, options }: SwarmRun,
  made: Made,
  io: Io,
): Promise<readonly string[]> {
  const runId = runIdOf(folder);
  const kept: JobFile[] = [];
  for (const [index, path] of files.entries()) {
    const configName = `${runId}-${index}`;
    const configId = await swarm.keepFile(configName, path, runId);
    made.configs.push(configId);
    kept.push({ configId, configName, path });
  }
  for (const { arch, imageId, nodes } of plan.groups) {
    io.signal.throwIfAborted();
    made.services.push(
      await swarm.start({
        name: `seccomp-bench-${runId}-${nodes[0]?.machine ?? arch}`,
        runId,
        imageId,
        folder: kept.length === 0 ? '/root' : io.cwd,
        files: kept,
        socket: options.socket,
        args: ['fleet-node', '--limit', String(limitMs / 1000), '--', ...options.command],
        constraints: [...(options.constraint ?? []), `node.platform.arch==${arch}`],
      }),
    );
  }
  return made.services;
}

async function removeAll(swarm: Swarm, services: readonly string[], configs: readonly string[]): Promise<void> {
  try {
    await Promise.all(services.map((id) => swarm.end(id)));
    for (const id of configs) await swarm.dropFile(id);
  } catch (error) {
    throw new BenchError(
      'runFailed',
      `Expected the swarm to remove the job, got ${error instanceof Error ? error.message : String(error)}`,
      { hint: 'Once the manager answers again, bench clean removes it.', cause: error },
    );
  }
}
