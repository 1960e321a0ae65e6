import type { Profile } from '../model/profile/profile.js';
import type { Dialect } from '../model/profile/seccomp.js';
import { readExact } from './exact.js';
import { readAsIsulad } from './isulad/read.js';
import type { JsonNode, Within } from './json.js';
import { readPlain } from './plain.js';
import { checkStrictly } from './strict.js';

/** Which files are accepted. */
export interface LoadOptions {
  /**
   * `true`: all that moby accepts. `false`: unknown actions, operators, architectures and argument indexes are refused.
   */
  readonly lenient: boolean;
  /** Whether a whole OCI config.json is accepted too; its `linux.seccomp` is then the profile. */
  readonly config?: boolean;
  /** `isulad`: read as iSulad's parser reads it, not as moby's Go code. Absent: `moby`. */
  readonly dialect?: Dialect;
}

/**
 * Reads a profile in Docker's format, or an OCI `linux.seccomp` object, from the bytes of a file. It is read as moby's
 * Go code reads it: integers are exact up to 64 bits, keys match in any case, repeated keys merge. For dialect `isulad`
 * it is read as iSulad's parser reads it: the first of equal keys counts, and what has another type is dropped.
 * `fileName` is used in messages only.
 *
 * Throws a `BenchError` of code `input` with one line: the file, the JSON path (or line and column), what was expected
 * and what was found.
 */
export function loadProfile(bytes: Uint8Array, fileName: string, options: LoadOptions = { lenient: false }): Profile {
  const { dialect = 'moby' } = options;
  const within: Within = options.config === true ? seccompOf : (document) => document;
  const plain = readPlain(bytes, fileName);
  const profile = plain ?? (dialect === 'isulad' ? readAsIsulad : readExact)(bytes, fileName, within);
  if (!options.lenient) checkStrictly(profile, dialect);
  return profile;
}

/** The profile in a document: `linux.seccomp` of an OCI config.json (null where it has none), else all of it. */
function seccompOf(document: JsonNode): JsonNode {
  const isConfig =
    member(document, 'ociVersion') !== undefined &&
    member(document, 'defaultAction') === undefined &&
    member(document, 'syscalls') === undefined;
  if (!isConfig) return document;
  const linux = member(document, 'linux');
  return (linux === undefined ? undefined : member(linux, 'seccomp')) ?? { kind: 'null' };
}

/** The last of equal keys, as in Go. */
const member = (node: JsonNode, key: string): JsonNode | undefined =>
  node.kind === 'object' ? node.members.findLast((one) => one.key === key)?.value : undefined;
