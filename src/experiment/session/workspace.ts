import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { removeLxcLocks, type Service } from '../../engine/index.js';
import { BenchError, systemReason } from '../../errors.js';
import { thisProcess } from '../../process/identity.js';
import {
  claimFolder,
  isOurs,
  makeUnder,
  parentIn,
  readOwnerText,
  removeOwnedFolder,
  type FolderOwner,
  pathsIn,
} from '../../process/files/owned-folder.js';
import { runTool } from '../../process/run-tool.js';
import type { LoweredLimit } from '../capacity/limit.js';

/** owner.json of a run's workspace: enough to tell whether the run still lives and how to remove what it left. */
export interface WorkspaceOwner extends FolderOwner {
  /** The daemon that makes the run's containers; absent for an engine without one. */
  readonly daemon?: { readonly host: string; readonly tlsDir: string | null };
  /** The same for a daemon other than Docker and Podman. */
  readonly service?: Service;
  /** net.core.bpf_jit_limit, which the run lowered for a moment. */
  readonly limit?: LoweredLimit;
  /** net.core.bpf_jit_enable, the same. */
  readonly jit?: LoweredLimit;
}

/** Folders that may hold workspaces: this user's own, in places that usually may execute. */
export function workspaceParents(cwd: string): readonly string[] {
  return [...new Set([resolve(cwd, tmpdir()), '/var/tmp', cwd])].map(parentIn);
}

/**
 * Makes the run's folder in the first place that lets a program run from it (a /tmp may be mounted noexec). Throws
 * `environment`.
 */
export async function makeWorkspace(runId: string, cwd: string, program: string): Promise<string> {
  const refusals: string[] = [];
  for (const parent of workspaceParents(cwd)) {
    const workspace = join(parent, runId);
    const refusal = await tryPlace(workspace, runId, program);
    if (refusal === undefined) return workspace;
    discard(workspace);
    refusals.push(`${parent}: ${refusal}`);
  }
  throw new BenchError('environment', `no folder for temporary files can run programs: ${refusals.join('; ')}`, {
    hint: 'Point TMPDIR at a folder that is not mounted noexec.',
  });
}

async function tryPlace(workspace: string, runId: string, program: string): Promise<string | undefined> {
  try {
    const parent = dirname(workspace);
    const isMade = makeUnder(parent, () => {
      if (!isOurs(parent)) return false;
      mkdirSync(workspace, { mode: 0o700 });
      return true;
    });
    if (!isMade) return 'other users may write there';
    // First of all: if anything kills this process from now on, bench clean knows whose the folder is.
    claimFolder(workspace, { runId, runtime: null });
    const copy = join(workspace, 'check');
    copyFileSync(program, copy);
    chmodSync(copy, 0o755);
    const { stdout } = await runTool(copy, []);
    rmSync(copy);
    return stdout === 'ok\n' ? undefined : `the payload wrote ${JSON.stringify(stdout)} there`;
  } catch (error) {
    return error instanceof BenchError ? error.message : systemReason(error);
  }
}

/** Removes what was begun where a run may not be; a place this user may not read holds nothing. */
function discard(workspace: string): void {
  try {
    removeWorkspace(workspace);
  } catch {
    // The refusal is the better message.
  }
}

/** Notes the runtime whose containers will be in this process's workspace. */
export function noteRuntime(workspace: string, runtime: string | null): void {
  noteOwn(workspace, { runtime });
}

/** Notes the daemon that will make the run's containers. */
export function noteDaemon(
  workspace: string,
  { host, tlsDir }: { readonly host: string; readonly tlsDir: string | null },
): void {
  noteOwn(workspace, { daemon: { host, tlsDir } });
}

/** Notes the daemon, other than Docker and Podman, that will make the run's containers. */
export function noteService(workspace: string, service: Service): void {
  noteOwn(workspace, { service });
}

/** Notes that net.core.bpf_jit_limit is about to be lowered. */
export function noteLimit(workspace: string, limit: LoweredLimit): void {
  noteOwn(workspace, { limit });
}

/** Notes that net.core.bpf_jit_enable is about to be 0 for moments. */
export function noteJit(workspace: string, jit: LoweredLimit): void {
  noteOwn(workspace, { jit });
}

