import { unknownName } from '../../errors.js';
import { CONTAINERD } from './containerd.js';
import { DOCKER } from './docker.js';
import type { ProfileFamily } from './family.js';
import { PODMAN } from './podman.js';
import { profileText } from './rules.js';
import { SYSTEMD } from './systemd.js';

/** A profile that bench knows by name. */
export interface NamedProfile {
  /** With its version and source, for messages: `docker@v0.2.1 (moby/profiles seccomp v0.2.1, 2026-05)`. */
  readonly name: string;
  /** Where its rules are documented, with the version. */
  readonly source: string;
  /** When that version was released, as precisely as is known: `2026-05`. */
  readonly date: string;
  /** The profile in Docker's format; it behaves like the original, but is written anew. */
  readonly text: string;
}

const FAMILIES: readonly ProfileFamily[] = [DOCKER, CONTAINERD, PODMAN, SYSTEMD];

/** No seccomp at all, as `null` is in Docker's format. */
const UNCONFINED = { name: 'unconfined', source: 'no seccomp', date: '', text: 'null\n' };

/**
 * The profile of a name: `docker`, `docker@v0.2.1`, `default`, `unconfined`; `undefined` for anything else, which is a
 * file. A name alone means the family's current version. Throws `usage` for a version that bench does not know.
 */
export function namedProfile(text: string): NamedProfile | undefined {
  if (text === UNCONFINED.name) return UNCONFINED;
  if (text === 'default') return defaultNamed();
  const [name = '', version] = text.split('@', 2);
  const family = FAMILIES.find((one) => one.name === name);
  return family === undefined ? undefined : versionOf(family, version ?? family.current);
}

/** The built-in default profile, by the version of Docker's that it is. */
export function defaultNamed(): NamedProfile {
  const { source, date, text } = versionOf(DOCKER, DOCKER.current);
  return { name: `built-in default profile (${source})`, source, date, text };
}

function versionOf({ name, versions }: ProfileFamily, version: string): NamedProfile {
  const found = Object.hasOwn(versions, version) ? versions[version] : undefined;
  if (found === undefined) {
    const known = Object.keys(versions).map((one) => `${name}@${one}`);
    throw unknownName(`${name}@${version}`, 'a profile', known, {
      hint: `Known: ${known.join(', ')}. A file of that name is ./${name}@${version}.`,
    });
  }
  const { source, date, profile } = found;
  return { name: `${name}@${version} (${source}, ${date})`, source, date, text: profileText(profile()) };
}
