import { lstatSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { thisProcess, type ProcessIdentity } from './identity.js';

/** Names the process that made a folder; bench clean removes the folder once that process is dead. */
export const OWNER_FILE = 'owner.json';
const OTHERS_MAY_WRITE = 0o022;
const MOST_TRIES = 5;

/** The owner.json of every folder. That of a run's workspace adds how to remove what the run made. */
export interface FolderOwner extends ProcessIdentity {
  readonly runId: string;
  /** Path of the OCI runtime whose containers live in the folder; `null`: none. */
  readonly runtime: string | null;
}

/** The folder in `place` that contains the folders of this user's runs. */
export const parentIn = (place: string): string => join(place, `seccomp-bench-${userInfo().uid}`);

/** Writes the owner of a folder, again once more is known. */
export function claimFolder(folder: string, owner: FolderOwner): void {
  writeFileSync(join(folder, OWNER_FILE), `${JSON.stringify(owner)}\n`);
}

/**
 * Makes the parent and then, with `make`, a folder in it. Another process that removes its last folder also removes
 * the parent, possibly in between: then both are made again.
 */
export function makeUnder<Made>(parent: string, make: () => Made): Made {
  for (let tries = 1; ; tries += 1) {
    makeParent(parent);
    try {
      return make();
    } catch (error) {
      if (!isErrno(error, 'ENOENT') || tries === MOST_TRIES) throw error;
    }
  }
}

/** One folder only: a TMPDIR that does not exist is a mistake, not a wish. */
function makeParent(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  }
}

const isErrno = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/**
 * Whether only this user may write to a folder. Its name is predictable, so somebody else may have made it, and a
 * forged owner.json would name the runtime that bench clean runs and the processes it kills.
 */
export function isOurs(folder: string): boolean {
  try {
    const stat = lstatSync(folder);
    return stat.isDirectory() && stat.uid === userInfo().uid && (stat.mode & OTHERS_MAY_WRITE) === 0;
  } catch {
    // It does not exist, or is in a place this user may not read.
    return false;
  }
}

/** Removes a folder, and its parent once that is empty. */
export function removeOwnedFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  if (!basename(dirname(folder)).startsWith('seccomp-bench-')) return;
  try {
    rmdirSync(dirname(folder));
  } catch {
    // Another run's folder is in it.
  }
}

/** A temporary folder of this process; disposing removes it, and bench clean does if the process is killed. */
export interface OwnedFolder extends Disposable {
  readonly path: string;
}

/** Makes one in TMPDIR, named after what it is for. Throws as `mkdtemp` does. */
export function makeOwnedFolder(purpose: string): OwnedFolder {
  const parent = parentIn(resolve(tmpdir()));
  const path = makeUnder(parent, () =>
    // bench clean ignores a folder that others may write to.
    mkdtempSync(isOurs(parent) ? join(parent, `${purpose}-`) : join(tmpdir(), `seccomp-bench-${purpose}-`)),
  );
  claimFolder(path, { runId: basename(path), ...thisProcess(), runtime: null });
  return {
    path,
    [Symbol.dispose]: () => {
      removeOwnedFolder(path);
    },
  };
}
