import { readFileSync } from 'node:fs';
import { OWN_LIBRARY } from '../../model/filter/builder.js';
import { libseccompOrNull } from './libseccomp.js';

let own: string | null | undefined;

/** Whether a library is the libseccomp that this process finds by its name: the file itself, or that name. */
export function isOwnLibrary(library: string): boolean {
  own ??= pathOfOwn();
  return library === OWN_LIBRARY || library === own;
}

/** `null` where it is missing, or where several were loaded before anybody asked. */
function pathOfOwn(): string | null {
  if (libseccompOrNull() === null) return null;
  const mapped = readFileSync('/proc/self/maps', 'utf8').matchAll(/ (\/\S*\/libseccomp\.so\S*)$/gm);
  const paths = new Set([...mapped].map(([, path = '']) => path));
  const [first, ...others] = paths;
  return others.length === 0 ? (first ?? null) : null;
}
