import { existsSync, statSync } from 'node:fs';
import { allPids, filesOf, procFile, RUN_VARIABLE, variableOf } from '../processes.js';

/** What every run's containers, cgroups and workspace are named after. */
const RUN_ID = 'sb-[0-9a-f]{8}';
/** A living run has its owner.json open, also where somebody removed the file. */
const HELD_OWNER = new RegExp(`/(${RUN_ID})/owner\\.json( \\(deleted\\))?$`);
const IN_NAME = new RegExp(`(?:^|[^0-9a-z])(${RUN_ID})(?![0-9a-z])`);

/** The run's id in the name of a cgroup; `undefined`: it is not one of a run. */
export const runIdIn = (name: string): string | undefined => IN_NAME.exec(name)?.[1];

/** Ids of the runs that work now, of those whose processes this user sees. */
export const livingRuns = (): ReadonlySet<string> =>
  new Set(ownPids().flatMap((pid) => filesOf(pid).flatMap((file) => HELD_OWNER.exec(file)?.[1] ?? [])));

/** Processes of this user that were started for a run, by its id. */
export function processesByRun(): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const pid of ownPids()) {
    const runId = runIdIn(variableOf(pid, RUN_VARIABLE) ?? '');
    if (runId !== undefined) found.set(runId, [...(found.get(runId) ?? []), pid]);
  }
  return found;
}

/**
 * What is known of the workspace of a process: where it is, or that it is gone; `undefined`: the process does not tell.
 */
export function workspaceOf(pid: number, runId: string): { readonly path: string } | 'gone' | undefined {
  const named = new RegExp(`(/[^\\0]*/seccomp-bench-\\d+/${runId})(?![0-9a-z])`).exec(
    procFile(pid, 'cmdline') ?? '',
  )?.[1];
  if (named !== undefined) return existsSync(named) ? { path: named } : 'gone';
  // The fourth field is the root of the mount, for a container its root file system.
  const isGone = (procFile(pid, 'mountinfo') ?? '')
    .split('\n')
    .map((line) => line.split(' ')[3] ?? '')
    .some((root) => root.includes(`/${runId}/`) && root.endsWith('//deleted'));
  return isGone ? 'gone' : undefined;
}

const ownPids = (): readonly number[] => allPids().filter((pid) => isOwn(`/proc/${pid}`));

/** Whether a file belongs to this user. */
export function isOwn(path: string): boolean {
  try {
    return statSync(path).uid === process.getuid?.();
  } catch {
    return false;
  }
}
