import { ftruncateSync, writeSync } from 'node:fs';
import { fileError } from './files.js';

/**
 * Writes all bytes at the end of an open file of that size, or none of them; returns their number. Throws `environment`
 * on a full disk.
 */
export function appendWhole(file: number, path: string, size: number, bytes: Buffer): number {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(file, bytes, written);
  } catch (error) {
    // The disk may have been full half way through a line.
    if (written > 0) ftruncateSync(file, size);
    throw fileError(`to append ${bytes.length} bytes`, path, error);
  }
  return written;
}
