import { readFileSync, realpathSync } from 'node:fs';
import { BenchError } from '../../errors.js';
import { libc } from '../libc.js';

/** umount2(2): MNT_DETACH | UMOUNT_NOFOLLOW. */
const DETACH = 2 | 8;

/** Mount points in a folder that this process sees, the last mounted first. */
export function mountsIn(folder: string): readonly string[] {
  const inside = `${realOf(folder)}/`;
  return mountPoints()
    .filter((path) => path.startsWith(inside))
    .reverse();
}

/** Detaches mounts. Throws `runFailed` where one stays. */
export function unmount(paths: readonly string[]): void {
  for (const path of paths)
    if (libc().unmount(path, DETACH) !== 0)
      throw new BenchError('runFailed', `could not unmount ${path}: ${libc().lastError()}`);
}

function realOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

/** The fifth field of each line; spaces and backslashes are written in octal (proc_pid_mountinfo(5)). */
const mountPoints = (): readonly string[] =>
  readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => line.split(' ')[4] ?? [])
    .map((field) => field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))));
