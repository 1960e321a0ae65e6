import type { ArchMapEntry, Profile } from '../model/profile/profile.js';
import type { LeftOut } from '../model/profile/seccomp.js';
import type { ConvertRequest } from './request.js';

/** Entries in file order: the architecture, then its sub-architectures. */
export const listed = (entries: readonly ArchMapEntry[]): readonly string[] =>
  entries.flatMap((entry) => [entry.architecture ?? '', ...entry.subArchitectures]);

/** The architectures of the profile that the spec does not list, each named once. */
export function unlisted(profile: Profile, kept: readonly string[], request: ConvertRequest): readonly LeftOut[] {
  const offered = new Set([...listed(profile.archMap), ...profile.architectures]);
  const reason =
    request.policy === 'native'
      ? `policy native keeps ${request.arch} only`
      : `not in the archMap entry of ${request.arch}`;
  return [...offered]
    .filter((name) => name !== '' && !kept.includes(name))
    .map((what) => ({
      kind: 'architecture',
      what,
      reason: profile.architectures.includes(what) ? explicitReason(request) : reason,
    }));
}

const explicitReason = (request: ConvertRequest): string =>
  request.dialect === 'isulad' ? 'iSulad ignores the list "architectures"' : `policy native keeps ${request.arch} only`;

/** Whether the profile has a list `architectures`: the policies `all` and `host` then give the same spec. */
export const hasExplicitArchitectures = (profile: Profile): boolean => profile.architectures.length > 0;
