import type { Note } from '../../model/filter/notes.js';
import { RETURN } from '../simulate/actions.js';
import type { Stated } from './stated.js';
import { listed, upper } from './texts.js';

/** Flags of an OCI spec by the Linux version that first has them (seccomp(2); linux/seccomp.h). */
export const FLAG_SINCE: ReadonlyMap<string, string> = new Map([
  ['SECCOMP_FILTER_FLAG_TSYNC', '3.17'],
  ['SECCOMP_FILTER_FLAG_LOG', '4.14'],
  ['SECCOMP_FILTER_FLAG_SPEC_ALLOW', '4.17'],
  ['SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV', '5.19'],
]);

/** Actions by the Linux version that first has them. The others came with filters themselves (3.5). */
const ACTION_SINCE: ReadonlyMap<number, string> = new Map([
  [RETURN.KILL_PROCESS, '4.14'],
  [RETURN.LOG, '4.14'],
  [RETURN.USER_NOTIF, '5.0'],
]);

/** Flags and actions that a kernel does not have. `release` as in `uname -r`. */
export function unsupported(stated: Stated, release: string): readonly Note[] {
  const kernel = versionOf(release);
  const lacks = (since: string): boolean => kernel !== null && isOlder(kernel, since);
  return [...flagNotes(stated, release, lacks), ...actionNotes(stated, release, lacks)];
}

function flagNotes({ file, flags }: Stated, kernel: string, lacks: (since: string) => boolean): readonly Note[] {
  return flags.flatMap(({ name, path }): Note[] => {
    const since = FLAG_SINCE.get(name);
    if (since !== undefined && !lacks(since)) return [];
    const detail = since === undefined ? { why: 'unknown' } : { why: 'kernel', since, kernel };
    return [{ code: 'unsupported-flag', kind: 'broken', file, path, subject: name, detail }];
  });
}

function actionNotes(
  { file, defaultAction, defaultWord, defaultPath, rules }: Stated,
  kernel: string,
  lacks: (since: string) => boolean,
): readonly Note[] {
  const all = [
    { action: defaultAction, word: defaultWord, path: defaultPath, calls: '' },
    ...rules.map(({ action, word, path, names }) => ({
      action,
      word,
      path,
      calls: listed(names.map(({ name }) => name)),
    })),
  ];
  return all.flatMap(({ action, word, path, calls }): Note[] => {
    const since = word === undefined ? undefined : ACTION_SINCE.get(upper(word));
    if (since === undefined || !lacks(since)) return [];
    const detail = { why: 'kernel', since, kernel, calls };
    return [{ code: 'unsupported-action', kind: 'broken', file, path, subject: action, detail }];
  });
}

type Version = readonly [number, number];

function versionOf(release: string): Version | null {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  return major === undefined || minor === undefined ? null : [Number(major), Number(minor)];
}

function isOlder([major, minor]: Version, since: string): boolean {
  const [thenMajor = 0, thenMinor = 0] = since.split('.').map(Number);
  return major < thenMajor || (major === thenMajor && minor < thenMinor);
}
