import { goArchFromName, trimmed } from '../convert/index.js';
import type { ListEdit } from '../model/analysis/advice.js';
import { architectureEntries } from '../profile/index.js';
import type { ListedEntry } from '../profile/index.js';

/** A profile's file, as far as it is known. */
interface ListFile {
  readonly name: string;
  /** `null`: the file cannot be read again. */
  readonly bytes: Uint8Array | null;
  /** `uname -m` of the host. */
  readonly machine: string;
}

/** How a list is cut in its file to what a machine runs; entries that cannot be found in the file are not shown. */
export function listEdit(architectures: readonly string[], { name, bytes, machine }: ListFile): ListEdit {
  const { kept, dropped } = trimmed(architectures, goArchFromName(machine));
  const entries = bytes === null ? [] : architectureEntries(bytes);
  const isSame = entries.length === architectures.length && entries.every((one, at) => one.name === architectures[at]);
  const found = isSame ? entries : [];
  return {
    file: name,
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
