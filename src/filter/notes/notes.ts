import type { Note } from '../../model/filter/notes.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import type { LxcPolicy } from '../../model/profile/source.js';
import type { Simulator } from '../simulate/simulate.js';
import { libseccompOrNull } from '../build/libseccomp.js';
import { nativeName } from '../inspect/architectures.js';
import { oddActions } from './actions.js';
import { oddConditions } from './conditions.js';
import { deadRules } from './dead.js';
import { startAndEnd, startAndEndOf } from './ends.js';
import { unsupported } from './kernel.js';
import { namelessRules, unknownNames } from './names.js';
import { statedPolicy, statedSpec } from './stated.js';
import type { SpecPlaces, Stated } from './stated.js';

/** The machine that notes are made for. */
export interface NoteTarget {
  /** By `uname -m` or by libseccomp's name. */
  readonly machine: string;
  /** `uname -r`; absent: nothing is said about the kernel. */
  readonly kernel?: string;
  /** The kernel's list of its actions (/proc/sys/kernel/seccomp/actions_avail); absent: known by its version. */
  readonly actions?: readonly string[];
  /** Whether a socket takes notifications; absent: taken for granted where a path is given. */
  readonly listens?: (socket: string) => boolean;
}

/**
 * What the author of a profile would want to know about the spec that it becomes, by place in the file. It reads rules,
 * and builds no filter; without libseccomp nothing is said about names.
 */
export const notesOfSpec = (spec: SeccompSpec, places: SpecPlaces, target: NoteTarget): readonly Note[] =>
  notesOf(statedSpec(spec, places), target);

/** {@link notesOfSpec} of an LXC policy, by line. */
export const notesOfPolicy = (policy: LxcPolicy, file: string, target: NoteTarget): readonly Note[] =>
  notesOf(statedPolicy(policy, file), target);

/** What can be said about filters that are built already: whether anything can start and end. */
export const notesOfFilters = (filters: readonly Simulator[], file: string, machine: string): readonly Note[] =>
  startAndEndOf(filters, file, nativeName(machine));

function notesOf(stated: Stated, { machine, kernel, actions, listens = () => true }: NoteTarget): readonly Note[] {
  const library = libseccompOrNull();
  const notes = [
    ...startAndEnd(stated),
    ...(library === null ? [] : unknownNames(stated, { library, machine: nativeName(machine) })),
    ...namelessRules(stated),
    ...deadRules(stated),
    ...oddConditions(stated),
    ...oddActions(stated, listens),
    ...(kernel === undefined ? [] : unsupported(stated, { release: kernel, actions: actions ?? null })),
  ];
  return [...notes].sort((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind));
}

/** The most urgent first. */
const KINDS: readonly Note['kind'][] = ['security', 'broken', 'cost', 'useless'];
