import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { BenchError } from '../../errors.js';
import type { ExperimentContext } from '../../model/experiment/events.js';
import { defaultProfile } from '../../profile/index.js';

/** A profile's bytes and its name for messages. */
export interface ProfileBytes {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/**
 * Reads a profile: a file, `-` for standard input, nothing for the built-in default. Throws `input` where it cannot be
 * read.
 */
export async function profileBytes(
  profile: string | undefined,
  io: Pick<ExperimentContext, 'cwd' | 'stdin'>,
): Promise<ProfileBytes> {
  if (profile === undefined) {
    const builtIn = defaultProfile();
    return { bytes: Buffer.from(builtIn.text), name: builtIn.name };
  }
  if (profile === '-') return { bytes: await io.stdin(), name: 'standard input' };
  try {
    return { bytes: await readFile(resolve(io.cwd, profile)), name: profile };
  } catch (error) {
    throw unreadable(profile, error);
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'nothing of that name',
  ENOTDIR: 'a path through something that is no directory',
  EISDIR: 'a directory',
  EACCES: 'a file this user may not read',
  ELOOP: 'a loop of symbolic links',
  ENAMETOOLONG: 'a name that is too long',
};

function unreadable(profile: string, error: unknown): BenchError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return new BenchError(
    'input',
    `${profile === '' ? '(empty name)' : profile}: expected a readable file, got ${CAUSES[code] ?? String(error)}`,
    { hint: 'Give the path of a profile, - for standard input, or nothing for the built-in default.', cause: error },
  );
}
