import type { ProfileSource } from '../../model/profile/source.js';
import { isuladDocument, readAsIsulad } from '../isulad/read.js';
import { hasRules } from './members.js';
import { withoutDockerKeys } from './oci.js';

const HEAD = 16 * 1024;

/** The start of an object, or of a comment before it. */
const START = /^\s*(?:\{|\/\*|\/\/)/;

/**
 * A profile as iSulad reads it, which knows no form but Docker's; `null` for a file without an object, and for an object
 * without rules: what that is, other readers tell. Throws `input` where iSulad refuses the file.
 */
export function isuladSource(bytes: Uint8Array, name: string): ProfileSource | null {
  if (!START.test(Buffer.from(bytes.subarray(0, HEAD)).toString('latin1'))) return null;
  const document = isuladDocument(bytes, name);
  if (document.kind !== 'object' || !hasRules(document)) return null;
  const profile = readAsIsulad(bytes, name);
  return {
    kind: 'profile',
    form: 'docker',
    name,
    profile,
    ignored: [],
    dockerKeys: withoutDockerKeys(document, '').names,
  };
}
