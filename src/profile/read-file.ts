import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileError } from '../errors.js';
import { defaultProfile } from './default.js';

/** A profile's bytes and its name for messages. */
export interface ProfileBytes {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/** Where profiles are read from. */
export interface ProfilePlace {
  /** Relative paths start here. */
  readonly cwd: string;
  /** All of standard input. */
  readonly stdin: () => Promise<Uint8Array>;
}

/**
 * Reads a profile: a file, `-` for standard input, nothing for the built-in default. Throws `input` where it cannot be
 * read.
 */
export async function readProfileFile(file: string | undefined, { cwd, stdin }: ProfilePlace): Promise<ProfileBytes> {
  if (file === undefined) {
    const builtIn = defaultProfile();
    return { bytes: Buffer.from(builtIn.text), name: builtIn.name };
  }
  if (file === '-') return { bytes: await stdin(), name: 'standard input' };
  try {
    return { bytes: await readFile(resolve(cwd, file)), name: file };
  } catch (error) {
    throw fileError('read', file === '' ? '(empty name)' : file, error, {
      hint: 'Give the path of a profile, - for standard input, or nothing for the built-in profile.',
    });
  }
}
