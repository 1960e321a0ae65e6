import type { OddKey } from '../../model/profile/profile.js';
import { FORM_NAMES } from '../../model/profile/source.js';
import type { FilterSource } from '../../model/profile/source.js';

const MOST_SHOWN = 4;

/** Which form a file was taken for, and what that leaves out: `read as an OCI config.json; ignored: ...`. */
export function formWords(source: FilterSource): string {
  const read = `read as ${FORM_NAMES[source.form]}`;
  if (source.kind !== 'profile') return read;
  const { ignored, dockerKeys = [] } = source;
  if (ignored.length > 0) return `${read}; ignored: ${ignoredWords(ignored)}`;
  if (dockerKeys.length > 0) return `${read}; an OCI runtime would ignore ${listed(dockerKeys)}`;
  return source.form === 'oci' ? `${read}, which Docker reads the same way` : read;
}

/** The first keys by their paths. */
function ignoredWords(ignored: readonly OddKey[]): string {
  const shown = ignored.slice(0, MOST_SHOWN).map(({ path }) => path);
  const more = ignored.length - shown.length;
  return more === 0 ? listed(shown) : `${shown.join(', ')} and ${more} more`;
}

/** `a`, `a and b`, `a, b and c`. */
const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
