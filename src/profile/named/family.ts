import type { WrittenProfile } from './rules.js';

/** One released version of a profile. */
export interface ProfileVersion {
  /** Where its rules are documented, with the version: `moby/profiles seccomp v0.2.3`. */
  readonly source: string;
  /** When it was released, as precisely as is known: `2026-05`. */
  readonly date: string;
  readonly profile: () => WrittenProfile;
}

/** The versions of a profile by tag. */
export interface ProfileFamily {
  readonly name: string;
  /** The version that the name alone means. */
  readonly current: string;
  readonly versions: Readonly<Record<string, ProfileVersion>>;
}
