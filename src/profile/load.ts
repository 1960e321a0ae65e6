import type { Profile } from '../model/profile/profile.js';
import { decodeText } from './decode.js';
import { readExact } from './exact.js';
import { seccompOf } from './oci-config.js';
import { readPlain } from './plain.js';
import { checkStrictly } from './strict.js';

/** How much is accepted. */
export interface LoadOptions {
  /**
   * `true`: exactly what moby accepts. `false`: also no unknown actions, operators, architectures and argument indexes.
   */
  readonly lenient: boolean;
  /** Whether a whole OCI config.json is taken too, of which only linux.seccomp counts. */
  readonly config?: boolean;
}

/**
 * Reads a profile in Docker's format (or an OCI `linux.seccomp` object) from a file's bytes. Throws `input` with one
 * line: file, then JSON path or line and column, what was expected and what is there.
 */
export function loadProfile(
  bytes: Uint8Array,
  fileName: string,
  options: LoadOptions = { lenient: false },
): Profile {
  const profile =
    readPlain(bytes, fileName) ??
    readExact(decodeText(bytes), fileName, options.config === true ? seccompOf : undefined);
  if (!options.lenient) checkStrictly(profile);
  return profile;
}
