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
import { BenchError } from '../../errors.js';

/**
 * Refuses what cannot become a file: a folder, a path without its folder, a folder that may not be written to. Throws
 * `input` and `environment`.
 */
export function checkTarget(path: string, flag: string): void {
  const present = statOf(path, flag);
  if (present?.isDirectory() === true) {
    throw new BenchError('input', `${flag}: Expected a file, got the folder ${path}`, {
      hint: `Name a file in it: ${flag} ${join(path, 'FILE')}.`,
    });
  }
  const folder = dirname(path);
  if (statOf(folder, flag)?.isDirectory() !== true) {
    throw new BenchError(
      'input',
      `${flag}: Expected a folder to write ${basename(path)} into, got no folder ${folder}`,
      { hint: `Make it first: mkdir -p ${folder}` },
    );
  }
  // Beside a regular file its replacement is made; a pipe or a device is written to itself.
  const written = present !== undefined && !present.isFile() ? path : folder;
  try {
    accessSync(written, constants.W_OK);
  } catch (error) {
    throw writeError(path, flag, error);
  }
}

/**
 * Writes the whole text or leaves what was there; a pipe or a device (`/dev/stdout`) is written to, never replaced.
 * Throws `environment`.
 */
export function writeTarget(path: string, text: string, flag: string): void {
  try {
    const present = statOf(path, flag);
    if (present !== undefined && !present.isFile()) writeFileSync(path, text);
    // A link stays one: what it points to is replaced.
    else replaceFile(present === undefined ? path : realpathSync(path), text, present);
  } catch (error) {
    throw error instanceof BenchError ? error : writeError(path, flag, error);
  }
}

function replaceFile(path: string, text: string, present: Stats | undefined): void {
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

function statOf(path: string, flag: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw writeError(path, flag, error);
  }
}

const writeError = (path: string, flag: string, cause: unknown): BenchError =>
  new BenchError(
    'environment',
    `${flag}: Expected to write ${path}, got ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      hint: 'Give a file in a folder you may write to; the samples are kept: bench report RESULTS exports them again.',
      cause,
    },
  );
