import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CAPABILITIES } from '../../model/profile/capabilities.js';
import { CONTAINER_CAPABILITIES, MASKED_PATHS, READONLY_PATHS, SCRATCH } from '../../model/container/containment.js';
import type { BindMount } from '../../model/container/program.js';
import { processLimit } from '../environment.js';
import { mountsBelow } from '../program-root.js';
import type { ProgramRoot } from '../program-root.js';

/** mount(2). */
const READ_ONLY = 1;
const NO_SUID = 2;
const NO_DEVICES = 4;
const NO_EXEC = 8;
const BIND = 4096;
const RECURSIVE = 16384;
/** setrlimit(2), the same on every architecture that bench has a payload for. */
const RLIMIT_CORE = 4;
const RLIMIT_NPROC = 6;

/** A step of payload/contain.h: its letter and its words. */
type Step = readonly string[];

export interface PlaceWish {
  /** What becomes the root, and what is mounted in it. */
  readonly root: ProgramRoot;
  /** Where the program starts. */
  readonly cwd: string;
  /** Neither /proc, devices nor a place to write, which the payload does not need. */
  readonly bare: boolean;
  /** Whether the container has a user namespace, which counts its own processes. */
  readonly rootless: boolean;
}

/** The few devices that programs open; a place with more than the payload has them among its binds. */
export const DEVICES: readonly BindMount[] = ['null', 'zero', 'full', 'random', 'urandom'].map((name) => ({
  source: `/dev/${name}`,
  target: `/dev/${name}`,
}));

/** The place of a container, in the words that the loader takes (payload/contain.h). */
export const placeText = (wish: PlaceWish): string =>
  placeSteps(wish)
    .flat()
    .map((word) => `${word}\0`)
    .join('');

function placeSteps({ root: { folder, binds }, cwd, bare, rootless }: PlaceWish): readonly Step[] {
  return [
    ['m', folder, folder, '', String(BIND), ''],
    ...(bare ? [] : [...procSteps(folder), ...scratchSteps(folder, binds)]),
    ...binds.flatMap((bind) => bindSteps(folder, bind)),
    ['r', folder, String(READ_ONLY | NO_SUID | NO_DEVICES)],
    ['p', folder],
    ...(cwd === '/' ? [] : [['w', cwd]]),
    // A probe that the filter kills must leave no core file.
    ['l', String(RLIMIT_CORE), '0'],
    ...(rootless ? [['l', String(RLIMIT_NPROC), String(processLimit())]] : []),
    ['c', CAPABILITY_BITS],
  ];
}

/** /proc, with what Docker hides or makes read-only there; there is no /sys. */
function procSteps(folder: string): readonly Step[] {
  const quiet = NO_SUID | NO_DEVICES | NO_EXEC;
  const inProc = (path: string): boolean => path.startsWith('/proc/') && existsSync(path);
  return [
    ['m', 'proc', join(folder, 'proc'), 'proc', String(quiet), ''],
    ...READONLY_PATHS.filter(inProc).flatMap((path): readonly Step[] => [
      ['m', join(folder, path), join(folder, path), '', String(BIND), ''],
      ['r', join(folder, path), String(READ_ONLY)],
    ]),
    ...MASKED_PATHS.filter(inProc).map((path): Step =>
      statSync(path).isDirectory()
        ? ['m', 'tmpfs', join(folder, path), 'tmpfs', String(READ_ONLY | quiet), 'size=0']
        : ['m', '/dev/null', join(folder, path), '', String(BIND), ''],
    ),
  ];
}

/** A place to write, with places to mount on for what is bound below it. */
function scratchSteps(folder: string, binds: readonly BindMount[]): readonly Step[] {
  const below = binds.filter(({ target }) => target.startsWith(`${SCRATCH}/`));
  return [
    ['m', 'tmpfs', join(folder, SCRATCH), 'tmpfs', String(NO_SUID | NO_DEVICES), 'mode=1777'],
    ...below.flatMap(({ source, target }): readonly Step[] => [
      ...foldersAbove(target).map((path): Step => ['d', join(folder, path)]),
      [statSync(source).isDirectory() ? 'd' : 'f', join(folder, target)],
    ]),
  ];
}

/** `/tmp/a/b` -> `/tmp/a`. */
function foldersAbove(target: string): readonly string[] {
  const above = dirname(target);
  return above === SCRATCH || above === '/' ? [] : [...foldersAbove(above), above];
}

/** A mount keeps its own flags: what is mounted below a source is made read-only too, one by one. */
function bindSteps(folder: string, bind: BindMount): readonly Step[] {
  const { source, target } = bind;
  const place = join(folder, target);
  const flags = READ_ONLY | NO_SUID | (DEVICES.includes(bind) ? NO_EXEC : NO_DEVICES);
  return [
    ['m', source, place, '', String(BIND | RECURSIVE), ''],
    ['r', place, String(flags)],
    ...mountsBelow(source).map((path): Step => ['r', join(place, path), String(flags)]),
  ];
}

/** One character per capability, by its number. */
const CAPABILITY_BITS = CAPABILITIES.map((name) => (CONTAINER_CAPABILITIES.includes(name) ? '1' : '0')).join('');
