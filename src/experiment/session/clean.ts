import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { systemReason } from '../../errors.js';
import { cgroupsNamed, processesIn, removeCgroupFolders } from '../../process/cgroup/cgroups.js';
import { isOwn, livingRuns, processesByRun, runIdIn, workspaceOf } from '../../process/removal/runs.js';
import { cleanWorkspace, endProcesses, type WorkspaceEvent } from './clean-workspace.js';
import { allWorkspaces, placesOfWorkspaces, type WorkspacePlace } from './workspace.js';

/** What became of what a run left whose workspace is not in the places that were looked at; facts, no sentences. */
export type StrayEvent = { readonly runId: string } & (
  | { readonly kind: 'found' | 'removed'; readonly processes: number; readonly cgroups: number }
  /** Its processes run, and it is not known that its workspace is gone; `workspace`: where it is. */
  | { readonly kind: 'leftAlone'; readonly pids: readonly number[]; readonly workspace: string | null }
  | { readonly kind: 'notRemoved'; readonly reason: string }
);

export interface CleanContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Told of everything once it is dealt with. */
  readonly notify: (event: WorkspaceEvent | StrayEvent) => void;
}

export interface Cleaned {
  readonly workspaces: readonly WorkspaceEvent[];
  /** Runs whose workspace is not in these places, but of which processes or cgroups are left. */
  readonly strays: readonly StrayEvent[];
  /** Where workspaces were looked for. */
  readonly places: readonly WorkspacePlace[];
}

/**
 * Removes what dead runs left behind, and only that: containers, processes, mounts, cgroups and workspaces; with
 * `dryRun` it is only found. Everything is handled on its own and has a deadline: what cannot be removed is reported
 * as `notRemoved` and stays.
 */
export async function cleanUp({ dryRun }: { readonly dryRun: boolean }, context: CleanContext): Promise<Cleaned> {
  const { cwd, signal, notify } = context;
  const workspaces: WorkspaceEvent[] = [];
  for (const workspace of allWorkspaces(cwd)) {
    signal.throwIfAborted();
    const event = await cleanWorkspace(workspace, dryRun, context);
    if (event === undefined) continue;
    workspaces.push(event);
    notify(event);
  }
  const known = new Set(allWorkspaces(cwd).map((workspace) => basename(workspace)));
  const strays: StrayEvent[] = [];
  for (const stray of straysOf(known)) {
    signal.throwIfAborted();
    const event = await cleanStray(stray, dryRun);
    strays.push(event);
    notify(event);
  }
  return { workspaces, strays, places: placesOfWorkspaces(cwd) };
}

interface Stray {
  readonly runId: string;
  readonly cgroups: readonly string[];
  readonly pids: readonly number[];
}

/** Runs that left cgroups or processes, without those of `known` workspaces and those that work. */
function straysOf(known: ReadonlySet<string>): readonly Stray[] {
  const cgroups = new Map<string, string[]>();
  for (const folder of cgroupsHere()) {
    const runId = runIdIn(basename(folder)) ?? '';
    cgroups.set(runId, [...(cgroups.get(runId) ?? []), folder]);
  }
  const processes = processesByRun();
  // Asked last: a run that has begun meanwhile is among them.
  const living = livingRuns();
  return [...new Set([...cgroups.keys(), ...processes.keys()])]
    .filter((runId) => !known.has(runId) && !living.has(runId))
    .sort()
    .map((runId) => {
      const own = cgroups.get(runId) ?? [];
      return { runId, cgroups: own, pids: [...new Set([...(processes.get(runId) ?? []), ...processesIn(own)])] };
    });
}

/** PROC_PID_INIT_INO and PROC_CGROUP_INIT_INO of the kernel's include/linux/proc_ns.h. */
const FIRST_NAMESPACE = { pid: 'pid:[4026531836]', cgroup: 'cgroup:[4026531835]' };

/** Cgroups of this user's runs; none where runs may be in them that this process does not see. */
function cgroupsHere(): readonly string[] {
  const { pid, cgroup } = FIRST_NAMESPACE;
  if (readlinkSync('/proc/self/ns/pid') !== pid && readlinkSync('/proc/self/ns/cgroup') === cgroup) return [];
  return cgroupsNamed((name) => runIdIn(name) !== undefined).filter(isOwn);
}

async function cleanStray({ runId, cgroups, pids }: Stray, dryRun: boolean): Promise<StrayEvent> {
  const places = pids.flatMap((pid) => workspaceOf(pid, runId) ?? []);
  const elsewhere = places.find((place) => place !== 'gone');
  if (pids.length > 0 && (elsewhere !== undefined || places.length === 0))
    return { runId, kind: 'leftAlone', pids, workspace: elsewhere?.path ?? null };
  const left = { runId, processes: pids.length, cgroups: cgroups.length };
  if (dryRun) return { ...left, kind: 'found' };
  try {
    await endProcesses(runId);
    const inUse = await removeCgroupFolders(cgroups);
    if (inUse.length > 0) return { runId, kind: 'notRemoved', reason: `cgroups in use: ${inUse.join(', ')}` };
  } catch (error) {
    return { runId, kind: 'notRemoved', reason: systemReason(error) };
  }
  return { ...left, kind: 'removed' };
}
