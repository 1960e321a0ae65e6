import { closeSync, fstatSync, fsyncSync, ftruncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import type { RunBreak } from '../model/results/break.js';
import type { RunLedger } from '../model/results/ledger.js';
import { writeChecksums } from './checksums.js';
import { attempt, BREAKS_FILE, json, LEDGER_FILE, openNew, openToAppend, resultsError, writeNew } from './files.js';
import { reserveIn } from './reserve.js';

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

/** Lines that are added to one file, all of a call or none; `close` flushes them, and a second call does nothing. */
export interface LineLog extends Disposable {
  /** Throws `environment` where the disk is full, `runFailed` after `close`. */
  readonly append: (lines: readonly object[]) => void;
  readonly close: () => void;
}

/** Opens a file of lines. `before`: bytes that are there already; `null`: the file is new. */
export function openLines(path: string, before: number | null): LineLog {
  const file = attempt('create', path, () => (before === null ? openNew(path) : openToAppend(path)));
  let size = before ?? 0;
  let open = true;
  const append = (lines: readonly object[]): void => {
    if (lines.length === 0) return;
    if (!open) throw new BenchError('runFailed', `${path}: the run has ended, no more samples can be appended`);
    size += appendWhole(file, path, size, Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join('')));
  };
  const close = (): void => {
    if (!open) return;
    open = false;
    try {
      attempt('write', path, () => {
        fsyncSync(file);
      });
    } finally {
      closeSync(file);
    }
  };
  return { append, close, [Symbol.dispose]: close };
}

/** How every results folder ends: space is kept for the ledger and the checksums, and the lock goes last. */
export function folderEnd(path: string, log: LineLog, lock: Disposable) {
  const freeReserve = reserveIn(path);
  return {
    append: (lines: readonly object[]): void => {
      try {
        log.append(lines);
      } catch (error) {
        // Nothing is measured after this; what is known is to be written.
        freeReserve();
        throw error;
      }
    },
    appendBreak: (one: RunBreak): void => {
      appendBreak(join(path, BREAKS_FILE), one);
    },
    writeLedger: (ledger: RunLedger): void => {
      freeReserve();
      writeNew(join(path, LEDGER_FILE), json(ledger));
    },
    seal: (): void => {
      freeReserve();
      log.close();
      writeChecksums(path);
      lock[Symbol.dispose]();
    },
    [Symbol.dispose]: (): void => {
      log.close();
      lock[Symbol.dispose]();
    },
  };
}

/** Adds a line to the breaks of a run; the file is made with the first of them. Throws `environment`. */
function appendBreak(path: string, one: RunBreak): void {
  const file = attempt('write', path, () => openToAppend(path));
  try {
    appendWhole(file, path, fstatSync(file).size, Buffer.from(`${JSON.stringify(one)}\n`));
  } finally {
    closeSync(file);
  }
}
