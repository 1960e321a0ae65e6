import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readBounded } from '../../model/bounded-file.js';

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
  readonly stdin?: (maxBytes?: number) => Promise<Uint8Array>;
  /** Ends the reading. */
  readonly signal?: AbortSignal;
}

/** How a file of counts is read. */
export interface CountsReading {
  /** What to do where it cannot be read. */
  readonly hint: string;
  /** Of a file; absent: 16 MiB. */
  readonly maxBytes?: number;
}

/**
 * Reads a file of counts, `FILE` or `FILE#NUMBER`: a regular file or a pipe of at most 16 MiB. Throws `input` where it
 * cannot be read.
 */
export async function readCountsFile(
  given: string,
  place: CountsPlace,
  { hint, maxBytes }: CountsReading,
): Promise<CountsFile> {
  const { shown, table } = await namedIn(given, place);
  const path = resolve(place.cwd, shown);
  const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
  if (shown === '-' && place.stdin !== undefined)
    return { path, shown: 'standard input', table, text: textOf(await place.stdin(maxBytes)) };
  const bytes = await readBounded(path, {
    name: shown === '' ? '(empty name)' : shown,
    hint,
    signal: place.signal,
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  return { path, shown, table, text: textOf(bytes) };
}

/** A file whose own name ends like that is meant before its table. */
async function namedIn(given: string, { cwd }: CountsPlace): Promise<Pick<CountsFile, 'shown' | 'table'>> {
  const [, shown, table] = /^(.+)#(\d{1,6})$/s.exec(given) ?? [];
  if (shown === undefined || table === undefined || (await exists(resolve(cwd, given))))
    return { shown: given, table: null };
  return { shown, table: Number(table) };
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
