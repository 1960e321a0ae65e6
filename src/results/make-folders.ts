import { chmodSync, existsSync, fchmodSync, fstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Everyone may read results, whatever the umask. */
const FOLDER_MODE = 0o755;

/**
 * Creates a folder and those above it, where they are missing; everyone may read them. Throws the file system's error.
 * Not Node's `recursive`: that never returns, and fills the memory, where a file system such as /proc answers ENOENT to
 * a new folder in one that exists.
 */
export function makeFolders(path: string): void {
  if (isFolder(path)) return;
  if (!existsSync(dirname(path))) makeFolders(dirname(path));
  makeFolder(path);
}

/** Creates a folder that does not exist yet; everyone may read it. Throws the file system's error. */
export function makeFolder(path: string): void {
  mkdirSync(path, FOLDER_MODE);
  setMode(path, FOLDER_MODE);
}

/**
 * Sets the permissions that the umask may have taken away; set-group-id, which a folder has from the one above, stays.
 * A file system without permissions keeps its own.
 */
export function setMode(place: string | number, mode: number): void {
  const present = typeof place === 'number' ? fstatSync(place).mode : statSync(place).mode;
  if ((present & 0o777) === mode) return;
  const wanted = (present & 0o7000) | mode;
  try {
    if (typeof place === 'number') fchmodSync(place, wanted);
    else chmodSync(place, wanted);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP'].includes(code)) throw error;
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
