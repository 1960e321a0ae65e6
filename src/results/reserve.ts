import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeNew } from './files.js';

/** Space that a run keeps for its end; gone once the folder is sealed. */
const RESERVE_FILE = '.reserve';
/** More than evidence, ledger and checksums take. */
const RESERVE_BYTES = 64 * 1024;

/**
 * Takes space in a results folder, so that a run whose samples fill the disk can still write its ledger and checksums;
 * the function given frees it. A disk without that much is no reason not to measure.
 */
export function reserveIn(folder: string): () => void {
  const path = join(folder, RESERVE_FILE);
  const free = (): void => {
    rmSync(path, { force: true });
  };
  try {
    free();
    // Random, because a file system may store nothing for zeros.
    writeNew(path, randomBytes(RESERVE_BYTES));
  } catch {
    // What a failed write left is removed with it.
  }
  return free;
}
