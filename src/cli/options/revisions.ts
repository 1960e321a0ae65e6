import type { Command } from 'commander';
import { BenchError, conflict, invalidValue, missing } from '../../errors.js';
import { keyedValues, treatmentOf } from './arm-keys.js';
import type { KeyedValues } from './arm-keys.js';
import { option } from './option.js';

export interface RawRevisions {
  readonly a?: string;
  readonly b?: string;
  readonly build?: string;
  readonly built?: string;
}

/** Two revisions of a repository, and how what is compared is made of them. */
export interface RevisionOptions {
  readonly revisions: readonly [a: string, b: string];
  /** A command line for sh; `null`: nothing is built. */
  readonly command: string | null;
  /** Files in each tree, by the key of the arm; `null`: the runtime that is found there. */
  readonly built: KeyedValues | null;
}

const PREFIX = 'git:';
const PATH_KEYS = ['runtime', 'profile', 'libseccomp'] as const;
const FORMS_HINT = "bench ab --a git:main --b git:HEAD --build 'make runc' --built runtime=runc";

/** `--build`, `--built`. */
export const declareRevisions = (command: Command): Command =>
  command
    .addOption(option('--build <command>', 'with git:REVISION: builds each revision, by sh', 'common'))
    .addOption(
      option('--built <treatment>', 'what the build makes: runtime=PATH, profile=FILE or libseccomp=PATH', 'common'),
    );

/** The revisions of `--a git:REVISION --b git:REVISION`; `null`: no side is one. Throws `usage`. */
export function parseRevisions(raw: RawRevisions): RevisionOptions | null {
  const revisions = sidesOf(raw);
  const { build, built } = raw;
  if (revisions === null) {
    const alone = build === undefined ? (built === undefined ? null : '--built') : '--build';
    if (alone === null) return null;
    throw new BenchError('usage', `${alone} requires --a git:REVISION --b git:REVISION`, { hint: FORMS_HINT });
  }
  const values = built === undefined ? null : builtValues(built);
  if (build === undefined && values?.profile === undefined) throw missing('--build', { hint: FORMS_HINT });
  if (build?.trim() === '') throw new BenchError('usage', '--build: expected a command, got nothing');
  return { revisions, command: build ?? null, built: values };
}

/** Both revisions; `null`: neither side is one. */
function sidesOf({ a, b }: RawRevisions): RevisionOptions['revisions'] | null {
  const [first, second] = [revisionIn('--a', a), revisionIn('--b', b)];
  if (first !== null && second !== null) return [first, second];
  if (first === null && second === null) return null;
  const [flag, value] = first === null ? ['--a', a] : ['--b', b];
  if (value === undefined) throw missing(flag, { hint: FORMS_HINT });
  throw invalidValue(flag, 'git:REVISION, as the other side', `"${value}"`, { hint: FORMS_HINT });
}

/** What follows `git:`; `null`: another treatment, or none. */
function revisionIn(flag: string, text: string | undefined): string | null {
  if (text?.startsWith(PREFIX) !== true) return null;
  const revision = text.slice(PREFIX.length);
  assertRevision(flag, revision);
  return revision;
}

function assertRevision(flag: string, revision: string): void {
  if (revision !== '' && !revision.startsWith('-')) return;
  throw invalidValue(flag, 'git: and a branch, tag or hash', `"${PREFIX}${revision}"`, { hint: FORMS_HINT });
}

function builtValues(text: string): KeyedValues {
  const values = keyedValues('--built', text);
  treatmentOf('--built', values);
  const named = PATH_KEYS.filter((key) => values[key] !== undefined);
  if (named.length === 0)
    throw invalidValue('--built', 'runtime=PATH, profile=FILE or libseccomp=PATH', `"${text}"`, { hint: FORMS_HINT });
  for (const key of named) {
    const path = values[key] ?? '';
    if (!path.startsWith('/') && !path.split('/').includes('..')) continue;
    throw invalidValue(`--built: ${key}=`, 'a path in the tree of a revision', `"${path}"`, { hint: FORMS_HINT });
  }
  return values;
}

/** What cannot be given with two revisions. Throws `usage`. */
export function refuseCommands(words: readonly string[]): void {
  if (words.length > 0) throw conflict('--a git:REVISION', 'a command', { hint: FORMS_HINT });
}
