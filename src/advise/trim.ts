import { readFileSync, statSync } from 'node:fs';
import { goArchFromName, trimmed } from '../convert/index.js';
import type { ListEdit } from '../model/analysis/advice.js';
import type { Profile } from '../model/profile/profile.js';
import { architectureEntries } from '../profile/index.js';
import type { ListedEntry } from '../profile/index.js';

/** A profile with an explicit list, and its file. */
export interface ListFile {
  readonly profile: Profile;
  /** Where it was read from; read again only where that is a file, as a pipe is read only once. */
  readonly path: string;
  /** `uname -m` of the host. */
  readonly machine: string;
}

/** How a list is cut in its file to what a machine runs; entries that cannot be found in the file are not shown. */
export function listEdit({ profile, path, machine }: ListFile): ListEdit {
  const { architectures, fileName } = profile;
  const { kept, dropped } = trimmed(architectures, goArchFromName(machine));
  const entries =
    statSync(path, { throwIfNoEntry: false })?.isFile() === true ? architectureEntries(readFileSync(path)) : [];
  const isSame = entries.length === architectures.length && entries.every((one, at) => one.name === architectures[at]);
  const found = isSame ? entries : [];
  return {
    file: fileName,
    remove: found.filter((one) => dropped.includes(one.name)),
    lastKeptLine: lastKeptLine(found, kept),
    sharedLines: new Set(found.map(({ line }) => line)).size < found.length,
    keep: kept,
  };
}

/** Only where everything after it goes, its comma goes too. */
function lastKeptLine(entries: readonly ListedEntry[], kept: readonly string[]): number | null {
  const last = entries.findLastIndex(({ name }) => kept.includes(name));
  return last < 0 || last === entries.length - 1 ? null : (entries[last]?.line ?? null);
}
