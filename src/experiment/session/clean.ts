import { join } from 'node:path';
import { leftOfRuntime, leftOnDaemon, leftWithService, type LeftOnDaemon } from '../../engine/index.js';
import { BenchError, systemReason } from '../../errors.js';
import { removeCgroups } from '../../process/cgroups.js';
import { livenessOfOwner } from '../../process/owned-folder.js';
import { isRunning, killProcess, processesOfRun, untilEnded } from '../../process/processes.js';
import { allWorkspaces, readOwner, removeWorkspace, type WorkspaceOwner } from './workspace.js';

/** What became of one workspace; facts, no sentences. */
export type CleanEvent = { readonly workspace: string } & (
  | { readonly kind: 'noOwner' }
  | { readonly kind: 'alive'; readonly pid: number }
  /** Its process belongs to another pid namespace or machine. */
  | { readonly kind: 'cannotTell'; readonly pid: number; readonly hostname: string | null }
  /** Its daemon does not answer, so nobody knows what is left there. */
  | { readonly kind: 'daemonSilent'; readonly host: string; readonly reason: string }
  | { readonly kind: 'found' | 'removed'; readonly containers: number; readonly processes: number }
  | { readonly kind: 'notRemoved'; readonly reason: string }
);

export interface CleanContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Told of every workspace once it is dealt with. */
  readonly notify: (event: CleanEvent) => void;
}

const END_LIMIT_MS = 5000;

/**
 * Removes what dead runs left behind, and only that: containers, processes, cgroups and workspaces; with `dryRun` it
 * is only found. Every workspace is handled on its own: one that cannot be removed is reported as `notRemoved` and
 * stays.
 */
export async function cleanUp(
  { dryRun }: { readonly dryRun: boolean },
  context: CleanContext,
): Promise<readonly CleanEvent[]> {
  const events: CleanEvent[] = [];
  for (const workspace of allWorkspaces(context.cwd)) {
    context.signal.throwIfAborted();
    const event = await dealWith(workspace, dryRun, context).catch((error: unknown): CleanEvent => {
      if (!(error instanceof Error)) throw error;
      return { workspace, kind: 'notRemoved', reason: systemReason(error) };
    });
    events.push(event);
    context.notify(event);
  }
  return events;
}

async function dealWith(workspace: string, dryRun: boolean, { env }: CleanContext): Promise<CleanEvent> {
  const owner = readOwner(workspace);
  if (owner === undefined) return { workspace, kind: 'noOwner' };
  const { pid, hostname = null } = owner;
  const liveness = livenessOfOwner(workspace, owner);
  if (liveness === 'alive') return { workspace, kind: 'alive', pid };
  if (liveness === 'unknown') return { workspace, kind: 'cannotTell', pid, hostname };
  const daemon = await askDaemon(owner, env);
  if (daemon?.state === 'silent') {
    const { host, reason } = daemon;
    return { workspace, kind: 'daemonSilent', host, reason };
  }
  return dispose(workspace, owner, daemon, dryRun);
}

/** Throws `runFailed` and file system errors where something stays. */
async function dispose(
  workspace: string,
  { runId, runtime }: WorkspaceOwner,
  daemon: Extract<LeftOnDaemon, { state: 'asked' }> | undefined,
  dryRun: boolean,
): Promise<CleanEvent> {
  const local = runtime === null ? NOTHING_LEFT : await leftOfRuntime(runtime, join(workspace, 'state'));
  const { names, remove } = daemon ?? NOTHING_LEFT;
  const left = {
    workspace,
    containers: local.names.length + names.length,
    processes: processesOfRun(runId).length,
  };
  if (dryRun) return { ...left, kind: 'found' };
  await remove();
  await local.remove();
  await endProcesses(runId);
  const cgroups = await removeCgroups(runId);
  if (cgroups.length > 0) throw new BenchError('runFailed', `cgroups in use: ${cgroups.join(', ')}`);
  removeWorkspace(workspace);
  return { ...left, kind: 'removed' };
}

const NOTHING_LEFT = { names: [], remove: (): Promise<void> => Promise.resolve() };

/** What a run left on its daemon, where it had one. */
async function askDaemon(
  { runId, daemon, service }: WorkspaceOwner,
  env: CleanContext['env'],
): Promise<LeftOnDaemon | undefined> {
  if (service !== undefined) return leftWithService(service, runId, env);
  return daemon === undefined ? undefined : leftOnDaemon({ ...daemon, source: 'owner.json' }, runId);
}

async function endProcesses(runId: string): Promise<void> {
  const pids = processesOfRun(runId);
  for (const pid of pids) killProcess(pid);
  for (const pid of pids) await untilEnded(pid, END_LIMIT_MS);
  const running = pids.filter(isRunning);
  if (running.length > 0) throw new BenchError('runFailed', `processes did not end: ${running.join(', ')}`);
}
