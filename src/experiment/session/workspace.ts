import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Service } from '../../engine/left.js';
import { BenchError } from '../../errors.js';
import { startTicksOf } from '../../process/processes.js';
import { runTool } from '../../process/run-tool.js';

/** owner.json of a run's workspace: enough to tell whether the run still lives and how to remove what it left. */
export interface WorkspaceOwner {
  readonly runId: string;
  readonly pid: number;
  readonly startTicks: number;
  /**
   * The OCI runtime whose containers live in the workspace; `null` before one is chosen, and for the built-in engine.
   */
  readonly runtime: string | null;
  /** The daemon that makes the run's containers; absent for an engine without one. */
  readonly daemon?: { readonly host: string; readonly tlsDir: string | null };
  /** The same for one that is driven by its own client. */
  readonly service?: Service;
}

const OWNER_FILE = 'owner.json';
const OTHERS_MAY_WRITE = 0o022;

/** Folders that may hold workspaces: this user's own, in places that usually may execute. */
export function workspaceParents(cwd: string): readonly string[] {
  const name = `seccomp-bench-${userInfo().uid}`;
  return [...new Set([resolve(cwd, tmpdir()), '/var/tmp', cwd])].map((folder) => join(folder, name));
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
  throw new BenchError(
    'environment',
    `Expected a folder that may hold and run programs, got none: ${refusals.join('; ')}`,
    { hint: 'Point TMPDIR at a folder that is not mounted noexec.' },
  );
}

async function tryPlace(workspace: string, runId: string, program: string): Promise<string | undefined> {
  try {
    makeParent(dirname(workspace));
    if (!isOurs(dirname(workspace))) return 'others than this user may write there';
    mkdirSync(workspace, { mode: 0o700 });
    // First of all: whatever kills this process from now on, bench clean knows whose the folder is.
    claimWorkspace(workspace, { runId, pid: process.pid, startTicks: startTicksOf(process.pid) ?? 0, runtime: null });
    const copy = join(workspace, 'check');
    copyFileSync(program, copy);
    chmodSync(copy, 0o755);
    const { stdout } = await runTool(copy, []);
    rmSync(copy);
    return stdout === 'ok\n' ? undefined : `the payload wrote ${JSON.stringify(stdout)} there`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Removes what was begun where a run may not be; a place this user may not even look into holds nothing of it. */
function discard(workspace: string): void {
  try {
    removeWorkspace(workspace);
  } catch {
    // The refusal itself says more.
  }
}

/** One folder only: a TMPDIR that does not exist is a mistake, not a wish. */
function makeParent(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}

/**
 * Whether a folder is this user's alone. Its name is known to everybody, so somebody else may have made it; what they
 * put there would name
 * the runtime that `bench clean` runs and the processes it kills.
 */
function isOurs(folder: string): boolean {
  try {
    const stat = lstatSync(folder);
    return stat.isDirectory() && stat.uid === userInfo().uid && (stat.mode & OTHERS_MAY_WRITE) === 0;
  } catch {
    // It is not there, or in a place this user may not look into.
    return false;
  }
}

/** Writes who owns the workspace; again once the runtime is known. */
export function claimWorkspace(workspace: string, owner: WorkspaceOwner): void {
  writeFileSync(join(workspace, OWNER_FILE), `${JSON.stringify(owner)}\n`);
}

/** Notes the runtime whose containers will be in the workspace. */
export function noteRuntime(workspace: string, runtime: string | null): void {
  const owner = readOwner(workspace);
  if (owner !== undefined) claimWorkspace(workspace, { ...owner, runtime });
}

/** Notes the daemon that will make the run's containers. */
export function noteDaemon(
  workspace: string,
  { host, tlsDir }: { readonly host: string; readonly tlsDir: string | null },
): void {
  const owner = readOwner(workspace);
  if (owner !== undefined) claimWorkspace(workspace, { ...owner, daemon: { host, tlsDir } });
}

/** Notes the daemon's client that will make the run's containers. */
export function noteService(workspace: string, service: Service): void {
  const owner = readOwner(workspace);
  if (owner !== undefined) claimWorkspace(workspace, { ...owner, service });
}

/** Nothing where the folder is not known to be a run's. */
export function readOwner(workspace: string): WorkspaceOwner | undefined {
  try {
    const owner: unknown = JSON.parse(readFileSync(join(workspace, OWNER_FILE), 'utf8'));
    return isOwner(owner) ? owner : undefined;
  } catch {
    return undefined;
  }
}

function isOwner(value: unknown): value is WorkspaceOwner {
  if (typeof value !== 'object' || value === null) return false;
  const { runId, pid, startTicks, runtime, daemon, service } = value as Partial<Record<keyof WorkspaceOwner, unknown>>;
  if (daemon !== undefined && !isDaemon(daemon)) return false;
  if (service !== undefined && !isService(service)) return false;
  return (
    typeof runId === 'string' &&
    runId !== '' &&
    typeof pid === 'number' &&
    typeof startTicks === 'number' &&
    (runtime === null || typeof runtime === 'string')
  );
}

function isDaemon(value: unknown): boolean {
  const { host, tlsDir } = (value ?? {}) as { readonly host?: unknown; readonly tlsDir?: unknown };
  return typeof host === 'string' && (tlsDir === null || typeof tlsDir === 'string');
}

function isService(value: unknown): boolean {
  const { kind, program, address } = (value ?? {}) as Partial<Record<keyof Service, unknown>>;
  return (kind === 'containerd' || kind === 'isulad') && typeof program === 'string' && typeof address === 'string';
}

/** Whether the run that made the workspace is still at work. */
export function isAlive(owner: WorkspaceOwner): boolean {
  return startTicksOf(owner.pid) === owner.startTicks;
}

/** All workspaces of this user, of live and dead runs alike. */
export function allWorkspaces(cwd: string): readonly string[] {
  return workspaceParents(cwd)
    .filter(isOurs)
    .flatMap((parent) => {
      try {
        return readdirSync(parent).map((name) => join(parent, name));
      } catch {
        return [];
      }
    });
}

/** Removes a workspace, and the folder that holds workspaces once it is empty. */
export function removeWorkspace(workspace: string): void {
  rmSync(workspace, { recursive: true, force: true });
  try {
    rmdirSync(dirname(workspace));
  } catch {
    // Another run's workspace is in it.
  }
}
