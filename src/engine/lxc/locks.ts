import { rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRoot } from '../environment.js';

/** Where LXC keeps them for root, by lxclock_name and get_rundir in LXC's source. */
const LOCKS = '/run/lxc/lock';

/**
 * Removes the lock files of LXC's containers in a workspace, which LXC keeps outside it and never removes: in
 * /run/lxc/lock/WORKSPACE. Only root has containers of LXC here.
 */
export function removeLxcLocks(workspace: string): void {
  if (!isRoot()) return;
  const own = join(LOCKS, workspace);
  rmSync(own, { recursive: true, force: true });
  for (let folder = dirname(own); folder !== LOCKS && removeEmpty(folder); folder = dirname(folder));
}

/** Whether it was there and empty: other runs have theirs in the same folders. */
function removeEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
