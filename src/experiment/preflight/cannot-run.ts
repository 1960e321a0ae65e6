import { BenchError } from '../../errors.js';
import type { NoteCode } from '../../model/filter/notes.js';
import type { KnownFilter, Need } from './needs.js';
import { PAYLOAD_NEEDS } from './needs.js';

/** What stands against a start, told before it. */
export interface Obstacle {
  readonly code: NoteCode;
  /** The end of a sentence that begins with the arm. */
  readonly words: string;
  /** What to do, one sentence. */
  readonly hint: string;
}

/** Throws `input`: the arm, what stands against it, and what to do. */
export function refuse(arm: string, { words, hint }: Obstacle): never {
  throw new BenchError('input', `arm ${arm}: ${words}`, { hint });
}

/**
 * Why no container can start or end under a filter, as far as that is certain: the calls by which a program is started
 * once its filter is loaded (one of them is enough), those that end it, and what else the payload does.
 */
export function startObstacle(filter: KnownFilter, startedBy: readonly string[]): Obstacle | undefined {
  const end = endObstacle(filter);
  if (end !== undefined) return end;
  if (startedBy.length > 0 && startedBy.every((call) => isDenied(filter, call)))
    return {
      code: 'cannot-start',
      words: `${startedBy[0] ?? 'execve'} is not allowed, so no program can start: the filter is loaded before it`,
      hint: 'Allow execve in the profile, or leave the arm out.',
    };
  const unmet = filter.unmet(PAYLOAD_NEEDS);
  return unmet === undefined ? undefined : payloadObstacle(unmet);
}

const isDenied = (filter: KnownFilter, call: string): boolean => ['failing', 'ending'].includes(filter.treatment(call));

function endObstacle(filter: KnownFilter): Obstacle | undefined {
  const [group, thread] = ['exit_group', 'exit'].map((call) => filter.treatment(call, [0n]));
  if (group !== 'failing' && group !== 'ending') return undefined;
  const killed = group === 'ending';
  const consequence = killed ? 'every program is killed when it ends' : 'no program can end';
  if (thread === 'failing' || thread === 'ending')
    return {
      code: 'cannot-end',
      words: `exit and exit_group are not allowed, so ${consequence}`,
      hint: 'Allow both, or leave the arm out.',
    };
  const own = killed ? 'every program that ends with it is killed' : 'no program can end with it';
  return {
    code: 'cannot-end',
    words: `exit_group is not allowed, so ${own}`,
    hint: 'Allow exit_group in the profile: bench and almost every libc end a process with it.',
  };
}

const payloadObstacle = ({ call }: Need): Obstacle => ({
  code: 'cannot-start',
  words: `${call} is not allowed, and the program that bench starts in every container needs it`,
  hint: `Allow ${call} in the profile, or leave the arm out.`,
});
