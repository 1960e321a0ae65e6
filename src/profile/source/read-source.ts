import type { FilterSource } from '../../model/profile/source.js';
import { readProfileFile } from '../read-file.js';
import type { ProfilePlace } from '../read-file.js';
import { sourceOf } from './source-of.js';
import type { SourceOptions } from './source-of.js';

/**
 * Reads a filter or the rules for one: a file, `-` for standard input, the name of a known profile, or nothing for the
 * built-in default. Throws `input` where it cannot be read or has none of the forms.
 */
export async function readSource(
  file: string | undefined,
  place: ProfilePlace,
  options: SourceOptions,
): Promise<FilterSource> {
  const { bytes, name } = await readProfileFile(file, place);
  return sourceOf(bytes, name, options);
}
