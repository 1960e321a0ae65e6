import { readFileSync } from 'node:fs';
import { BenchError } from '../errors.js';
import type { RunPlan } from '../model/results/result.js';

/** The files of a results folder. */
export const HOST_FILE = 'host.json';
export const PLAN_FILE = 'plan.json';
export const EVIDENCE_FILE = 'evidence.json';
export const LEDGER_FILE = 'ledger.json';
export const SYSCALLS_FILE = 'syscalls.json';
export const SAMPLES_FILE = 'samples.jsonl';
export const WORKLOAD_FILE = 'workload.json';
/** What `bench advise` needs to make its report again, in the folder of the starts. */
export const ADVICE_FILE = 'advice.json';
export const PROFILES_FOLDER = 'profiles';
export const SPECS_FOLDER = 'specs';
/** What simulation found of every call and arm, where calls are priced. */
export const SIMULATION_FILE = 'simulation.json';

/** What a results folder made by this program is called: time, scenario, id. */
export const FOLDER_PATTERN = /^\d{8}T\d{6}Z-/;

/** `20261121T010203Z-quick-1a2b`: UTC, sorts by time. */
export function folderName({
  startedAt,
  scenario,
  id,
}: Pick<RunPlan, 'startedAt' | 'id'> & { readonly scenario: Pick<RunPlan['scenario'], 'name'> }): string {
  const time = new Date(startedAt);
  if (Number.isNaN(time.getTime()))
    throw new BenchError('input', `plan: startedAt: expected an ISO 8601 time, got "${startedAt}"`, {
      hint: 'Use a time like 2026-11-21T01:02:03Z.',
    });
  const stamp = `${time.toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
  return [stamp, scenario.name, id].map(encodeURIComponent).join('-');
}

/** Names of arms are free text to this stage: `/` and the like must not leave the folder. */
export const specFile = (arm: string): string => `${encodeURIComponent(arm)}.json`;

const MEANING: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'a read-only file system',
  ENOENT: 'no such file or folder',
  ENOTDIR: 'a file where a folder should be',
  EISDIR: 'a folder where a file should be',
  EEXIST: 'one that already exists',
  EFBIG: 'the largest size a file may have',
};

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'Free some space or choose another folder with --results, then run again; what was written so far is kept.',
  EDQUOT: 'Free some space or choose another folder with --results, then run again; what was written so far is kept.',
  EACCES: 'Choose a folder you may use with --results, or change its permissions.',
  EPERM: 'Choose a folder you may use with --results, or change its permissions.',
  EROFS: 'Choose a folder you may write to with --results.',
};

/** A file system error as one the user can act on: names the file, what was tried and what came of it. */
export function fileError(wanted: string, path: string, cause: unknown): BenchError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const meaning = MEANING[code] ?? (cause instanceof Error ? cause.message : String(cause));
  const environment = code in ADVICE || code === 'EFBIG';
  return new BenchError(
    environment ? 'environment' : 'input',
    `${path}: expected ${wanted}, got ${meaning}${code === '' ? '' : ` (${code})`}`,
    { hint: ADVICE[code] ?? 'Check the path; a results folder is what a run printed as its own.', cause },
  );
}

/** A whole file of the results. Throws `input` or `environment`. */
export function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw fileError('a file of the results', path, error);
  }
}
