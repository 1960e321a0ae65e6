import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { errnoOf } from '../errors.js';
import {
  FLEET_FILE,
  FOLDER_PATTERN,
  HOST_FILE,
  JOB_LOG,
  PLAN_FILE,
  readBytes,
  resultsError,
  SAMPLES_FILE,
} from './files.js';

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
    if (errnoOf(error) === 'ENOENT') return [];
    throw resultsError('read', parent, error);
  }
}

/** What a folder's plan says it is, which tells how to read the folder. */
interface PlanKind {
  readonly kind?: unknown;
  readonly sweep?: { readonly id?: unknown };
  readonly command?: unknown;
}

/** The rest of the plan is not checked; empty where there is none that can be read. */
export function planKindIn(path: string): PlanKind {
  try {
    return (JSON.parse(readBytes(join(path, PLAN_FILE)).toString('utf8')) as PlanKind | null) ?? {};
  } catch {
    return {};
  }
}

/** A run that was killed as it began may lack one of them. */
const MARKS = [HOST_FILE, PLAN_FILE, SAMPLES_FILE];

/** The results folder that a path leads into, or is; `null` where none is around it. */
export function resultsFolderAround(path: string): string | null {
  if (MARKS.filter((name) => existsSync(join(path, name))).length > 1) return path;
  return dirname(path) === path ? null : resultsFolderAround(dirname(path));
}

/** The folder of a fleet whose record, or whose node's log, this file is; `null` for any other file. */
export function fleetFolderOf(file: string): string | null {
  const folder = dirname(file);
  if (basename(file) === FLEET_FILE) return folder;
  const above = dirname(folder);
  return basename(file) === JOB_LOG && existsSync(join(above, FLEET_FILE)) ? above : null;
}
