import type { Profile } from '../model/profile/profile.js';
import type { Dialect } from '../model/profile/seccomp.js';
import type { SourceForm } from '../model/profile/source.js';
import { profileIn, sourceOf } from './source/source-of.js';

/** Which files are accepted. */
export interface LoadOptions {
  /**
   * `true`: all that moby accepts. `false`: unknown actions, operators, architectures and argument indexes are refused,
   * and profiles that disable seccomp.
   */
  readonly lenient: boolean;
  /** The form that the bytes have; absent: told from them. */
  readonly form?: SourceForm;
  /** `isulad`: read as iSulad's parser reads it, not as moby's Go code. Absent: `moby`. */
  readonly dialect?: Dialect;
}

/**
 * Reads a profile from the bytes of a file: in Docker's format, as an OCI `linux.seccomp` object, out of a whole OCI
 * config.json or out of a Kubernetes SeccompProfile, each by its own rules. Docker's is read as moby's Go code reads
 * it: integers are exact up to 64 bits, keys match in any case, repeated keys merge. For dialect `isulad` it is read as
 * iSulad's parser reads it: the first of equal keys counts, and what has another type is dropped. `fileName` is used in
 * messages only.
 *
 * Throws a `BenchError` of code `input` with one line: the file, the JSON path (or line and column), what was expected
 * and what was found; or the name of another form that the file has, such as a raw BPF filter.
 */
export const loadProfile = (bytes: Uint8Array, fileName: string, options: LoadOptions = { lenient: false }): Profile =>
  profileIn(sourceOf(bytes, fileName, options)).profile;
