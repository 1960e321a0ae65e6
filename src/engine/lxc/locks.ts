import { rmdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * Removes the lock files of LXC's containers in a workspace, which LXC keeps outside it and never removes. Their
 * place, by lxclock_name and get_rundir in LXC's source, is RUN/lxc/lock/WORKSPACE, where RUN is /run for root.
 */
export function removeLxcLocks(workspace: string): void {
  const top = join(runFolder(), 'lxc/lock');
  const own = join(top, workspace);
  rmSync(own, { recursive: true, force: true });
  for (let folder = dirname(own); folder !== top && removeEmpty(folder); folder = dirname(folder));
}

function runFolder(): string {
  if (process.getuid?.() === 0) return '/run';
  return process.env['XDG_RUNTIME_DIR'] ?? join(homedir(), '.cache/lxc/run');
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
