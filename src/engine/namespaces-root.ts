import { existsSync, mkdirSync, readdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BenchError } from '../errors.js';
import type { BindMount, ContainerProgram } from '../model/program.js';

/** A root made for a program: a folder with places to mount on, and what goes there. */
export interface ProgramRoot {
  readonly folder: string;
  readonly binds: readonly BindMount[];
}

/** Of the root's own; a caller's root does not replace them. */
const OWN = new Set(['proc', 'dev', 'sys', 'tmp', 'payload', 'caller', 'loader', 'probe32']);
/** The few devices that programs open. */
const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'];

/**
 * Makes the folder a program of the built-in engine sees as its root: the payload's root (the loader has to be in it) with places for everything the
 * program asks for. A caller's root is taken apart into its top-level entries, so that nothing is ever written into it. Throws `environment`.
 */
export async function makeProgramRoot(folder: string, program: ContainerProgram, writeRootfs: (folder: string) => Promise<void>): Promise<ProgramRoot> {
  await writeRootfs(folder);
  const devices = DEVICES.map((name) => ({ source: `/dev/${name}`, target: `/dev/${name}` }));
  const binds = [...devices, ...(program.rootfs === undefined ? [] : entriesOf(program.rootfs, folder)), ...program.binds];
  for (const { source, target } of binds) makePlace(source, join(folder, target));
  return { folder, binds };
}

function entriesOf(rootfs: string, folder: string): readonly BindMount[] {
  return readEntries(rootfs).filter(({ name }) => !OWN.has(name)).flatMap((entry) => {
    const source = join(rootfs, entry.name);
    if (!entry.isSymbolicLink()) return [{ source, target: `/${entry.name}` }];
    symlinkSync(readlinkSync(source), join(folder, entry.name));
    return [];
  });
}

function readEntries(rootfs: string) {
  try {
    return readdirSync(rootfs, { withFileTypes: true });
  } catch (cause) {
    throw new BenchError('input', `${rootfs}: expected a folder to use as a root, got ${cause instanceof Error ? cause.message : String(cause)}`, { hint: 'Name a folder with a file system of a container in it.', cause });
  }
}

/** A mount needs something of the same kind to lie on. */
function makePlace(source: string, place: string): void {
  const found = statSync(source, { throwIfNoEntry: false });
  if (found === undefined) throw new BenchError('input', `Expected ${source} to bind into the container, got no such file`);
  if (existsSync(place)) return;
  mkdirSync(found.isDirectory() ? place : dirname(place), { recursive: true });
  if (!found.isDirectory()) writeFileSync(place, '');
}

export interface MountOptions {
  readonly unshare: string;
  readonly cwd: string;
  /** Without root's rights a mount keeps the flags it has, so that it cannot always be made read-only. */
  readonly rootless: boolean;
}

/** In the new mount namespace: $1 the root, $2 what to do where read-only is refused, $3 unshare, $4 the folder, then pairs up to "--". */
const MOUNT_SCRIPT = [
  'set -e', 'root=$1 refused=$2 unshare=$3 cwd=$4', 'shift 4',
  'while [ "$1" != -- ]; do mount --rbind "$1" "$root$2"; mount -o remount,bind,ro "$root$2" 2>/dev/null || $refused; shift 2; done', 'shift',
  'mount -t proc -o nosuid,nodev,noexec proc "$root/proc"', 'mount -t tmpfs -o nosuid,nodev,mode=1777 tmpfs "$root/tmp"',
  'exec "$unshare" --root="$root" --wd="$cwd" "$@"',
].join('\n');

/** What stands behind unshare's options: mounts first, then the root is entered. Mounts are gone with their namespace. */
export function mountArgs({ folder, binds }: ProgramRoot, { unshare, cwd, rootless }: MountOptions): readonly string[] {
  const pairs = binds.flatMap(({ source, target }) => [source, target]);
  return ['/bin/sh', '-c', MOUNT_SCRIPT, 'sh', folder, rootless ? ':' : 'exit 125', unshare, cwd, ...pairs, '--'];
}
