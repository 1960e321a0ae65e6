import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { BenchError, systemReason } from '../../errors.js';
import { livenessOf, thisProcess, type Liveness, type ProcessIdentity } from '../identity.js';
import { holdLock, isHeld, lockState } from '../lock.js';
import { mountsIn } from '../removal/mounts.js';

/** Names the process that made a folder; bench clean removes the folder once that process is dead. */
export const OWNER_FILE = 'owner.json';
/** A new owner.json, before it has its name. */
const DRAFT = `${OWNER_FILE}.new`;
/** Far more than any owner.json has. */
const MOST_OWNER_BYTES = 64 * 1024;
const OTHERS_MAY_WRITE = 0o022;
const MOST_TRIES = 5;
const MOST_NAMED = 3;

/** The owner.json of every folder. That of a run's workspace adds how to remove what the run made. */
export interface FolderOwner extends ProcessIdentity {
  readonly runId: string;
  /** Path of the OCI runtime whose containers live in the folder; `null`: none. */
  readonly runtime: string | null;
  /** The process has owner.json locked; absent in records of earlier versions. */
  readonly locked?: boolean;
}

/** The folder in `place` that contains the folders of this user's runs. */
export const parentIn = (place: string): string => join(place, `seccomp-bench-${userInfo().uid}`);

/** What this process has locked, by folder. */
const locks = new Map<string, Disposable>();

/**
 * Makes this process the owner of a folder, again once more is known. Its owner.json is locked for as long as the
 * process lives, where the file system knows locks, and is whole at any time.
 */
export function claimFolder(folder: string, owner: Omit<FolderOwner, keyof ProcessIdentity | 'locked'>): void {
  const draft = join(folder, DRAFT);
  writeFileSync(draft, '', { mode: 0o600 });
  const { locked, hold } = lockOf(draft);
  writeFileSync(draft, `${JSON.stringify({ ...owner, ...thisProcess(), locked })}\n`);
  renameSync(draft, join(folder, OWNER_FILE));
  release(folder);
  locks.set(folder, hold);
}

/** Where the file system has no locks, the file is still open: that shows the process in this pid namespace. */
function lockOf(path: string): { readonly locked: boolean; readonly hold: Disposable } {
  try {
    return { locked: true, hold: holdLock(path) };
  } catch (error) {
    if (isHeld(error)) throw error;
    const file = openSync(path, 'r');
    return {
      locked: false,
      hold: {
        [Symbol.dispose]: () => {
          closeSync(file);
        },
      },
    };
  }
}

function release(folder: string): void {
  locks.get(folder)?.[Symbol.dispose]();
  locks.delete(folder);
}

/** The text of a folder's owner.json. Throws where it is missing, no regular file or too large. */
export function readOwnerText(folder: string): string {
  const file = openSync(join(folder, OWNER_FILE), constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const facts = fstatSync(file);
    if (!facts.isFile()) throw new Error(`${OWNER_FILE} is not a file`);
    if (facts.size > MOST_OWNER_BYTES) throw new Error(`${OWNER_FILE} is larger than ${MOST_OWNER_BYTES} bytes`);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}

/** Whether the process that made a folder still runs. */
export const livenessOfOwner = (folder: string, owner: FolderOwner): Liveness =>
  livenessOf(owner, owner.locked === true ? { lock: lockState(join(folder, OWNER_FILE)) } : {});

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

/**
 * Removes a folder, owner.json last: what cannot be removed keeps its owner. Its parent goes once that is empty. Never
 * reaches through a mount. Throws `runFailed` with what stays and why.
 */
export function removeOwnedFolder(folder: string): void {
  const mounts = mountsIn(folder);
  if (mounts.length > 0) throw new BenchError('runFailed', `still mounted: ${mounts.join(', ')}`);
  const stays = namesIn(folder).flatMap((name) => (name === OWNER_FILE ? [] : removed(join(folder, name))));
  if (stays.length > 0) {
    const more = stays.length > MOST_NAMED ? `; and ${stays.length - MOST_NAMED} more` : '';
    throw new BenchError('runFailed', `${stays.slice(0, MOST_NAMED).join('; ')}${more}`);
  }
  rmSync(folder, { recursive: true, force: true });
  release(folder);
  if (!basename(dirname(folder)).startsWith('seccomp-bench-')) return;
  try {
    rmdirSync(dirname(folder));
  } catch {
    // Another run's folder is in it.
  }
}

/** What could not be removed, each path with why. One that stays keeps no other; links are not followed. */
function removed(path: string): readonly string[] {
  try {
    if (!lstatSync(path).isDirectory()) {
      unlinkSync(path);
      return [];
    }
    const stays = readdirSync(path).flatMap((name) => removed(join(path, name)));
    if (stays.length === 0) rmdirSync(path);
    return stays;
  } catch (error) {
    return isErrno(error, 'ENOENT') ? [] : [`${path}: ${systemReason(error)}`];
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
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
  claimFolder(path, { runId: basename(path), runtime: null });
  return {
    path,
    [Symbol.dispose]: () => {
      removeOwnedFolder(path);
    },
  };
}

/** Paths in a folder, sorted; empty where it cannot be read or does not exist yet. */
export function pathsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
