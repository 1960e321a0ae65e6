import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileError } from '../errors.js';

/**
 * Writes a file that the containers of an arm read, and the folders above it. Throws `environment`, for example on a
 * full disk.
 */
export function writeArmFile(path: string, content: string | Uint8Array): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  } catch (cause) {
    throw fileError('write', path, cause, { hint: 'Free some space there, or point TMPDIR at another folder.' });
  }
}

/**
 * Gives the name of the errno where a container's file could not be written: a full disk is a failure of this
 * container, not of the whole run.
 */
export function tryWrite(path: string, text: string): string | null {
  try {
    writeFileSync(path, text);
    return null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
    throw error;
  }
}
