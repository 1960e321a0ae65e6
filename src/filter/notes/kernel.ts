import type { Note } from '../../model/filter/notes.js';
import { FLAG_SINCE, missingUntil } from '../../model/filter/since.js';
import type { KernelAbilities } from '../../model/filter/since.js';
import type { Stated } from './stated.js';
import { listed } from './texts.js';

/** Flags and actions that a kernel does not have, by its own list of actions where that is known. */
export const unsupported = (stated: Stated, kernel: KernelAbilities): readonly Note[] => [
  ...flagNotes(stated, kernel),
  ...actionNotes(stated, kernel),
];

function flagNotes({ file, flags }: Stated, kernel: KernelAbilities): readonly Note[] {
  return flags.flatMap(({ name, path }): Note[] => {
    const since = missingUntil(name, kernel);
    if (name in FLAG_SINCE && since === undefined) return [];
    const detail = since === undefined ? { why: 'unknown' } : { why: 'kernel', since, kernel: kernel.release };
    return [{ code: 'unsupported-flag', kind: 'broken', file, path, subject: name, detail }];
  });
}

function actionNotes({ file, defaultAction, defaultPath, rules }: Stated, kernel: KernelAbilities): readonly Note[] {
  const all = [
    { action: defaultAction, path: defaultPath, calls: '' },
    ...rules.map(({ action, path, names }) => ({ action, path, calls: listed(names.map(({ name }) => name)) })),
  ];
  return all.flatMap(({ action, path, calls }): Note[] => {
    const since = missingUntil(action, kernel);
    if (since === undefined) return [];
    const detail = { why: 'kernel', since, kernel: kernel.release, calls };
    return [{ code: 'unsupported-action', kind: 'broken', file, path, subject: action, detail }];
  });
}
