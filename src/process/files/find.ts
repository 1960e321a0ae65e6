import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/**
 * The absolute path of a program as a shell would find it, also in the sbin folders, which a user's PATH often lacks.
 * `undefined` where it is not found.
 */
export function findProgram(name: string, path = '', cwd = '/'): string | undefined {
  const places = name.includes('/')
    ? [isAbsolute(name) ? name : resolve(cwd, name)]
    : [...path.split(delimiter).filter(Boolean), '/usr/local/sbin', '/usr/sbin', '/sbin'].map((folder) =>
        join(folder, name),
      );
  return places.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
