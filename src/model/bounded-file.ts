import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError, fileError } from '../errors.js';

/** The size up to which files of users are read: no profile, filter or table comes near it. */
export const MOST_BYTES = 16 * 1024 * 1024;

/** How a file of the user is read. */
export interface BoundedRead {
  /** What the file is called in messages; absent: its path. */
  readonly name?: string;
  /** Larger files are refused; absent: 16 MiB. */
  readonly maxBytes?: number;
  /** Ends the read at once, with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** What to do where the file cannot be read. */
  readonly hint?: string;
}

const CHUNK_BYTES = 256 * 1024;
/** How long a FIFO may have no writer. */
const WRITER_WAIT_MS = 500;
const LONGEST_NAP_MS = 20;

/**
 * All bytes of a regular file or a FIFO. It never blocks: a FIFO is polled, so a signal ends the read at once. Throws
 * `input` for a file that is missing, of another kind or too large, and for a FIFO that nothing writes to.
 */
export async function readBounded(path: string, read: BoundedRead = {}): Promise<Buffer> {
  const { name = path, maxBytes = MOST_BYTES, signal, hint } = read;
  const wrong = (error: unknown): BenchError => fileError('read', name, error, hint === undefined ? {} : { hint });
  const facts = await stat(path).catch((error: unknown) => Promise.reject(wrong(error)));
  assertReadable(facts, name, hint);
  if (facts.isFile() && facts.size > maxBytes) throw tooLarge(name, maxBytes);
  let file: FileHandle;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    throw wrong(error);
  }
  try {
    return await readAll(file, { name, maxBytes, signal, isPipe: facts.isFIFO() });
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof BenchError ? error : wrong(error);
  } finally {
    await file.close();
  }
}

/** `x.json is larger than 16 MiB`. */
export const tooLarge = (name: string, maxBytes: number): BenchError =>
  new BenchError('input', `${name} is larger than ${sizeText(maxBytes)}`, {
    hint: 'No profile or filter is that large. --max-size reads larger files.',
  });

function sizeText(bytes: number): string {
  const [unit, size] = bytes % (1 << 20) === 0 ? ['MiB', 1 << 20] : bytes % 1024 === 0 ? ['KiB', 1024] : ['bytes', 1];
  return `${(bytes / size).toLocaleString('en-US')} ${unit}`;
}

function assertReadable(facts: Stats, name: string, hint?: string): void {
  if (facts.isFile() || facts.isFIFO()) return;
  const kind = facts.isDirectory() ? 'a directory' : facts.isSocket() ? 'a socket' : 'a device';
  throw new BenchError('input', `could not read ${name}: is ${kind}`, {
    hint: hint ?? 'Only files and pipes are read.',
  });
}

interface Pipe extends Required<Pick<BoundedRead, 'name' | 'maxBytes'>>, Pick<BoundedRead, 'signal'> {
  readonly isPipe: boolean;
}

async function readAll(file: FileHandle, { name, maxBytes, signal, isPipe }: Pipe): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const started = performance.now();
  let total = 0;
  let hasWriter = false;
  for (let nap = 1; ;) {
    signal?.throwIfAborted();
    const chunk = await readChunk(file, name, isPipe);
    if (chunk !== null && chunk.length > 0) {
      chunks.push(chunk);
      total += chunk.length;
      if (total > maxBytes) throw tooLarge(name, maxBytes);
      nap = 1;
      continue;
    }
    if (chunk !== null && (hasWriter || total > 0 || !isPipe)) return Buffer.concat(chunks, total);
    // Nothing yet (null): a writer has the FIFO open. The end before any writer: one may still come.
    hasWriter ||= chunk === null;
    if (!hasWriter && performance.now() - started > WRITER_WAIT_MS) throw noWriter(name);
    await sleep(nap, undefined, { signal });
    nap = Math.min(nap * 2, LONGEST_NAP_MS);
  }
}

/** `null` where a pipe has nothing to read yet; throws `input` where a file has not. */
async function readChunk(file: FileHandle, name: string, isPipe: boolean): Promise<Buffer | null> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  try {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES, null);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
    if (isPipe) return null;
    throw endless(name);
  }
}

/** Such as /proc/kmsg, which looks like a regular file. */
const endless = (name: string): BenchError =>
  new BenchError('input', `could not read ${name}: it has no end`, { hint: 'Only files and pipes are read.' });

const noWriter = (name: string): BenchError =>
  new BenchError('input', `could not read ${name}: it is a FIFO that no process writes to`, {
    hint: 'Start its writer first, or give a file.',
  });
