import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { leftOfRuntime, leftOnDaemon, leftWithService, type LeftOnDaemon } from '../../engine/index.js';
import { BenchError, systemReason } from '../../errors.js';
import { cgroupsOfRun, processesIn, removeCgroupsOfRun } from '../../process/cgroup/cgroups.js';
import { livenessOf } from '../../process/identity.js';
import { isHeld, holdLock } from '../../process/lock.js';
import { isOurs, livenessOfOwner, OWNER_FILE } from '../../process/files/owned-folder.js';
import { isRunning, killProcess, processesOfRun } from '../../process/processes.js';
import { mountsIn, unmount } from '../../process/removal/mounts.js';
import { JIT_ENABLE, JIT_LIMIT, type LoweredLimit } from '../capacity/limit.js';
import { readOwner, removeWorkspace, type WorkspaceOwner } from './workspace.js';

/** What became of one workspace; facts, no sentences. */
export type WorkspaceEvent = { readonly workspace: string } & (
  | { readonly kind: 'noOwner'; readonly reason: NoOwner }
  | { readonly kind: 'alive'; readonly pid: number }
  /** Another bench clean is at it. */
  | { readonly kind: 'beingCleaned' }
  /** Its process belongs to another pid namespace or machine. */
  | { readonly kind: 'cannotTell'; readonly pid: number; readonly hostname: string | null }
  | ({ readonly kind: 'found' | 'removed' } & LeftCounts)
  /** Its daemon does not answer, so nobody knows what is left there. */
  | { readonly kind: 'daemonSilent'; readonly host: string; readonly reason: string }
  | { readonly kind: 'notRemoved'; readonly reason: string }
);

/** Why no run is known to own a folder. */
export type NoOwner = 'link' | 'othersMayWrite' | 'missing' | 'invalid';

interface LeftCounts {
  readonly containers: number;
  readonly processes: number;
  readonly cgroups: number;
  readonly mounts: number;
  /** It left net.core.bpf_jit_limit lowered to so many bytes, and it was `was` before. */
  readonly limit?: LoweredLimit;
  /** It left net.core.bpf_jit_enable at 0, and it was `was` before. */
  readonly jit?: LoweredLimit;
}

