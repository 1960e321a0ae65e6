import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { BenchError, errnoOf, fileError, invalidValue } from '../errors.js';
import type { RunPlan } from '../model/results/result.js';
import { makeFolder, makeFolders, setMode } from './make-folders.js';
import { distinctName, safeName } from './names.js';

/** The files of a results folder. */
export const HOST_FILE = 'host.json';
export const PLAN_FILE = 'plan.json';
export const EVIDENCE_FILE = 'evidence.json';
export const LEDGER_FILE = 'ledger.json';
export const SYSCALLS_FILE = 'syscalls.json';
export const SAMPLES_FILE = 'samples.jsonl';
/** Pauses, and where the run was resumed; only where there were any. */
export const BREAKS_FILE = 'breaks.jsonl';
export const WORKLOAD_FILE = 'workload.json';
/** What `bench advise` needs to make its report again, in the folder of the starts. */
export const ADVICE_FILE = 'advice.json';
export const PROFILES_FOLDER = 'profiles';
export const SPECS_FOLDER = 'specs';
/** What simulation found about every call and arm, where calls are priced. */
export const SIMULATION_FILE = 'simulation.json';
/** The record of a fleet, in the folder with one folder per node. */
export const FLEET_FILE = 'fleet.json';
/** What bench said on a node, in the node's folder. */
export const JOB_LOG = 'job.log';

/** The name of a results folder that this program made: time, scenario, id. */
export const FOLDER_PATTERN = /^\d{8}T\d{6}Z-/;

/** `20261121T010203Z-quick-1a2b`: UTC, sorts by time. */
export function folderName({
  startedAt,
  scenario,
  id,
}: Pick<RunPlan, 'startedAt' | 'id'> & { readonly scenario: Pick<RunPlan['scenario'], 'name'> }): string {
  const time = new Date(startedAt);
  if (Number.isNaN(time.getTime()))
    throw invalidValue('plan: startedAt', 'an ISO 8601 time', `"${startedAt}"`, {
      code: 'input',
      hint: 'Use a time like 2026-11-21T01:02:03Z.',
    });
  const stamp = `${time.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  return [stamp, scenario.name, id].map(safeName).join('-');
}

/**
 * What an arm was made of, as it was used: the text of its spec or policy, the bytes of its filter, or
 * a word for the runtime's own profile.
 */
export interface UsedSpec {
  readonly arm: string;
  readonly content: string | Uint8Array;
  readonly kind: 'spec' | 'raw' | 'lxc' | 'runtimeDefault';
}

const EXTENSIONS = { spec: 'json', raw: 'bpf', lxc: 'seccomp', runtimeDefault: 'txt' } as const;

/** The file of what an arm was made of; arms may have any name, and each has its own file. */
export const specFile = ({ arm, kind }: Pick<UsedSpec, 'arm' | 'kind'>): string =>
  `${distinctName(arm)}.${EXTENSIONS[kind]}`;

const DISK_FULL =
  'Free some space, or choose another folder with --results, and run again. What was written until now is kept.';
const FORBIDDEN = 'Choose another folder with --results, or change the permissions of this one.';
const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: DISK_FULL,
  EDQUOT: DISK_FULL,
  EFBIG: DISK_FULL,
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  EROFS: FORBIDDEN,
};

/** A file system error as one the user can act on: `environment` where the disk or a permission is the cause. */
export function resultsError(
  action: 'read' | 'write' | 'create',
  path: string,
  error: unknown,
  hint = 'Check the path. A run prints its results folder when it starts.',
): BenchError {
  const code = errnoOf(error);
  return fileError(action, path, error, {
    code: code in HINTS ? 'environment' : 'input',
    hint: HINTS[code] ?? hint,
  });
}

/** Does something with a file of the results. Throws `environment` or `input`. */
export function attempt<Result>(action: 'read' | 'write' | 'create', path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw error instanceof BenchError ? error : resultsError(action, path, error);
  }
}

/** No document of a run comes near it. */
const MOST_BYTES = 64 * 1024 * 1024;

/** A whole file of the results, up to `maxBytes`; a FIFO would never end. Throws `input` or `environment`. */
export function readBytes(path: string, maxBytes = MOST_BYTES): Buffer {
  const facts = attempt('read', path, () => statSync(path));
  if (!facts.isFile() && !facts.isDirectory())
    throw invalidValue(path, 'a file', 'a device, pipe or socket', {
      code: 'input',
      hint: 'A run writes ordinary files only.',
    });
  if (facts.size > maxBytes)
    throw new BenchError('input', `${path} is larger than ${Math.floor(maxBytes / 2 ** 20)} MiB`, {
      hint: 'No such file of a run is that large.',
    });
  return attempt('read', path, () => readFileSync(path));
}

/** Everyone may read results, whatever the umask: `sudo bench` often runs with one that hides them. */
const FILE_MODE = 0o644;
const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Opens a new file to append to; it replaces none and follows no link. Throws the file system's error. */
export function openNew(path: string): number {
  const file = openSync(path, NEW_FILE | constants.O_APPEND, FILE_MODE);
  setMode(file, FILE_MODE);
  return file;
}

/** The whole file, or none: a full disk leaves no part of it. */
function writeWhole(path: string, content: string | Uint8Array): void {
  const file = openNew(path);
  try {
    writeFileSync(file, content);
  } catch (error) {
    unlinkSync(path);
    throw error;
  } finally {
    closeSync(file);
  }
}

/**
 * Creates a file with this content; it replaces none and follows no link. A full disk leaves no part of it. Throws
 * `input` or `environment`.
 */
export const writeNew = (path: string, content: string | Uint8Array): void => {
  attempt('create', path, () => {
    writeWhole(path, content);
  });
};

const LOG = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW;

/** Opens a file to append to, a new one where there is none; follows no link. Throws the file system's error. */
export function openToAppend(path: string): number {
  const file = openSync(path, LOG, FILE_MODE);
  setMode(file, FILE_MODE);
  return file;
}

/** Adds to the end of a file that exists; follows no link. Throws `input` or `environment`. */
export const appendTo = (path: string, content: string): void => {
  attempt('write', path, () => {
    const file = openToAppend(path);
    try {
      writeFileSync(file, content);
    } finally {
      closeSync(file);
    }
  });
};

/**
 * Puts a new content in the place of a file's old one, at once; a link there is replaced, not followed. Throws `input`
 * or `environment`.
 */
export const replaceFile = (path: string, content: string): void => {
  const next = `${path}.next`;
  attempt('write', path, () => {
    // Left by one that was killed between the two steps.
    rmSync(next, { force: true });
    writeWhole(next, content);
    renameSync(next, path);
  });
};

/** Creates a folder and those above it, where they are missing. Throws `input` or `environment`. */
export const ensureFolder = (path: string): void => {
  attempt('create', path, () => {
    makeFolders(path);
  });
};

/** Creates a folder that does not exist yet. Throws `input` or `environment`. */
export const createFolder = (path: string): void => {
  attempt('create', path, () => {
    makeFolder(path);
  });
};

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
