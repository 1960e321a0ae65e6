import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileError } from '../../errors.js';
import type { Io } from '../../model/io.js';

interface MadeFolders {
  readonly resultsFolder: string | null;
  readonly reportsFolder: string | null;
}

/**
 * Refuses folders that could not be created when they are needed, before anything is measured. Creates none. Throws
 * `environment`.
 */
export function assertFolders({ resultsFolder, reportsFolder }: MadeFolders, io: Pick<Io, 'cwd'>): void {
  if (resultsFolder !== null) assertCreatable(resolve(io.cwd, resultsFolder), '--results');
  if (reportsFolder !== null) assertCreatable(resolve(io.cwd, reportsFolder), '--report');
}

function assertCreatable(folder: string, option: string): void {
  const existing = nearestExisting(folder, option);
  try {
    if (!statSync(existing).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' });
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw fileError('create', folder, error, { hint: `Choose another folder with ${option}.` });
  }
}

function nearestExisting(path: string, option: string): string {
  try {
    return statSync(path, { throwIfNoEntry: false }) === undefined ? nearestExisting(dirname(path), option) : path;
  } catch (error) {
    // A file where a folder should be (ENOTDIR): its parent says so.
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return nearestExisting(dirname(path), option);
    throw fileError('create', path, error, { hint: `Choose another folder with ${option}.` });
  }
}
