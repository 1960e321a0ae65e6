import { closeSync, constants, fstatSync, fsyncSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError, errnoOf, fileError, invalidValue } from '../../errors.js';
import type { DamagedLine, History, HistoryEntry } from '../../model/results/history.js';
import { holdLock, isHeld } from '../../process/lock.js';
import { appendWhole } from '../append.js';
import { attempt, readBytes } from '../files.js';
import { makeFolders } from '../make-folders.js';
import { historyEntryFault } from './check-entry.js';

/** Some 100,000 entries. */
const MOST_BYTES = 256 * 1024 * 1024;
const HINT = 'bench history add makes the file with its first entry.';

/**
 * Reads a history. Lines that are no entry are told and never dropped from the file; a run that is there twice counts
 * once. Throws `input` where the file cannot be read.
 */
export function readHistory(path: string): History {
  let bytes: Buffer;
  try {
    bytes = readBytes(path, MOST_BYTES);
  } catch (error) {
    const isMissing = error instanceof BenchError && errnoOf(error.cause) === 'ENOENT';
    throw isMissing ? fileError('read', path, error.cause, { hint: HINT }) : error;
  }
  return historyIn(bytes.toString('utf8'));
}

function historyIn(text: string): History {
  const entries = new Map<string, HistoryEntry>();
  const damaged: DamagedLine[] = [];
  const repeated: number[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const read = entryIn(line);
    if (typeof read === 'string') damaged.push({ line: index + 1, reason: read });
    else if (entries.has(read.run)) repeated.push(index + 1);
    else entries.set(read.run, read);
  }
  return { entries: [...entries.values()], damaged, repeated };
}

/** The entry, or what is wrong with the line. */
function entryIn(line: string): HistoryEntry | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'not JSON';
  }
  return historyEntryFault(value) ?? (value as HistoryEntry);
}

/** How long to wait for another process that adds to the same file. */
export interface AppendOptions {
  /** Default: 30 s. */
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

/** What came of an append. */
export interface Appended {
  /** Those that were added. */
  readonly added: readonly HistoryEntry[];
  /** Those whose run was there already. */
  readonly known: readonly HistoryEntry[];
  /** As it is now. */
  readonly history: History;
}

const WAIT_MS = 30_000;
const RETRY_MS = 50;

/**
 * Adds entries to the end of a history, all of them or none, and flushes them; makes the file where there is none. The
 * file is locked meanwhile. A last line without its end, from a process that was killed, becomes a line of its own.
 *
 * Throws `input` (no ordinary file), `environment` (it cannot be written, or stays locked).
 */
export async function appendToHistory(
  path: string,
  entries: readonly HistoryEntry[],
  { waitMs = WAIT_MS, signal }: AppendOptions = {},
): Promise<Appended> {
  makeFolders(dirname(path));
  const file = attempt('write', path, () => openHistory(path));
  try {
    assertOrdinary(file, path);
    const lock = await lockOf(path, waitMs, signal);
    try {
      return appendTo(file, path, entries);
    } finally {
      lock[Symbol.dispose]();
    }
  } finally {
    closeSync(file);
  }
}

/** The file is locked. */
function appendTo(file: number, path: string, entries: readonly HistoryEntry[]): Appended {
  const history = readHistory(path);
  const there = new Set(history.entries.map(({ run }) => run));
  const added = entries.filter(
    ({ run }, index) => !there.has(run) && entries.findIndex((one) => one.run === run) === index,
  );
  const known = entries.filter((entry) => !added.includes(entry));
  if (added.length > 0) {
    const lines = added.map((entry) => `${JSON.stringify(entry)}\n`).join('');
    const { size } = fstatSync(file);
    appendWhole(file, path, size, Buffer.from(`${endsLine(file, size) ? '' : '\n'}${lines}`));
    attempt('write', path, () => {
      fsyncSync(file);
    });
  }
  return { added, known, history: { ...history, entries: [...history.entries, ...added] } };
}

/** A FIFO in its place is no reason to wait. */
const openHistory = (path: string): number =>
  openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK, 0o644);

function assertOrdinary(file: number, path: string): void {
  if (fstatSync(file).isFile()) return;
  throw invalidValue(path, 'a file', 'a device, pipe or socket', { code: 'input' });
}

async function lockOf(path: string, waitMs: number, signal: AbortSignal | undefined): Promise<Disposable> {
  // A link's own file: the lock follows none.
  const real = join(realpathSync(dirname(path)), basename(path));
  const target = attempt('read', path, () => realpathSync(real));
  const until = Date.now() + waitMs;
  for (;;) {
    try {
      return holdLock(target);
    } catch (error) {
      if (!isHeld(error)) throw fileError('write', path, error);
      if (Date.now() > until)
        throw new BenchError('environment', `${path} is locked by another process`, {
          hint: 'Another bench history add writes to it. Try again once it has ended.',
        });
      await sleep(RETRY_MS, undefined, signal === undefined ? {} : { signal });
    }
  }
}

/** Whether the file is empty or ends with a newline. */
function endsLine(file: number, size: number): boolean {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last.toString('latin1') === '\n';
}
