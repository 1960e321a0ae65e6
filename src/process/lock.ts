import { closeSync, openSync } from 'node:fs';
import { libc } from './libc.js';

/** flock(2): LOCK_EX | LOCK_NB. */
const EXCLUSIVE_AT_ONCE = 2 | 4;

/**
 * Locks a file for as long as this process lives, or until it is disposed of. The kernel ends the lock with the
 * process, however that ends, and shows it across pid namespaces. Throws where the file cannot be opened, or another
 * process has it locked (`EWOULDBLOCK`).
 */
export function holdLock(path: string): Disposable {
  const file = openSync(path, 'r');
  if (libc().flock(file, EXCLUSIVE_AT_ONCE) !== 0) {
    const reason = libc().lastError();
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
export function lockState(path: string): 'held' | 'free' | 'unknown' {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return 'unknown';
  }
  try {
    if (libc().flock(file, EXCLUSIVE_AT_ONCE) === 0) return 'free';
    return ['EAGAIN', 'EWOULDBLOCK'].includes(libc().lastError()) ? 'held' : 'unknown';
  } finally {
    closeSync(file);
  }
}
