import { resolve } from 'node:path';
import { stat } from 'node:fs/promises';
import { readBounded } from '../../model/bounded-file.js';
import type { FilterSource } from '../../model/profile/source.js';
import { PROFILE_NAMES } from '../../model/profile/names.js';
import { defaultNamed, namedProfile } from '../named/index.js';
import type { NamedProfile } from '../named/index.js';
import { STANDARD_INPUT } from './refuse.js';
import { profileIn, sourceOf } from './source-of.js';
import type { SourceOptions } from './source-of.js';

/** Where profiles are read from. */
export interface ProfilePlace {
  /** Relative paths start here. */
  readonly cwd: string;
  /** All of standard input. Throws `input` where it is larger than `maxBytes` (absent: 16 MiB). */
  readonly stdin: (maxBytes?: number) => Promise<Uint8Array>;
  /** Ends a read at once. */
  readonly signal?: AbortSignal;
}

/**
 * Reads a filter or the rules for one: a file, `-` for standard input, the name of a known profile, or nothing for the
 * built-in default. FILE#NAME is the SeccompProfile of that name in FILE. Throws `input` where it cannot be read or has
 * none of the forms.
 */
export async function readSource(
  file: string | undefined,
  place: ProfilePlace,
  options: SourceOptions,
): Promise<FilterSource> {
  if (file === undefined) return sourceOfNamed(defaultNamed());
  const known = namedProfile(file);
  if (known !== undefined) return sourceOfNamed(known);
  if (file === '-') return sourceOf(await place.stdin(options.maxBytes), STANDARD_INPUT, options);
  const { path, profileName } = await located(file, place);
  const bytes = await readBounded(resolve(place.cwd, path), {
    name: path === '' ? '(empty name)' : path,
    hint: `Give the path of a profile, - for standard input, or a name: ${PROFILE_NAMES.join(', ')}.`,
    signal: place.signal,
    ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
  });
  return sourceOf(bytes, file, profileName === undefined ? options : { ...options, profileName });
}

/** A profile of ours, which is read as any other; of `unconfined` nothing is said but that. */
function sourceOfNamed({ text, name }: NamedProfile): FilterSource {
  const { dockerKeys: _, ...source } = profileIn(sourceOf(Buffer.from(text), name, { lenient: true, form: 'docker' }));
  return source;
}

/** The path, and the name behind its last #, where no file has the whole as its name. */
async function located(
  file: string,
  { cwd }: ProfilePlace,
): Promise<{ readonly path: string; readonly profileName?: string }> {
  const at = file.lastIndexOf('#');
  if (at < 1 || at === file.length - 1 || (await exists(resolve(cwd, file)))) return { path: file };
  return { path: file.slice(0, at), profileName: file.slice(at + 1) };
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
