import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runIdIn } from '../removal/runs.js';

const TRIES = 20;
/** A cgroup is busy until the kernel is done with the last process in it. */
const PAUSE_MS = 50;

/**
 * Removes the cgroups with a name below this process's own, with everything in them, in every hierarchy. Gives those
 * that could not be removed.
 */
export async function removeCgroups(name: string): Promise<readonly string[]> {
  return removeCgroupFolders(ownCgroups().map((own) => join(own, name)));
}

/** Removes cgroups with everything in them. Gives those that could not be removed. */
export async function removeCgroupFolders(folders: readonly string[]): Promise<readonly string[]> {
  let left = folders.filter((folder) => !removeTree(folder));
  for (let tries = 1; tries < TRIES && left.length > 0; tries += 1) {
    await sleep(PAUSE_MS);
    left = left.filter((folder) => !removeTree(folder));
  }
  return left;
}

/**
 * Removes the cgroups of a run's containers, which runtimes sometimes leave empty. Gives those that could not be
 * removed.
 */
export const removeCgroupsOfRun = (runId: string): Promise<readonly string[]> =>
  removeCgroupFolders(cgroupsOfRun(runId));

/**
 * Cgroups of a run's containers, wherever they are: runc makes them below this process's own cgroup; runsc and crun at
 * the top of each hierarchy; other runtimes below parents of their own.
 */
export const cgroupsOfRun = (runId: string): readonly string[] => cgroupsNamed((name) => runIdIn(name) === runId);

/** Cgroups whose name fits, in every hierarchy and at every depth, without those in another that fits. */
export function cgroupsNamed(fits: (name: string) => boolean): readonly string[] {
  const found: string[] = [];
  const folders = hierarchies().map(({ mount }) => mount);
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop())
    for (const name of foldersIn(folder)) (fits(name) ? found : folders).push(join(folder, name));
  return found;
}

/** Pids of the processes in cgroups and below. */
export function processesIn(cgroups: readonly string[]): readonly number[] {
  const pids = cgroups.flatMap((cgroup) => [
    ...pidsIn(join(cgroup, 'cgroup.procs')),
    ...processesIn(foldersIn(cgroup).map((name) => join(cgroup, name))),
  ]);
  return [...new Set(pids)];
}

/** Those of another pid namespace have the number 0. */
function pidsIn(file: string): readonly number[] {
  try {
    return lines(file)
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    // It is gone, or threaded, or another user's.
    return [];
  }
}

function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Whether it no longer exists. */
function removeTree(folder: string): boolean {
  if (!existsSync(folder)) return true;
  const inner = foldersIn(folder).map((name) => join(folder, name));
  if (!inner.map(removeTree).every(Boolean)) return false;
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

interface Hierarchy {
  readonly mount: string;
  readonly root: string;
  /** As /proc/self/cgroup names it: controllers, `name=...`, or nothing for version 2. */
  readonly keys: readonly string[];
}

/** Folders of the cgroups this process is in, one per mounted hierarchy. */
const ownCgroups = (): readonly string[] => placesOf('self').map(({ folder }) => folder);

/** The cgroup that a process is in, in one hierarchy. */
interface CgroupPlace extends Hierarchy {
  readonly folder: string;
}

/** The cgroups that a process is in, one per mounted hierarchy. Throws where the process is gone. */
export function placesOf(pid: number | 'self'): readonly CgroupPlace[] {
  const paths = new Map(
    lines(`/proc/${pid}/cgroup`).flatMap((line) => {
      const [, controllers = '', ...path] = line.split(':');
      return controllers.split(',').map((key) => [key, path.join(':')] as const);
    }),
  );
  return hierarchies().flatMap((hierarchy) => {
    const { mount, root, keys } = hierarchy;
    const path = keys.map((key) => paths.get(key)).find((one) => one !== undefined);
    return path === undefined ? [] : [{ ...hierarchy, folder: join(mount, relative(root, path)) }];
  });
}

/** Where a controller limits what this process starts. */
export interface ControllerPlace {
  readonly version: 1 | 2;
  /** Folder of the cgroup that this process is in. */
  readonly folder: string;
  /** Folder where the hierarchy is mounted. */
  readonly mount: string;
}

/** The hierarchy that a controller such as `pids` or `memory` is in; `null`: in none that is mounted. */
export function controllerPlace(controller: string): ControllerPlace | null {
  for (const { keys, folder, mount } of placesOf('self')) {
    if (keys.includes(controller)) return { version: 1, folder, mount };
    if (keys.includes('') && wordsIn(join(mount, 'cgroup.controllers')).includes(controller))
      return { version: 2, folder, mount };
  }
  return null;
}

const wordsIn = (file: string): readonly string[] => {
  try {
    return readFileSync(file, 'utf8').trim().split(/\s+/);
  } catch {
    return [];
  }
};

function hierarchies(): readonly Hierarchy[] {
  return lines('/proc/self/mountinfo').flatMap((line): Hierarchy[] => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '/', mount = ''] = before.split(' ');
    const [type, , options = ''] = after.split(' ');
    if (type === 'cgroup2') return [{ mount, root, keys: [''] }];
    return type === 'cgroup' ? [{ mount, root, keys: options.split(',') }] : [];
  });
}

function lines(file: string): readonly string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}
