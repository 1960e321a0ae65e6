import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BenchError, fileError } from '../../errors.js';

/** A file of counts, read. */
export interface CountsFile {
  readonly path: string;
  /** As it was given, without the number of a table. */
  readonly shown: string;
  readonly text: string;
  /** Which of its tables was asked for, from 1, as in `FILE#2`; `null`: none in particular. */
  readonly table: number | null;
}

/** Where files are read from. */
export interface CountsPlace {
  /** Relative paths start here. */
  readonly cwd: string;
  /** All of standard input, for `-`; absent: there is none. */
  readonly stdin?: () => Promise<Uint8Array>;
  /** Ends the reading. */
  readonly signal?: AbortSignal;
}

/** A table of all system calls of all architectures has less than 1 MiB. */
const MOST_BYTES = 16 * 2 ** 20;

/**
 * Reads a file of counts, `FILE` or `FILE#NUMBER`: a regular file or a pipe of at most 16 MiB. Throws `input` with
 * `hint` where it cannot be read.
 */
export async function readCountsFile(given: string, place: CountsPlace, hint: string): Promise<CountsFile> {
  const { shown, table } = await namedIn(given, place);
  const path = resolve(place.cwd, shown);
  if (shown === '-' && place.stdin !== undefined) {
    const bytes = await place.stdin();
    if (bytes.length > MOST_BYTES) throw tooLarge('standard input');
    return { path, shown: 'standard input', table, text: Buffer.from(bytes).toString('utf8') };
  }
  try {
    const found = await stat(path);
    if (found.isDirectory()) throw new BenchError('input', `${shown} is a folder, not a file`, { hint });
    if (!found.isFile() && !found.isFIFO())
      throw new BenchError('input', `${shown} is neither a regular file nor a pipe`, { hint });
    return { path, shown, table, text: await textOf(path, shown, place) };
  } catch (cause) {
    if (cause instanceof BenchError) throw cause;
    throw fileError('read', shown === '' ? '(empty name)' : shown, cause, { hint });
  }
}

/** A file whose own name ends like that is meant before its table. */
async function namedIn(given: string, { cwd }: CountsPlace): Promise<Pick<CountsFile, 'shown' | 'table'>> {
  const [, shown, table] = /^(.+)#(\d{1,6})$/s.exec(given) ?? [];
  const exists = async (name: string): Promise<boolean> =>
    stat(resolve(cwd, name)).then(
      () => true,
      () => false,
    );
  if (shown === undefined || table === undefined || (await exists(given))) return { shown: given, table: null };
  return { shown, table: Number(table) };
}

async function textOf(path: string, shown: string, { signal }: CountsPlace): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  const stream = createReadStream(path, { end: MOST_BYTES, ...(signal === undefined ? {} : { signal }) });
  for await (const part of stream as AsyncIterable<Buffer>) {
    parts.push(part);
    bytes += part.length;
  }
  if (bytes > MOST_BYTES) throw tooLarge(shown);
  return Buffer.concat(parts).toString('utf8');
}

const tooLarge = (shown: string): BenchError =>
  new BenchError('input', `${shown} is larger than 16 MiB`, { hint: 'Give a file with the table alone.' });
