import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The package's own folder: scenarios/ and payload/ are in it, wherever it is installed. */
export const packageRoot = (): string => fileURLToPath(new URL('../..', import.meta.url));

/** This program's version. */
export function packageVersion(): string {
  return (
    JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { readonly version: string }
  ).version;
}