interface CleanView {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Every call of a runtime or daemon has its own, shorter one. */
const ASK_LIMIT_MS = 45_000;
const REMOVE_LIMIT_MS = 600_000;
const END_LIMIT_MS = 5000;
const POLL_MS = 20;
/** A run makes its folder and owner.json within moments. */
const YOUNG_MS = 60_000;

/**
 * Removes what one dead run left, or only looks; `undefined`: the folder went away meanwhile. Rejects only where the
 * signal ends it.
 */
export async function cleanWorkspace(
  workspace: string,
  dryRun: boolean,
  view: CleanView,
): Promise<WorkspaceEvent | undefined> {
  try {
    return await dealWith(workspace, dryRun, view);
  } catch (error) {
    view.signal.throwIfAborted();
    return existsSync(workspace) ? { workspace, kind: 'notRemoved', reason: systemReason(error) } : undefined;
  }
}

async function dealWith(workspace: string, dryRun: boolean, view: CleanView): Promise<WorkspaceEvent> {
  const reason = strangerAt(workspace);
  if (reason !== undefined) return { workspace, kind: 'noOwner', reason };
  const owner = readOwner(workspace);
  if (owner === undefined) return withoutOwner(workspace, dryRun);
  const { pid, hostname = null } = owner;
  switch (livenessOfOwner(workspace, owner)) {
    case 'alive':
      return livenessOf(owner) === 'dead' ? { workspace, kind: 'beingCleaned' } : { workspace, kind: 'alive', pid };
    case 'unknown':
      return { workspace, kind: 'cannotTell', pid, hostname };
    case 'dead':
  }
  const lock = lockOf(workspace);
  if (lock === 'held') return { workspace, kind: 'beingCleaned' };
  try {
    return await dispose(workspace, owner, dryRun, view);
  } finally {
    lock?.[Symbol.dispose]();
  }
}

function strangerAt(workspace: string): 'link' | 'othersMayWrite' | undefined {
  if (lstatSync(workspace).isSymbolicLink()) return 'link';
  return isOurs(workspace) ? undefined : 'othersMayWrite';
}

/** A run that was killed before it could write owner.json left an empty folder. */
function withoutOwner(workspace: string, dryRun: boolean): WorkspaceEvent {
  const names = readdirSync(workspace);
  if (names.includes(OWNER_FILE)) return { workspace, kind: 'noOwner', reason: 'invalid' };
  const isYoung = Date.now() - statSync(workspace).mtimeMs < YOUNG_MS;
  if (isYoung || names.some((name) => name !== `${OWNER_FILE}.new`))
    return { workspace, kind: 'noOwner', reason: 'missing' };
  if (!dryRun) removeWorkspace(workspace);
  return { workspace, kind: dryRun ? 'found' : 'removed', containers: 0, processes: 0, cgroups: 0, mounts: 0 };
}

/** Two of bench clean must not work on the same folder. */
function lockOf(workspace: string): Disposable | 'held' | undefined {
  try {
    return holdLock(join(workspace, OWNER_FILE));
  } catch (error) {
    return isHeld(error) ? 'held' : undefined;
  }
}

/** Throws where something stays. */
async function dispose(
  workspace: string,
  owner: WorkspaceOwner,
  dryRun: boolean,
  view: CleanView,
): Promise<WorkspaceEvent> {
  const { runId, runtime } = owner;
  const daemon = await within(ASK_LIMIT_MS, 'its daemon did not answer', view.signal, askDaemon(owner, view));
  if (daemon?.state === 'silent') {
    const { host, reason } = daemon;
    return { workspace, kind: 'daemonSilent', host, reason };
  }
  const state = join(workspace, 'state');
  const local =
    runtime === null
      ? NOTHING_LEFT
      : await within(ASK_LIMIT_MS, `${runtime} did not answer`, view.signal, leftOfRuntime(runtime, state));
  const { names, remove } = daemon ?? NOTHING_LEFT;
  const mounts = mountsIn(workspace);
  const left = {
    workspace,
    containers: local.names.length + names.length,
    processes: pidsOf(runId).length,
    cgroups: cgroupsOfRun(runId).length,
    mounts: mounts.length,
    ...(owner.limit !== undefined && JIT_LIMIT.isLowered(owner.limit) ? { limit: owner.limit } : {}),
    ...(owner.jit !== undefined && JIT_ENABLE.isLowered(owner.jit) ? { jit: owner.jit } : {}),
  };
  if (dryRun) return { ...left, kind: 'found' };
  await within(REMOVE_LIMIT_MS, 'its daemon did not remove everything', view.signal, remove());
  await within(REMOVE_LIMIT_MS, `${String(runtime)} did not remove everything`, view.signal, local.remove());
  await endProcesses(runId);
  const cgroups = await removeCgroupsOfRun(runId);
  if (cgroups.length > 0) throw new BenchError('runFailed', `cgroups in use: ${cgroups.join(', ')}`);
  unmount(mountsIn(workspace));
  if (owner.limit !== undefined) JIT_LIMIT.restore(owner.limit);
  if (owner.jit !== undefined) JIT_ENABLE.restore(owner.jit);
  removeWorkspace(workspace);
  return { ...left, kind: 'removed' };
}

const NOTHING_LEFT = { names: [], remove: (): Promise<void> => Promise.resolve() };

/** What a run left on its daemon, where it had one. */
async function askDaemon(
  { runId, daemon, service }: WorkspaceOwner,
  { env, signal }: CleanView,
): Promise<LeftOnDaemon | undefined> {
  if (service !== undefined) return leftWithService(service, runId, env);
  return daemon === undefined ? undefined : leftOnDaemon({ ...daemon, source: 'owner.json' }, runId, signal);
}

/** The result of `work`; throws once its time is over, or with the signal's reason. What hangs is left to itself. */
async function within<Result>(
  limitMs: number,
  what: string,
  signal: AbortSignal,
  work: Promise<Result>,
): Promise<Result> {
  const over = new AbortController();
  // It may fail after the limit, when nobody waits for it any more.
  work.catch(() => undefined);
  const limit = sleep(limitMs, undefined, { signal: AbortSignal.any([over.signal, signal]) }).then(
    () => Promise.reject(new BenchError('environment', `${what} within ${limitMs / 1000} s`)),
    () => {
      signal.throwIfAborted();
      return work;
    },
  );
  try {
    return await Promise.race([work, limit]);
  } finally {
    over.abort();
    limit.catch(() => undefined);
  }
}

/** Of the run's containers and of what it started on this machine. */
const pidsOf = (runId: string): readonly number[] => [
  ...new Set([...processesOfRun(runId), ...processesIn(cgroupsOfRun(runId))].filter((pid) => pid !== process.pid)),
];

/** Kills a run's processes, and those that they start meanwhile. Throws `runFailed` where one does not end. */
export async function endProcesses(runId: string): Promise<void> {
  const endMs = performance.now() + END_LIMIT_MS;
  let running = pidsOf(runId).filter(isRunning);
  while (running.length > 0 && performance.now() < endMs) {
    for (const pid of running) killProcess(pid);
    await sleep(POLL_MS);
    running = pidsOf(runId).filter(isRunning);
  }
  if (running.length > 0) throw new BenchError('runFailed', `processes did not end: ${running.join(', ')}`);
}
