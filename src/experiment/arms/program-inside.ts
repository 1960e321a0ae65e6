import { existsSync, lstatSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { BenchError } from '../../errors.js';
import type { BindMount, ContainerProgram } from '../../model/container/program.js';
import type { ExperimentContext } from '../../model/experiment/events.js';
import { findProgram } from '../../process/files/find.js';
import { startFailure } from '../../process/program/start-failure.js';
import type { Workload } from '../../model/run/program/workload.js';

/** Where programs are looked for here. */
type ProgramPlace = Pick<ExperimentContext, 'env' | 'cwd'>;

/** What the host's own programs need: programs, libraries, and what finds them. */
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
export function programInside(workload: Workload, place: ProgramPlace): ContainerProgram {
  const rootfs =
    workload.rootfs === undefined ? undefined : rootAt(resolve(place.cwd, workload.rootfs), workload.rootfs);
  const host = workload.bindHost
    ? HOST_PLACES.filter((path) => existsSync(path)).map((path) => ({ source: path, target: path }))
    : [];
  const binds = [...host, ...workload.binds.map((bind) => boundAt(bind, place.cwd))];
  const [name = '', ...args] = workload.args;
  const program = {
    env: environmentOf(workload.env),
    cwd: workload.cwd,
    binds,
    ...(rootfs === undefined ? {} : { rootfs }),
    ...(workload.via === 'exec' ? { via: 'exec' as const } : {}),
    ...(workload.service === undefined ? {} : { service: workload.service }),
  };
  return { kind: 'program', args: [pathInside(name, { rootfs, binds }, place), ...args], ...program };
}

function rootAt(path: string, typed: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return realpathSync(path);
  throw new BenchError('input', `${typed}: expected a folder, got ${existsSync(path) ? 'a file' : 'no such folder'}`, {
    hint: 'Give a folder with the file system of a container, such as an unpacked image.',
  });
}

function boundAt({ source, target }: BindMount, cwd: string): BindMount {
  const path = resolve(cwd, source);
  if (existsSync(path)) return { source: path, target };
  throw new BenchError('input', `${source}: no such file or folder to bind into the container`, {
    hint: 'Give --bind the path of an existing file or folder.',
  });
}

const environmentOf = (env: readonly string[]): readonly string[] =>
  env.some((entry) => entry.startsWith('PATH=')) ? env : [`PATH=${PATH_INSIDE.join(':')}`, ...env];

interface Surroundings {
  readonly rootfs: string | undefined;
  readonly binds: readonly BindMount[];
}

/**
 * The program's path inside. What a bind or a root of this machine holds is known here; what an image holds, only the
 * engine can tell.
 */
function pathInside(name: string, seen: Surroundings, place: ProgramPlace): string {
  if (name.includes('/'))
    return isAbsolute(name) ? assertSeen(name, seen) : notSeen(name, 'a path inside is absolute', seen, place);
  const found = PATH_INSIDE.map((folder) => join(folder, name)).find((path) => sourceOf(path, seen) !== undefined);
  return found ?? notSeen(name, `it is in none of ${PATH_INSIDE.join(', ')}`, seen, place);
}

function assertSeen(path: string, seen: Surroundings): string {
  // Only the runtime knows what a root of the user, or an image, makes of a path.
  if (seen.rootfs !== undefined || seen.binds.length === 0 || sourceOf(path, seen) !== undefined) return path;
  throw new BenchError('input', `${path} not found in the container: nothing is mounted there`, {
    hint: existsSync(path)
      ? `--bind ${folderOf(path)} binds its folder; it may need others for its libraries.`
      : 'It does not exist on this machine either.',
  });
}

function notSeen(name: string, reason: string, { rootfs }: Surroundings, place: ProgramPlace): never {
  throw new BenchError('input', `${name} not found in the container: ${reason}`, {
    hint: hintFor(name, rootfs, place),
  });
}

function hintFor(name: string, rootfs: string | undefined, place: ProgramPlace): string {
  const ordinary = name.includes('/') ? undefined : findProgram(name, PATH_INSIDE.join(':'));
  if (rootfs === undefined && ordinary !== undefined)
    return `--bind-host mounts this machine's /usr, /bin and /lib read-only, and with them ${ordinary}.`;
  const here = findProgram(name, place.env['PATH'], place.cwd);
  return here === undefined
    ? 'Give its path inside, and --bind-host, --bind PATH or --rootfs DIR for what it needs.'
    : `It is ${here} here: give that path, and --bind ${folderOf(here)} or the folder that holds all of it.`;
}

const folderOf = (path: string): string => resolve(path, '..');

/**
 * Where a path inside comes from on this machine, if from anywhere. A link counts as existing: what it points to may
 * exist only inside.
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

/** Why this machine cannot run a program that is there, where its own file tells; `undefined` where it does not. */
export function cannotRun({ args: [name = ''], rootfs, binds }: ContainerProgram, errno: string): string | undefined {
  const source = sourceOf(name, { rootfs, binds });
  const failure = source === undefined ? undefined : startFailure(source, errno);
  return failure === undefined ? undefined : `${source ?? name} ${failure.words}.`;
}

function isThere(path: string): boolean {
  try {
    const stat = lstatSync(path);
    return stat.isFile() || stat.isSymbolicLink();
  } catch {
    return false;
  }
}
