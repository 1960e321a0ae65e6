import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileError, FOLDER_PATTERN } from './files.js';

/**
 * The path of the newest results folder in `parent`, by the time in its name; `null` where there is none, or no
 * `parent`.
 */
export function findLatestResult(parent: string): string | null {
  const names = foldersIn(parent).filter((name) => FOLDER_PATTERN.test(name));
  const newest = names.at(-1);
  return newest === undefined ? null : join(parent, newest);
}

/** Names of the folders in a folder, sorted; none where it is not there. */
export function foldersIn(parent: string): string[] {
  try {
    return readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw fileError('a folder of results', parent, error);
  }
}
