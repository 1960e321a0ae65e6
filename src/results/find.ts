import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FOLDER_PATTERN, PLAN_FILE, resultsError, SAMPLES_FILE } from './files.js';

/** Path of the newest results folder in `parent`, by the time in its name; `null` where there is no such folder. */
export function findLatestResult(parent: string): string | null {
  const names = foldersIn(parent).filter((name) => FOLDER_PATTERN.test(name));
  const newest = names.at(-1);
  return newest === undefined ? null : join(parent, newest);
}

/** Names of the folders in a folder, sorted; empty where it does not exist. */
export function foldersIn(parent: string): string[] {
  try {
    return readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw resultsError('read', parent, error);
  }
}

/** The results folder that a path leads into, or is; `null` where none is around it. */
export function resultsFolderAround(path: string): string | null {
  if ([PLAN_FILE, SAMPLES_FILE].every((name) => existsSync(join(path, name)))) return path;
  return dirname(path) === path ? null : resultsFolderAround(dirname(path));
}
