import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { needs } from '../errors.js';
import type { LaunchCommand, MountView } from '../model/container/container.js';
import { callFailed, libc } from './libc.js';

const CLONE_NEWNS = 0x00020000;
const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const MS_SLAVE = 0x80000;
const MNT_DETACH = 2;
const UNIFIED = '/sys/fs/cgroup/unified';

let isHidden = false;

/** Whether this process hides the unified hierarchy of the host from itself. */
export const hidesUnifiedCgroup = (): boolean => isHidden;

/** Whether this host mounts cgroup v2 next to the v1 controllers, which crun 1.8 refuses; hidden or not. */
export function hasHybridCgroups(): boolean {
  const lines = readFileSync('/proc/self/mounts', 'utf8').split('\n');
  return isHidden || lines.some((line) => line.split(' ')[1] === UNIFIED);
}

/**
 * Hides the unified hierarchy from this thread and the children it starts from now on, in a mount namespace that ends
 * with the process. Done once per process (a second call does nothing), so the timed path does not change. Throws
 * `environment` where that is not allowed.
 */
export function hideUnifiedCgroup(): void {
  if (isHidden) return;
  const c = libc();
  const failed =
    c.unshare(CLONE_NEWNS) !== 0 ||
    c.mount(null, '/', null, MS_REC | MS_SLAVE, null) !== 0 ||
    c.unmount(UNIFIED, MNT_DETACH) !== 0;
  isHidden = !failed;
  if (isHidden) return;
  throw callFailed('crun refuses a mix of cgroup versions 1 and 2; hiding version 2 from it', {
    hint: 'Run as root, or on a host with cgroup v2 only.',
  });
}

/** The words before a program's arguments with which it runs without the unified hierarchy; this process keeps it. */
export const withoutUnifiedCgroup = (program: string): readonly [string, ...string[]] => [
  'unshare',
  '--mount',
  'sh',
  '-c',
  `umount -l ${UNIFIED} && exec "$@"`,
  'sh',
  program,
];

/** A mount namespace in which one file is another; children start in it by `LaunchCommand.mounts`. */
export class ReplacedFile implements MountView, Disposable {
  readonly fd: number;
  readonly home: number;

  /** `file` has the content of `by` there. Throws `environment` where that is not allowed. */
  constructor(file: string, by: string) {
    this.home = openSync(THIS_NAMESPACE, 'r');
    try {
      this.fd = madeNamespace(file, by, this.home);
    } catch (error) {
      closeSync(this.home);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
    closeSync(this.home);
  }
}

const THIS_NAMESPACE = '/proc/thread-self/ns/mnt';

function madeNamespace(file: string, by: string, home: number): number {
  const c = libc();
  const cwd = process.cwd();
  const root = statSync('/');
  const hint = { hint: 'Run as root, or use --engine namespaces, which loads a library without a mount.' };
  if (c.unshare(CLONE_NEWNS) !== 0) throw callFailed('unshare(CLONE_NEWNS)', hint);
  let made: number | undefined;
  try {
    if (c.mount(null, '/', null, MS_REC | MS_SLAVE, null) !== 0) throw callFailed('mounting / as a slave', hint);
    if (c.mount(by, file, null, MS_BIND, null) !== 0) throw callFailed(`mounting ${by} over ${file}`, hint);
    made = openSync(THIS_NAMESPACE, 'r');
  } finally {
    enterNamespace(home, cwd);
  }
  const now = statSync('/');
  if (now.dev === root.dev && now.ino === root.ino) return made;
  closeSync(made);
  // setns goes to the root of the namespace, and this thread cannot get back.
  throw needs('a libseccomp for one arm alone', 'a root that is not changed by chroot', {
    hint: 'Start bench outside of the chroot, or in a container.',
  });
}

function enterNamespace(fd: number, cwd: string): void {
  const c = libc();
  if (c.setns(fd, CLONE_NEWNS) !== 0) throw callFailed('setns');
  // It leaves the thread in the root folder.
  if (c.chdir(cwd) !== 0) throw callFailed(`chdir(${cwd})`);
}

/**
 * Calls `start` with this thread in a mount namespace, where it has been made into a thread with a root and folder of
 * its own; about 20 microseconds each way.
 */
export function startIn<T>({ fd, home }: MountView, start: () => T): T {
  const cwd = process.cwd();
  enterNamespace(fd, cwd);
  try {
    return start();
  } finally {
    enterNamespace(home, cwd);
  }
}

/** The words of a command for a tool that starts it, which first brings it into its mount namespace. */
export const wordsOf = ({ file, args, mounts, network }: LaunchCommand): readonly [string, ...string[]] => {
  const views = [
    ...(network === undefined ? [] : [`--net=/proc/${process.pid}/fd/${network.fd}`]),
    ...(mounts === undefined ? [] : [`--mount=/proc/${process.pid}/fd/${mounts.fd}`, `--wd=${process.cwd()}`]),
  ];
  return views.length === 0 ? [file, ...args] : ['nsenter', ...views, '--', file, ...args];
};