function noteOwn(workspace: string, more: Partial<WorkspaceOwner>): void {
  const owner = readOwner(workspace);
  if (owner !== undefined) claimFolder(workspace, { ...owner, ...more });
}

/** Nothing where the folder is not known to be a run's: its owner.json has the run's id, as the folder has. */
export function readOwner(workspace: string): WorkspaceOwner | undefined {
  try {
    const owner: unknown = JSON.parse(readOwnerText(workspace));
    return isOwner(owner) && owner.runId === basename(workspace) ? owner : undefined;
  } catch {
    return undefined;
  }
}

function isOwner(value: unknown): value is WorkspaceOwner {
  if (typeof value !== 'object' || value === null) return false;
  const { runId, pid, startTicks, runtime, daemon, service, limit, jit, locked, ...place } = value as Partial<
    Record<keyof WorkspaceOwner, unknown>
  >;
  const parts = [
    [daemon, isDaemon],
    [service, isService],
    [limit, isLimit],
    [jit, isLimit],
  ] as const;
  if (!parts.every(isAbsentOr)) return false;
  if (locked !== undefined && typeof locked !== 'boolean') return false;
  if (![place.bootId, place.pidNamespace, place.hostname].every(isTextOrAbsent)) return false;
  return (
    typeof runId === 'string' &&
    Number.isInteger(pid) &&
    Number.isInteger(startTicks) &&
    (runtime === null || (typeof runtime === 'string' && isAbsolute(runtime)))
  );
}

const isAbsentOr = ([value, isWell]: readonly [unknown, (value: unknown) => boolean]): boolean =>
  value === undefined || isWell(value);

const isTextOrAbsent = (value: unknown): boolean => value === undefined || typeof value === 'string';

function isLimit(value: unknown): boolean {
  const { was, lowered } = (value ?? {}) as Partial<Record<keyof LoweredLimit, unknown>>;
  return [was, lowered].every((value) => Number.isSafeInteger(value) && Number(value) >= 0);
}

function isDaemon(value: unknown): boolean {
  const { host, tlsDir } = (value ?? {}) as { readonly host?: unknown; readonly tlsDir?: unknown };
  return typeof host === 'string' && (tlsDir === null || typeof tlsDir === 'string');
}

function isService(value: unknown): boolean {
  const { kind, program, address } = (value ?? {}) as Partial<Record<keyof Service, unknown>>;
  const isKnown = ['containerd', 'cri', 'isulad', 'kubernetes'].includes(String(kind));
  return isKnown && typeof program === 'string' && typeof address === 'string';
}

/** A folder that may hold workspaces. */
export interface WorkspacePlace {
  readonly path: string;
  /** `ignored`: other users may write there, so what is in it may be theirs. */
  readonly state: 'looked' | 'missing' | 'ignored';
}

/** Where workspaces are looked for. */
export const placesOfWorkspaces = (cwd: string): readonly WorkspacePlace[] =>
  workspaceParents(cwd).map((path) => ({
    path,
    state: isOurs(path) ? 'looked' : existsSync(path) ? 'ignored' : 'missing',
  }));

/** A temporary folder of a tool, where the usual place was taken by others. */
const ALONE = /^seccomp-bench-[a-z]+-[0-9A-Za-z]{6}$/;

/** All workspaces of this user, of live and dead runs alike. */
export function allWorkspaces(cwd: string): readonly string[] {
  const inParents = workspaceParents(cwd).filter(isOurs).flatMap(pathsIn);
  const alone = pathsIn(resolve(cwd, tmpdir())).filter((path) => ALONE.test(basename(path)) && isOurs(path));
  return [...inParents, ...alone];
}

/** Workspaces of runs of this process. */
export function ownWorkspaces(cwd: string): readonly { readonly workspace: string; readonly owner: WorkspaceOwner }[] {
  const { pid, startTicks } = thisProcess();
  return allWorkspaces(cwd).flatMap((workspace) => {
    const owner = readOwner(workspace);
    return owner?.pid === pid && owner.startTicks === startTicks ? [{ workspace, owner }] : [];
  });
}

/** Removes a workspace with LXC's locks of it, and the folder that holds workspaces once it is empty. */
export function removeWorkspace(workspace: string): void {
  removeLxcLocks(workspace);
  removeOwnedFolder(workspace);
}
