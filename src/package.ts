import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NAME = 'seccomp-bench';

interface Manifest {
  readonly name?: string;
  readonly version?: string;
}

const read = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

let found: string | undefined;

/**
 * Absolute path of this package's own folder, which holds dist/, payload/ and scenarios/, wherever it is installed: the
 * nearest folder above this module whose package.json has its name. The module may stand in src/, in dist/ or in a
 * bundle. Ends with a slash.
 */
export function packageRoot(): string {
  found ??= rootAbove(dirname(fileURLToPath(import.meta.url)));
  return found;
}

function rootAbove(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && read(folder).name === NAME) return `${folder}/`;
    if (dirname(folder) === folder) throw new Error(`no package.json of ${NAME} above ${start}`);
  }
}

/** The version of this package. */
export const packageVersion = (): string => read(packageRoot()).version ?? 'unknown';
