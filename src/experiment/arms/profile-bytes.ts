import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileError } from '../../errors.js';
import type { ExperimentContext } from '../../model/experiment/events.js';
import { defaultProfile } from '../../profile/index.js';

/** A profile's bytes and its name for messages. */
export interface ProfileBytes {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/** Where profiles are read from. */
export type ProfilePlace = Pick<ExperimentContext, 'cwd' | 'stdin'>;

/**
 * Reads a profile: a file, `-` for standard input, nothing for the built-in default. Throws `input` where it cannot be
 * read.
 */
export async function profileBytes(profile: string | undefined, { cwd, stdin }: ProfilePlace): Promise<ProfileBytes> {
  if (profile === undefined) {
    const builtIn = defaultProfile();
    return { bytes: Buffer.from(builtIn.text), name: builtIn.name };
  }
  if (profile === '-') return { bytes: await stdin(), name: 'standard input' };
  try {
    return { bytes: await readFile(resolve(cwd, profile)), name: profile };
  } catch (error) {
    throw fileError('read', profile === '' ? '(empty name)' : profile, error, {
      hint: 'Give the path of a profile, - for standard input, or nothing for the built-in profile.',
    });
  }
}
