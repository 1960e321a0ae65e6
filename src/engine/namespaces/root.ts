import type { ContainerProgram } from '../../model/container/program.js';
import { composeRoot } from '../program-root.js';
import type { ProgramRoot } from '../program-root.js';

/** The few devices that programs open. */
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'].map((name) => ({
  source: `/dev/${name}`,
  target: `/dev/${name}`,
}));

/** Makes the payload's root folder that of a program: the loader has to be in it. Throws `input`. */
export const makeProgramRoot = (folder: string, program: ContainerProgram): ProgramRoot =>
  composeRoot(folder, program, DEVICES);

export interface MountOptions {
  readonly unshare: string;
  readonly cwd: string;
  /** Without root a mount keeps its flags, so it cannot always be made read-only. */
  readonly rootless: boolean;
}

/**
 * In the new mount namespace: $1 the root, $2 what to do where read-only is refused, $3 unshare, $4 the folder, then
 * pairs up to "--".
 */
const MOUNT_SCRIPT = [
  'set -e',
  'root=$1 refused=$2 unshare=$3 cwd=$4',
  'shift 4',
  'while [ "$1" != -- ]; do',
  'mount --rbind "$1" "$root$2"',
  'mount -o remount,bind,ro "$root$2" 2>/dev/null || $refused',
  'shift 2',
  'done',
  'shift',
  'mount -t proc -o nosuid,nodev,noexec proc "$root/proc"',
  'mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$root/tmp"',
  'exec "$unshare" --root="$root" --wd="$cwd" "$@"',
].join('\n');

/** The words after unshare's options: mount first, then enter the root. The mounts disappear with their namespace. */
export function mountArgs({ folder, binds }: ProgramRoot, { unshare, cwd, rootless }: MountOptions): readonly string[] {
  const pairs = binds.flatMap(({ source, target }) => [source, target]);
  return ['/bin/sh', '-c', MOUNT_SCRIPT, 'sh', folder, rootless ? ':' : 'exit 125', unshare, cwd, ...pairs, '--'];
}
