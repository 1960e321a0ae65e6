import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LeftOnDaemon } from '../../engine/docker/left.js';
import { leftWithService } from '../../engine/left.js';
import { removeCgroups } from '../../process/cgroups.js';
import { hasHybridCgroups, hideUnifiedCgroup } from '../../process/mount-namespace.js';
import { killProcess, processesOfRun } from '../../process/processes.js';
import { runTool } from '../../process/run-tool.js';
import type { Io } from '../../model/io.js';
import { allWorkspaces, isAlive, readOwner, removeWorkspace } from '../../experiment/session/workspace.js';
import type { WorkspaceOwner } from '../../experiment/session/workspace.js';

export interface CleanOptions {
  readonly dryRun: boolean;
}

/** `bench clean`: removes what earlier runs that ended without cleaning up left behind, and only that. */
export async function run({ dryRun }: CleanOptions, io: Io): Promise<number> {
  let removed = 0;
  for (const workspace of allWorkspaces(io.cwd)) {
    const owner = readOwner(workspace);
    if (owner === undefined) {
      io.err(`left alone: ${workspace} has no owner.json, so it is not known to be a run's\n`);
    } else if (isAlive(owner)) {
      io.err(`left alone: ${workspace} belongs to a run that is still at work (pid ${owner.pid})\n`);
    } else {
      const daemon = await askDaemon(owner, io);
      if (daemon?.state === 'silent') {
        io.err(
          `left alone: ${workspace} made containers at ${daemon.host}, which does not answer (${daemon.reason})\n`,
        );
        continue;
      }
      const containers = await containersIn(workspace, owner);
      const processes = processesOfRun(owner.runId);
      io.out(
        `${dryRun ? 'would remove' : 'removed'} ${workspace}: ${containers.length + (daemon?.names.length ?? 0)} containers, ${processes.length} processes\n`,
      );
      if (!dryRun) await daemon?.remove();
      if (!dryRun) await removeAll(workspace, owner, containers);
      removed += 1;
    }
  }
  if (removed === 0) io.out('nothing to clean\n');
  return 0;
}

/** What a run left on its daemon, where it had one. */
async function askDaemon({ runId, daemon, service }: WorkspaceOwner, io: Io): Promise<LeftOnDaemon | undefined> {
  if (service !== undefined) return leftWithService(service, runId, io.env);
  if (daemon === undefined) return undefined;
  // dockerode is slow to load.
  const { leftOnDaemon } = await import('../../engine/docker/left.js');
  return leftOnDaemon({ ...daemon, source: 'owner.json' }, runId);
}

interface LeftContainer {
  readonly root: string;
  readonly id: string;
}

async function containersIn(workspace: string, { runtime }: WorkspaceOwner): Promise<readonly LeftContainer[]> {
  // Without its runtime a container is no more than its processes.
  if (runtime === null || !existsSync(runtime)) return [];
  if ((await runTool(runtime, ['--version'])).stdout.startsWith('crun') && hasHybridCgroups()) hideUnifiedCgroup();
  const state = join(workspace, 'state');
  const found: LeftContainer[] = [];
  // All containers are either under state/ itself or under a folder of their own in it.
  for (const root of [state, ...foldersIn(state).map((name) => join(state, name))]) {
    const { exitCode, stdout } = await runTool(runtime, ['--root', root, 'list', '--quiet']);
    if (exitCode === 0)
      found.push(
        ...stdout
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean)
          .map((id) => ({ root, id })),
      );
  }
  return found;
}

async function removeAll(
  workspace: string,
  owner: WorkspaceOwner,
  containers: readonly LeftContainer[],
): Promise<void> {
  if (owner.runtime !== null) {
    for (const { root, id } of containers) await runTool(owner.runtime, ['--root', root, 'delete', '--force', id]);
  }
  for (const pid of processesOfRun(owner.runId)) killProcess(pid);
  await removeCgroups(owner.runId);
  removeWorkspace(workspace);
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}
