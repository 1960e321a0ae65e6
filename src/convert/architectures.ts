import type { ArchMapEntry, Profile } from '../model/profile/profile.js';
import type { Dialect, GoArch, LeftOut } from '../model/profile/seccomp.js';
import { hostFamily } from './arch.js';
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

function explicitReason({ dialect, policy, arch }: ConvertRequest): string {
  if (dialect === 'isulad') return 'iSulad ignores the list "architectures"';
  return policy === 'trim'
    ? `policy trim keeps ${arch} and its compat architectures`
    : `policy native keeps ${arch} only`;
}

/** An explicit list of architectures, cut to those that a host can run. */
export interface TrimmedList {
  /** In the order of the list. */
  readonly kept: readonly string[];
  readonly dropped: readonly string[];
}

/** Cuts an explicit list to a host's own architecture and its compat ones: what policy `trim` keeps. */
export function trimmed(architectures: readonly string[], arch: GoArch): TrimmedList {
  const family = new Set(hostFamily(arch));
  return {
    kept: architectures.filter((name) => family.has(name)),
    dropped: architectures.filter((name) => !family.has(name)),
  };
}

/**
 * Whether policy `trim` can differ from `host` for a profile: only where it has an explicit list, and where the dialect
 * reads that. iSulad ignores it.
 */
export const readsExplicitList = (profile: Profile, dialect: Dialect): boolean =>
  dialect === 'moby' && hasExplicitArchitectures(profile);

/** Whether the profile has a list `architectures`: the policies `all` and `host` then give the same spec. */
export const hasExplicitArchitectures = (profile: Profile): boolean => profile.architectures.length > 0;
