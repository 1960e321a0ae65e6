import { existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { BenchError } from '../../errors.js';
import { findProgram } from '../../process/find.js';
import type { Io } from '../../model/io.js';
import type { BindMount, ContainerProgram } from '../../model/container/program.js';
import type { Workload } from '../../model/run/workload.js';

/** What the host's own programs need of it: programs, libraries, and what finds them. */
const HOST_PLACES = [
  '/usr',
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/etc/alternatives',
  '/etc/ld.so.cache',
];
/** Where a name is looked for inside, and the PATH a program gets. */
const PATH_INSIDE = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * A scenario's program made ready for this machine: its binds, its environment, and where it is inside. Throws `input`
 * for what is not there.
 */
export function programInside(workload: Workload, io: Io): ContainerProgram {
  const rootfs = workload.rootfs === undefined ? undefined : rootAt(resolve(io.cwd, workload.rootfs), workload.rootfs);
  const host = workload.bindHost
    ? HOST_PLACES.filter((path) => existsSync(path)).map((path) => ({ source: path, target: path }))
    : [];
  const binds = [...host, ...workload.binds.map((bind) => boundAt(bind, io.cwd))];
  const [name = '', ...args] = workload.args;
  const program = {
    env: environmentOf(workload.env),
    cwd: workload.cwd,
    binds,
    ...(rootfs === undefined ? {} : { rootfs }),
    ...(workload.via === 'exec' ? { via: 'exec' as const } : {}),
  };
  return { kind: 'program', args: [pathInside(name, { rootfs, binds }, io), ...args], ...program };
}

function rootAt(path: string, typed: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return realpathSync(path);
  throw new BenchError(
    'input',
    `${typed}: expected a folder to use as a root, got ${existsSync(path) ? 'a file' : 'no such folder'}`,
    { hint: 'Name a folder with a file system of a container in it: an image unpacked, or made by debootstrap.' },
  );
}

function boundAt({ source, target }: BindMount, cwd: string): BindMount {
  const path = resolve(cwd, source);
  if (existsSync(path)) return { source: path, target };
  throw new BenchError('input', `${source}: expected a file or folder to bind into the container, got none`, {
    hint: 'Give --bind the path of something that is there.',
  });
}

const environmentOf = (env: readonly string[]): readonly string[] =>
  env.some((entry) => entry.startsWith('PATH=')) ? env : [`PATH=${PATH_INSIDE.join(':')}`, ...env];

interface Surroundings {
  readonly rootfs: string | undefined;
  readonly binds: readonly BindMount[];
}

/**
 * The program's path inside. What the container's root holds is known of binds and of a root here; in an image only the
 * engine can tell.
 */
function pathInside(name: string, seen: Surroundings, io: Io): string {
  if (name.includes('/'))
    return isAbsolute(name) ? assertSeen(name, seen) : notSeen(name, 'a path inside is absolute', io);
  const found = PATH_INSIDE.map((folder) => join(folder, name)).find((path) => sourceOf(path, seen) !== undefined);
  return found ?? notSeen(name, `none of ${PATH_INSIDE.join(', ')} holds it inside`, io);
}

function assertSeen(path: string, seen: Surroundings): string {
  // Only the runtime knows what a root of the user's, or an image, makes of a path.
  if (seen.rootfs !== undefined || seen.binds.length === 0 || sourceOf(path, seen) !== undefined) return path;
  throw new BenchError('input', `Expected ${path} to be seen inside the container, got nothing bound there`, {
    hint: existsSync(path)
      ? `--bind ${folderOf(path)} binds its folder; it may need others for its libraries.`
      : 'There is no such file here either.',
  });
}

function notSeen(name: string, reason: string, io: Io): never {
  const elsewhere = findProgram(name, io.env['PATH'], io.cwd);
  const hint =
    elsewhere === undefined
      ? 'Give its path inside, and --bind-host, --bind PATH or --rootfs DIR for what it needs.'
      : `It is at ${elsewhere} here: name it by that path, with --bind ${folderOf(elsewhere)} or whatever folder holds all of it.`;
  throw new BenchError('input', `Expected the program ${name} in the container, got none: ${reason}`, { hint });
}

const folderOf = (path: string): string => resolve(path, '..');

/**
 * Where a path inside comes from here, if from anywhere. A link is taken for what it points to: it may do so inside
 * alone.
 */
function sourceOf(path: string, { rootfs, binds }: Surroundings): string | undefined {
  const bind = binds.find(({ target }) => path === target || path.startsWith(`${target.replace(/\/$/, '')}/`));
  const source =
    bind === undefined
      ? rootfs === undefined
        ? undefined
        : join(rootfs, path)
      : join(bind.source, path.slice(bind.target.length));
  return source !== undefined && isThere(source) ? source : undefined;
}

function isThere(path: string): boolean {
  try {
    const stat = lstatSync(path);
    return stat.isFile() || stat.isSymbolicLink();
  } catch {
    return false;
  }
}
