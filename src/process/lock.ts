import { closeSync, constants, openSync } from 'node:fs';
import { libc } from './libc.js';

/** flock(2): LOCK_EX | LOCK_NB. */
const EXCLUSIVE_AT_ONCE = 2 | 4;
/** LOCK_SH | LOCK_NB: processes that only ask do not see one another. */
const SHARED_AT_ONCE = 1 | 4;
/** A FIFO or a link in the place of the file is no reason to wait, or to go elsewhere. */
const CAREFULLY = constants.O_NONBLOCK | constants.O_NOFOLLOW | constants.O_NOCTTY;

/** `free`: no process has the file locked. */
export type LockState = 'held' | 'free' | 'unknown';

/**
 * Locks a file for as long as this process lives, or until it is disposed of. The kernel ends the lock with the
 * process, however that ends, and shows it across pid namespaces. Throws where the file cannot be opened, or another
 * process has it locked (`EWOULDBLOCK`).
 */
export const holdLock = (path: string): Disposable => lock(path, EXCLUSIVE_AT_ONCE);

function lock(path: string, operation: number): Disposable {
  const { flock, lastError } = libc();
  const file = openFile(path);
  if (flock(file, operation) !== 0) {
    const reason = lastError();
    closeSync(file);
    throw Object.assign(new Error(`${path}: ${reason}`), { code: reason });
  }
  let held = true;
  return {
    [Symbol.dispose]: () => {
      if (held) closeSync(file);
      held = false;
    },
  };
}

/** Whether some process holds the lock of a file; `unknown` where that cannot be asked. */
export function lockState(path: string): LockState {
  try {
    lock(path, SHARED_AT_ONCE)[Symbol.dispose]();
    return 'free';
  } catch (error) {
    return isHeld(error) ? 'held' : 'unknown';
  }
}

/** Whether {@link holdLock} failed because another process holds the lock. */
export const isHeld = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['EAGAIN', 'EWOULDBLOCK'].includes(String(error.code));

/** NFS locks only files that are open for writing; others may be read-only. */
function openFile(path: string): number {
  try {
    return openSync(path, constants.O_RDWR | CAREFULLY);
  } catch {
    return openSync(path, constants.O_RDONLY | CAREFULLY);
  }
}
