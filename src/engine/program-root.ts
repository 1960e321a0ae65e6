import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { BenchError, fileError } from '../errors.js';
import { SCRATCH } from '../model/container/containment.js';
import type { BindMount, ContainerProgram } from '../model/container/program.js';
import { mountsIn } from '../model/host/mounts.js';

/** A root made for a program: a folder with mount points, and what is mounted there. */
export interface ProgramRoot {
  readonly folder: string;
  readonly binds: readonly BindMount[];
}

/** Entries that a caller's root does not replace. */
const OWN = new Set(['proc', 'dev', 'sys', 'tmp', 'payload', 'caller', 'loader', 'probe32']);

/**
 * Makes a folder the root of a program, with a mount point for everything bound into it. The top-level entries of a
 * caller's root are bound one by one, so that nothing is ever written into that root. Throws `input`.
 */
export function composeRoot(
  folder: string,
  { rootfs, binds: asked }: Pick<ContainerProgram, 'rootfs' | 'binds'>,
  own: readonly BindMount[] = [],
): ProgramRoot {
  mkdirSync(folder, { recursive: true });
  const binds = [...own, ...(rootfs === undefined ? [] : entriesOf(rootfs, folder)), ...asked];
  assertPlaces(binds);
  for (const { source, target } of binds) makePlace(folder, source, join(folder, target));
  return { folder, binds };
}

function entriesOf(rootfs: string, folder: string): readonly BindMount[] {
  return readEntries(rootfs)
    .filter(({ name }) => !OWN.has(name))
    .flatMap((entry) => {
      const source = join(rootfs, entry.name);
      if (!entry.isSymbolicLink()) return [{ source, target: `/${entry.name}` }];
      const link = join(folder, entry.name);
      if (lstatSync(link, { throwIfNoEntry: false }) === undefined) symlinkSync(readlinkSync(source), link);
      return [];
    });
}

/** The mounts below a folder of this machine, as paths in it; those that another one covers are not seen. */
export function mountsBelow(folder: string): readonly string[] {
  const prefix = folder.endsWith('/') ? folder : `${folder}/`;
  const below = mountsIn(readFileSync('/proc/self/mounts', 'utf8'))
    .map(({ where }) => unescaped(where))
    .filter((where) => where.startsWith(prefix) && existsSync(where))
    .map((where) => where.slice(prefix.length));
  return [...new Set(below)];
}

/** proc(5) writes blanks and backslashes in octal. */
const unescaped = (path: string): string =>
  path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

function readEntries(rootfs: string) {
  try {
    return readdirSync(rootfs, { withFileTypes: true });
  } catch (cause) {
    throw fileError('read', rootfs, cause, { hint: 'Give a folder with the file system of a container.' });
  }
}

/**
 * Refuses what is to be mounted below another bind where that has no such place: it is the host's own and read-only,
 * and some runtimes would make the place in it. Throws `input`.
 */
export function assertPlaces(binds: readonly BindMount[]): void {
  binds.forEach(({ source, target }, index) => {
    const outer = binds.slice(0, index).findLast((one) => target.startsWith(`${one.target}/`));
    if (outer === undefined || existsSync(join(outer.source, target.slice(outer.target.length)))) return;
    throw new BenchError('input', `could not bind ${source} to ${target}: ${outer.source} has no such place`, {
      hint: `${outer.target} is bound read-only from there. Bind it to another place, for example below ${SCRATCH}.`,
    });
  });
}

/** A mount point must be of the same kind as what is mounted. A link of the root must not lead out of it. */
function makePlace(root: string, source: string, place: string): void {
  const found = statSync(source, { throwIfNoEntry: false });
  if (found === undefined)
    throw new BenchError('input', `could not bind ${source} into the container: no such file or directory`);
  const real = realpathSync(root);
  const above = realpathSync(existingFolderOf(dirname(place)));
  if (above !== real && !above.startsWith(`${real}/`))
    throw new BenchError('input', `could not bind ${source} to ${place.slice(root.length)}: a link there leads out`, {
      hint: 'Bind it to the place that the link leads to.',
    });
  if (existsSync(place)) return;
  mkdirSync(found.isDirectory() ? place : dirname(place), { recursive: true });
  if (!found.isDirectory()) writeFileSync(place, '');
}

const existingFolderOf = (folder: string): string => (existsSync(folder) ? folder : existingFolderOf(dirname(folder)));
