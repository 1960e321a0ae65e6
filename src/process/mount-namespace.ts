import { readFileSync } from 'node:fs';
import { callFailed, libc } from './libc.js';

const CLONE_NEWNS = 0x00020000;
const MS_REC = 0x4000;
const MS_SLAVE = 0x80000;
const MNT_DETACH = 2;
const UNIFIED = '/sys/fs/cgroup/unified';

/** Whether this host mounts cgroup v2 next to the v1 controllers, which crun 1.8 refuses. */
export function hasHybridCgroups(): boolean {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[1] === UNIFIED);
}

/**
 * Hides the unified hierarchy from this thread and the children it starts from now on, in a mount namespace that ends
 * with the process. Done once per process, so the timed path does not change. Throws `environment` where that is not
 * allowed.
 */
export function hideUnifiedCgroup(): void {
  const c = libc();
  const failed =
    c.unshare(CLONE_NEWNS) !== 0 ||
    c.mount(null, '/', null, MS_REC | MS_SLAVE, null) !== 0 ||
    c.unmount(UNIFIED, MNT_DETACH) !== 0;
  if (!failed) return;
  throw callFailed('crun refuses a mix of cgroup versions 1 and 2; hiding version 2 from it', {
    hint: 'Run as root, or on a host with cgroup v2 only.',
  });
}
