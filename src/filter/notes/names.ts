import { closest } from '../../errors.js';
import type { Note } from '../../model/filter/notes.js';
import { UNKNOWN_SYSCALL } from '../build/libseccomp.js';
import type { Libseccomp } from '../build/libseccomp.js';
import { callsOf } from '../inspect/calls.js';
import { newerNames, newSince } from './newer-calls.js';
import type { Stated, StatedName, StatedRule } from './stated.js';
import { answerText, listed, passes, placeOf } from './texts.js';

/** A profile of mistyped names has a few; to compare more with every call would take minutes. */
const MOST_SUGGESTIONS = 1000;

/** The machine whose calls are suggested. */
export interface NameTarget {
  readonly library: Libseccomp;
  /** By libseccomp's name. */
  readonly machine: string;
}

/**
 * Names that are no system call of any architecture, and calls that are newer than this libseccomp where the rule would
 * have closed them. Calls of other architectures only, and newer ones that the default closes anyway, are no mistake.
 */
export function unknownNames(stated: Stated, target: NameTarget): readonly Note[] {
  const known = new Map<string, boolean>();
  const isKnown = ({ name }: StatedName): boolean => {
    const found = known.get(name) ?? target.library.resolveSyscall(name) !== UNKNOWN_SYSCALL;
    known.set(name, found);
    return found;
  };
  const suggested = new Map<string, string | undefined>();
  const meant = (name: string): string | undefined => {
    if (!suggested.has(name) && suggested.size < MOST_SUGGESTIONS)
      suggested.set(name, suggestion(name, target.machine));
    return suggested.get(name);
  };
  return stated.rules.flatMap((rule) => {
    const unknown = rule.names.filter((name) => !isKnown(name) && !(stated.form === 'lxc-1' && isNumber(name.name)));
    if (unknown.length === 0) return [];
    const newer = unknown.filter(({ name }) => newSince(name) !== undefined);
    const wrong = unknown.filter(({ name }) => newSince(name) === undefined);
    return [
      ...wrong.map((name) => unknownNote(name, rule, stated, { ...target, meant })),
      ...newerNotes(newer, rule, stated, target),
    ];
  });
}

function unknownNote(
  { name, path }: StatedName,
  rule: StatedRule,
  stated: Stated,
  { machine, library, meant: meantBy }: NameTarget & { readonly meant: (name: string) => string | undefined },
): Note {
  const meant = isNumber(name) ? callByNumber(Number(name), machine) : meantBy(name);
  return {
    code: 'unknown-name',
    kind: leavesOpen(rule, stated) ? 'security' : 'useless',
    file: stated.file,
    path,
    subject: name,
    detail: {
      written: isNumber(name) ? 'number' : 'name',
      machine,
      libseccomp: library.version,
      answer: answerText(stated.defaultWord, stated.defaultAction),
      ...(meant === undefined ? {} : { meant }),
      ...(leavesOpen(rule, stated) ? { open: 'yes' } : {}),
    },
  };
}

function newerNotes(
  names: readonly StatedName[],
  rule: StatedRule,
  stated: Stated,
  { library }: NameTarget,
): readonly Note[] {
  if (names.length === 0 || !leavesOpen(rule, stated)) return [];
  return [
    {
      code: 'newer-name',
      kind: 'security',
      file: stated.file,
      path: placeOf(names, rule),
      subject: listed(names.map(({ name }) => name)),
      detail: { libseccomp: library.version, answer: answerText(stated.defaultWord, stated.defaultAction) },
    },
  ];
}

/** Rules that name no call at all. */
export const namelessRules = ({ rules, file }: Stated): readonly Note[] =>
  rules
    .filter(({ names }) => names.length === 0)
    .map(({ path, action }) => ({ code: 'no-names', kind: 'useless', file, path, subject: action }));

/** A rule that should close a call which the default lets run. */
const leavesOpen = (rule: StatedRule, { defaultWord }: Stated): boolean => passes(defaultWord) && !passes(rule.word);

const isNumber = (name: string): boolean => /^(?:\d+|0x[\da-f]+)$/i.test(name);

const callByNumber = (nr: number, machine: string): string | undefined =>
  callsOf(machine).find((call) => call.nr === nr)?.name;

/** The same name in lower case, without the kernel's prefixes, or the nearest one. */
function suggestion(name: string, machine: string): string | undefined {
  const names = [...callsOf(machine).map((call) => call.name), ...newerNames()];
  const plain = name
    .trim()
    .toLowerCase()
    .replace(/^(?:__x64_|__arm64_)?(?:sys_|__nr_)/, '');
  return names.find((known) => known === plain) ?? closest(plain, names);
}
