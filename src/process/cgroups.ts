import { readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TRIES = 20;
/** A cgroup is busy until the kernel is done with the last process in it. */
const PAUSE_MS = 50;

/**
 * Removes the cgroups with a name below this process's own, with everything in them, in every hierarchy. Gives those
 * that could not be removed.
 */
export async function removeCgroups(name: string): Promise<readonly string[]> {
  return removeFolders(ownCgroups().map((own) => join(own, name)));
}

/** Removes cgroups with everything in them; gives those that could not be removed. */
export async function removeFolders(folders: readonly string[]): Promise<readonly string[]> {
  let left = folders.filter((folder) => !removeTree(folder));
  for (let tries = 1; tries < TRIES && left.length > 0; tries += 1) {
    await sleep(PAUSE_MS);
    left = left.filter((folder) => !removeTree(folder));
  }
  return left;
}

/**
 * Removes the cgroups of a run's containers, which runtimes sometimes leave empty. Gives those that could not be
 * removed. runc makes them below this process's own cgroup; runsc and crun at the top of each hierarchy; bench makes
 * one next to its own where it limits a run.
 */
export async function removeCgroupsOfRun(runId: string): Promise<readonly string[]> {
  const own = ownCgroups();
  const mounts = hierarchies().map(({ mount }) => mount);
  const next = own.filter((folder) => !mounts.includes(folder)).map((folder) => dirname(folder));
  const parents = new Set([...own, ...next, ...mounts]);
  const folders = [...parents].flatMap((parent) =>
    namesIn(parent)
      .filter((name) => name.startsWith(`${runId}-`))
      .map((name) => join(parent, name)),
  );
  return removeFolders(folders);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Whether it no longer exists. */
function removeTree(folder: string): boolean {
  let inner: readonly string[];
  try {
    inner = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(folder, entry.name));
  } catch {
    return true;
  }
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
const ownCgroups = (): readonly string[] => ownPlaces().map(({ folder }) => folder);

/** The cgroup that this process is in, in one hierarchy. */
interface OwnPlace extends Hierarchy {
  readonly folder: string;
}

function ownPlaces(): readonly OwnPlace[] {
  const paths = new Map(
    lines('/proc/self/cgroup').flatMap((line) => {
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
  for (const { keys, folder, mount } of ownPlaces()) {
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
