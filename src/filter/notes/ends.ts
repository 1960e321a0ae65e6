import type { Note } from '../../model/filter/notes.js';
import { callsOf, knownArchitecture } from '../inspect/calls.js';
import { RETURN } from '../simulate/actions.js';
import type { Simulator } from '../simulate/simulate.js';
import { executeAll } from '../simulate/survey.js';
import type { Stated } from './stated.js';
import { answerText, passes, upper } from './texts.js';

/** The answer to each call of a filter or its rules, and where that stands. */
interface Answering {
  readonly file: string;
  /** `null`: not known, or decided by arguments. */
  readonly answerOf: (call: string) => number | null;
  readonly pathOf: (call: string) => string | null;
}

/**
 * Calls without which nothing can start or end: `execve` starts the program of a container, `exit_group` ends it, and
 * `exit` a thread. What arguments decide is not judged.
 */
export const startAndEnd = (stated: Stated): readonly Note[] =>
  notesOfAnswers({
    file: stated.file,
    answerOf: (call) => answerOf(call, stated),
    pathOf: (call) => decidingName(call, stated)?.path ?? stated.defaultPath,
  });

/** {@link startAndEnd} of filters that are built already, on a machine's own architecture by libseccomp's name. */
export function startAndEndOf(filters: readonly Simulator[], file: string, machine: string): readonly Note[] {
  const { audit } = knownArchitecture(machine);
  const numbers = new Map(callsOf(machine).map(({ name, nr }) => [name, nr]));
  return notesOfAnswers({
    file,
    pathOf: () => null,
    answerOf: (name) => {
      const nr = numbers.get(name);
      if (nr === undefined) return null;
      const call = { arch: audit, nr };
      return filters.some((filter) => filter.decide(call) === null) ? null : executeAll(filters, call).value;
    },
  });
}

function notesOfAnswers({ file, answerOf: answer, pathOf }: Answering): readonly Note[] {
  const note = (code: 'cannot-end' | 'cannot-start', calls: readonly string[]): readonly Note[] => {
    const denied = calls.filter((call) => isDenied(answer(call)));
    const [first] = denied;
    if (first === undefined) return [];
    const detail = { answer: answerText(answer(first) ?? undefined, '') };
    return [{ code, kind: 'broken', file, path: pathOf(first), subject: denied.join(', '), detail }];
  };
  return [...note('cannot-start', ['execve']), ...note('cannot-end', ['exit', 'exit_group'])];
}

/** A listener may let it run. */
const isDenied = (word: number | null): boolean => word !== null && !passes(word) && upper(word) !== RETURN.USER_NOTIF;

function answerOf(call: string, { rules, defaultWord }: Stated): number | null {
  const own = rules.filter(({ names, word }) => word !== defaultWord && names.some(({ name }) => name === call));
  if (own.length === 0) return defaultWord ?? null;
  // Sections of LXC may have different answers.
  if (new Set(own.map(({ section }) => section)).size > 1) return null;
  return own.find(({ conditions }) => conditions.length === 0)?.word ?? null;
}

const decidingName = (call: string, { rules, defaultWord }: Stated) =>
  rules
    .filter(({ word }) => word !== defaultWord)
    .flatMap(({ names }) => names)
    .find(({ name }) => name === call);
