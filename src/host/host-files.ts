import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The host's files, any of which may be missing or unreadable. */
export interface HostFiles {
  /** The trimmed content; `null` where it is empty or cannot be read. */
  readonly read: (path: string) => string | null;
  /** Names in a folder, sorted; empty where it cannot be listed. */
  readonly list: (path: string) => readonly string[];
}

/** The files under `root`: `/` on a real host, another folder in tests. */
export function hostFilesUnder(root: string): HostFiles {
  return {
    read: (path) =>
      orElse(null, () => {
        const text = readFileSync(join(root, path), 'utf8').replaceAll('\0', ' ').trim();
        return text === '' ? null : text;
      }),
    list: (path) => orElse([], () => readdirSync(join(root, path)).sort()),
  };
}

function orElse<Value>(other: Value, read: () => Value): Value {
  try {
    return read();
  } catch {
    return other;
  }
}
