import { readFileSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { convertProfile, goArchFromName, ruleOrigins } from '../../convert/index.js';
import type { ConvertRequest } from '../../convert/index.js';
import { byteOrderOfName, notesOfFilters, notesOfPolicy, notesOfSpec, rawFilter } from '../../filter/index.js';
import type { NoteTarget, Simulator } from '../../filter/index.js';
import type { Note } from '../../model/filter/notes.js';
import type { OddKey, Profile } from '../../model/profile/profile.js';
import type { FilterSource, ProfileSource } from '../../model/profile/source.js';
import { readsNoFile } from './convert.js';
import type { ConvertedArm } from './convert.js';

/** How a profile becomes the spec that notes are made of. */
export interface NoteRequest extends ConvertRequest {
  /** By libseccomp's name or `uname -m`. */
  readonly machine: string;
}

/** What stands before `syscalls[0]` in a file of that form. */
const PREFIXES: Readonly<Record<ProfileSource['form'], string>> = {
  docker: '',
  oci: '',
  'oci-config': 'linux.seccomp.',
  kubernetes: 'spec.',
};

/**
 * What the author of a profile, a policy or a filter would want to know about it, each with its place in the file: dead
 * rules, names that are no system calls, conditions that cannot do what they mean, calls without which nothing starts.
 * `filters`: those of a raw source, where they are made already. Throws what `convertProfile` throws.
 *
 * @example
 * const source = sourceOf(readFileSync('my-profile.json'), 'my-profile.json');
 * const lines = notesOf(source, request).map((note) => `${note.path ?? note.file}: ${noteSentence(note)}`);
 */
export function notesOf(source: FilterSource, request: NoteRequest, filters?: readonly Simulator[]): readonly Note[] {
  const { machine, kernel } = request;
  const target: NoteTarget = { machine, kernel, ...actionsOf(kernel), listens: isSocket };
  switch (source.kind) {
    case 'profile':
      return notesOfProfile(source, request, target);
    case 'lxc':
      return notesOfPolicy(source.policy, source.name, target);
    case 'raw': {
      const own = filters ?? [rawFilter(source, byteOrderOfName(request.machine))];
      return notesOfFilters(own, source.name, request.machine);
    }
  }
}

function notesOfProfile(
  { form, name, profile, ignored }: ProfileSource,
  request: NoteRequest,
  target: NoteTarget,
): readonly Note[] {
  const keys = ignoredKeys([...ignored, ...profile.oddKeys], name);
  const { spec } = convertProfile(profile, request);
  if (spec === null) return keys;
  const places = {
    file: name,
    prefix: PREFIXES[form],
    origins: ruleOrigins(profile, request),
    profile: readAs(profile, request),
  };
  return [...notesOfSpec(spec, places, target), ...keys];
}

/** One note for all places of one key, `errno`. */
function ignoredKeys(keys: readonly OddKey[], file: string): readonly Note[] {
  const byKey = new Map<string, OddKey[]>();
  for (const key of keys) {
    const same = `${key.path.replace(/^.*\./, '')} ${key.reason}`;
    byKey.set(same, [...(byKey.get(same) ?? []), key]);
  }
  return [...byKey.values()].flatMap(([first, ...others]): Note[] =>
    first === undefined
      ? []
      : [
          {
            code: 'ignored-key',
            kind: 'useless',
            file,
            path: first.path,
            subject: first.path.replace(/^.*\./, ''),
            detail: { reason: first.reason, more: others.length },
          },
        ],
  );
}

/** The reading of the file that the dialect converts. */
const readAs = (profile: Profile, { dialect }: NoteRequest): Profile =>
  dialect === 'isulad' ? (profile.isuladReading?.() ?? profile) : profile;

/** This machine's kernel tells which actions it has; of another one only the version is known. */
function actionsOf(kernel: string): Pick<NoteTarget, 'actions'> {
  if (kernel !== release()) return {};
  try {
    return { actions: readFileSync('/proc/sys/kernel/seccomp/actions_avail', 'utf8').trim().split(/\s+/) };
  } catch {
    return {};
  }
}

/** A socket that may not be looked at may be there. */
function isSocket(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isSocket() === true;
  } catch {
    return true;
  }
}

/** What decides how the arms of an experiment are converted. */
interface ArmsRequest extends Pick<NoteRequest, 'dialect' | 'capabilities' | 'kernel' | 'machine'> {
  readonly arms: readonly ConvertedArm[];
}

/** Notes by the name of the arm; of a copy those of its original are enough. */
export function notesOfArms({ arms, ...request }: ArmsRequest): ReadonlyMap<string, readonly Note[]> {
  const arch = goArchFromName(request.machine);
  return new Map(
    arms.flatMap(({ definition: { name, policy, copyOf }, source }) =>
      source === null || source.kind === 'runtimeDefault' || readsNoFile(policy) || copyOf !== undefined
        ? []
        : [[name, notesOf(source, { ...request, arch, policy })] as const],
    ),
  );
}
