import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { BenchError, errnoOf } from '../errors.js';
import type { HostFingerprint } from '../model/results/result.js';
import type { ArmEvidence } from '../model/run/evidence.js';
import { holdLock, isHeld } from '../process/lock.js';
import { CHECKSUMS_FILE } from './checksums.js';
import {
  attempt,
  BREAKS_FILE,
  createFolder,
  EVIDENCE_FILE,
  HOST_FILE,
  json,
  LEDGER_FILE,
  PLAN_FILE,
  PROFILES_FOLDER,
  resultsError,
  SAMPLES_FILE,
  WORKLOAD_FILE,
  writeNew,
} from './files.js';

/** What a resumption replaces is kept in a folder of its own: `resumed-1`, `resumed-2`, ... */
const RESUMED = /^resumed-(\d+)$/;

/** What was found when a run was about to be resumed. */
export interface FoundAgain {
  readonly host: HostFingerprint;
  readonly evidence: readonly ArmEvidence[];
}

/** Locks a results folder for as long as this process writes to it. Throws `usage` where its run still goes on. */
export function lockResults(path: string, shown = path): Disposable {
  try {
    return holdLock(join(path, PLAN_FILE));
  } catch (error) {
    if (!isHeld(error)) {
      const code = errnoOf(error);
      if (code === 'ENOENT') throw resultsError('read', join(path, PLAN_FILE), error);
      throw new BenchError('environment', `could not lock ${join(path, PLAN_FILE)}: ${code}`, {
        cause: error,
        hint: 'Copy the folder to a local file system, and resume the copy.',
      });
    }
    throw new BenchError('usage', `the run of ${shown} still goes on`, {
      hint: 'Wait for its end, or stop it with Ctrl-C first.',
    });
  }
}

/**
 * Readies a locked folder for more samples, and loses nothing: the bytes of a last line that is truncated, the ledger
 * and the checksums of the part before are moved to a new folder `resumed-N` in it, which also gets what was found this
 * time. Gives that folder's name. Throws `environment`.
 */
export function putAside(path: string, { host, evidence }: FoundAgain): string {
  const name = `resumed-${1 + Math.max(0, ...readdirSync(path).map((one) => Number(RESUMED.exec(one)?.[1] ?? 0)))}`;
  const aside = join(path, name);
  createFolder(aside);
  writeNew(join(aside, HOST_FILE), json(host));
  writeNew(join(aside, EVIDENCE_FILE), json(evidence));
  // First of all: the folder no longer is what its checksums say.
  for (const file of [CHECKSUMS_FILE, LEDGER_FILE, `${EVIDENCE_FILE}.next`]) moveIfThere(path, file, name);
  if (!existsSync(join(path, WORKLOAD_FILE))) moveIfThere(path, PROFILES_FOLDER, name);
  for (const file of [SAMPLES_FILE, BREAKS_FILE]) cutTail(join(path, file), join(aside, `${file}.tail`));
  return name;
}

function moveIfThere(path: string, file: string, folder: string): void {
  const from = join(path, file);
  if (!existsSync(from)) return;
  attempt('write', from, () => {
    renameSync(from, join(path, folder, file));
  });
}

const NEWLINE = 0x0a;
const CHUNK = 1 << 16;

/**
 * Moves what follows the last newline of a file to another file; nothing where it ends with one. Where only the newline
 * is missing, it is added.
 */
function cutTail(path: string, aside: string): void {
  if (!existsSync(path)) return;
  attempt('write', path, () => {
    const file = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
    try {
      const { size } = fstatSync(file);
      const end = endOfLines(file, size);
      if (end === size) return;
      const tail = Buffer.alloc(size - end);
      readSync(file, tail, 0, tail.length, end);
      if (isJson(tail)) writeSync(file, '\n', size);
      else {
        writeNew(aside, tail);
        ftruncateSync(file, end);
      }
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  });
}

function isJson(bytes: Buffer): boolean {
  try {
    return typeof JSON.parse(bytes.toString()) === 'object';
  } catch {
    return false;
  }
}

/** The offset after the last newline; 0 without one. */
function endOfLines(file: number, size: number): number {
  const chunk = Buffer.alloc(CHUNK);
  for (let end = size; end > 0; end -= CHUNK) {
    const from = Math.max(0, end - CHUNK);
    const read = readSync(file, chunk, 0, end - from, from);
    const last = chunk.subarray(0, read).lastIndexOf(NEWLINE);
    if (last >= 0) return from + last + 1;
  }
  return 0;
}

/** The lock of a folder's plan.json. A file system without locks is no reason not to measure. */
export function lockIfPossible(path: string): Disposable {
  try {
    return holdLock(join(path, PLAN_FILE));
  } catch {
    return { [Symbol.dispose]: () => undefined };
  }
}
