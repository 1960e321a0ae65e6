import type { Command } from 'commander';
import { conflict } from '../../errors.js';
import type { FilterForm } from '../../filter/index.js';
import { alias, choice } from './option.js';

export interface RawForm {
  readonly form?: FilterForm;
  /** The older name of `--form tree`. */
  readonly tree?: boolean;
}

/** `--form`: how libseccomp lays a filter out; `--tree` is its older name. */
export const declareForm = (command: Command): Command =>
  command
    .addOption(
      choice('--form <form>', 'layout that libseccomp builds: plain, or a binary tree (default: plain)', 'filter', {
        values: ['plain', 'tree'],
        kind: 'a form of a filter',
      }),
    )
    .addOption(alias('--tree', 'the same as --form tree'));

/** `undefined`: none was asked for. Throws `usage`. */
export function parseForm({ form, tree = false }: RawForm): FilterForm | undefined {
  if (tree && form === 'plain') throw conflict('--form plain', '--tree');
  return tree ? 'tree' : form;
}
