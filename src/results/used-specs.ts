import { join } from 'node:path';
import { readBytes, specFile, SPECS_FOLDER } from './files.js';
import type { UsedSpec } from './files.js';

/** The bytes of what an arm was made of, and the file's path. Throws `input` where the file is missing. */
export function readUsedSpec(
  folder: string,
  spec: Pick<UsedSpec, 'arm' | 'kind'>,
): { readonly path: string; readonly bytes: Buffer } {
  const path = join(folder, SPECS_FOLDER, specFile(spec));
  return { path, bytes: readBytes(path) };
}
