import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { Stats } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BenchError, systemReason } from '../../errors.js';
import { shellQuote } from '../../model/shell-quote.js';

/**
 * Throws `input` and `environment` for what cannot become a file: a folder, a path whose folder does not exist or
 * cannot be written to.
 */
export function checkTarget(path: string, flag: string, hint = KEPT): void {
  const present = statOf(path, flag, hint);
  if (present?.isDirectory() === true) {
    throw new BenchError('input', `${flag}: expected a file, got the folder ${path}`, {
      hint: `Give a file in it: ${flag} ${join(path, 'FILE')}.`,
    });
  }
  const folder = dirname(path);
  const parent = statOf(folder, flag, hint);
  // Newer versions of Node tell nothing of a path below a file; older ones refuse it.
  if (parent?.isDirectory() === false)
    throw new BenchError('input', `${flag}: ${folder} is not a directory`, {
      hint: `Give a file in a folder: ${flag} ${shellQuote([join(dirname(folder), basename(path))])}.`,
    });
  if (parent === undefined) {
    throw new BenchError('input', `${flag}: folder ${folder} does not exist`, {
      hint: `Create it first: mkdir -p ${shellQuote([folder])}`,
    });
  }
  // The replacement of a regular file is made next to it; a pipe or a device is written to itself.
  const written = present !== undefined && !present.isFile() ? path : folder;
  try {
    accessSync(written, constants.W_OK);
  } catch (error) {
    throw writeError(path, flag, { cause: error, hint });
  }
}

/**
 * Writes the whole text, or leaves the file as it was; a pipe or a device (`/dev/stdout`) is written to, never
 * replaced. Throws `environment`.
 */
export function writeTarget(path: string, text: string | Uint8Array, flag: string, hint = KEPT): void {
  try {
    const present = statOf(path, flag, hint);
    if (present !== undefined && !present.isFile()) writeFileSync(path, text);
    // A link stays one: what it points to is replaced.
    else replaceFile(present === undefined ? path : realpathSync(path), text, present);
  } catch (error) {
    throw error instanceof BenchError ? error : writeError(path, flag, { cause: error, hint });
  }
}

function replaceFile(path: string, text: string | Uint8Array, present: Stats | undefined): void {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    const file = openSync(draft, 'wx', present === undefined ? 0o666 : present.mode & 0o777);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function statOf(path: string, flag: string, hint: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw writeError(path, flag, { cause: error, hint });
  }
}

const KEPT = 'Choose a writable folder. The samples are kept: bench report RESULTS exports them again.';

const writeError = (path: string, flag: string, why: { readonly cause: unknown; readonly hint: string }): BenchError =>
  new BenchError('environment', `${flag}: could not write ${path}: ${systemReason(why.cause)}`, why);
