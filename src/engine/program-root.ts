import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { BenchError, fileError } from '../errors.js';
import type { BindMount, ContainerProgram } from '../model/container/program.js';

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
  for (const { source, target } of binds) makePlace(source, join(folder, target));
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

function readEntries(rootfs: string) {
  try {
    return readdirSync(rootfs, { withFileTypes: true });
  } catch (cause) {
    throw fileError('read', rootfs, cause, { hint: 'Give a folder with the file system of a container.' });
  }
}

/** A mount point must be of the same kind as what is mounted. */
function makePlace(source: string, place: string): void {
  const found = statSync(source, { throwIfNoEntry: false });
  if (found === undefined)
    throw new BenchError('input', `could not bind ${source} into the container: no such file or directory`);
  if (existsSync(place)) return;
  mkdirSync(found.isDirectory() ? place : dirname(place), { recursive: true });
  if (!found.isDirectory()) writeFileSync(place, '');
}
