import { closeSync, fstatSync, ftruncateSync, writeSync } from 'node:fs';
import type { RunBreak } from '../model/results/break.js';
import { attempt, openToAppend, resultsError } from './files.js';

/**
 * Writes all bytes at the end of an open file of `size` bytes, or none of them; returns their number. Throws
 * `environment` where the disk is full.
 */
export function appendWhole(file: number, path: string, size: number, bytes: Buffer): number {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(file, bytes, written);
  } catch (error) {
    // The disk may fill up in the middle of a line.
    if (written > 0) ftruncateSync(file, size);
    throw resultsError('write', path, error);
  }
  return written;
}

/** Adds a line to the breaks of a run; the file is made with the first of them. Throws `environment`. */
export function appendBreak(path: string, one: RunBreak): void {
  const file = attempt('write', path, () => openToAppend(path));
  try {
    appendWhole(file, path, fstatSync(file).size, Buffer.from(`${JSON.stringify(one)}\n`));
  } finally {
    closeSync(file);
  }
}
