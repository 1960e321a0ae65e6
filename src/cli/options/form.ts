import type { Command } from 'commander';
import { conflict, unknownName } from '../../errors.js';
import type { FilterForm } from '../../filter/index.js';
import { SOURCE_FORMS } from '../../model/profile/source.js';
import type { SourceForm } from '../../model/profile/source.js';
import { alias, collect, option } from './option.js';

export interface RawForm {
  /** Of files and of filters, where a command takes both. */
  readonly form?: readonly string[];
  /** The older name of `--form tree`. */
  readonly tree?: boolean;
}

const LAYOUTS: readonly FilterForm[] = ['plain', 'tree'];

/** `--form` of commands that read files, unless the command has it already: what a file is. */
export function declareSourceForm(command: Command): Command {
  if (command.options.some(({ long }) => long === '--form')) return command;
  const about = `read files as ${SOURCE_FORMS.join(', ')} (default: told from the content)`;
  return command.addOption(option('--form <form>', about, 'arms').argParser(oneOf(SOURCE_FORMS)));
}

/** `--form` of commands that also build filters; `--tree` is an older name. Declared before the conversion. */
export const declareForm = (command: Command): Command =>
  command
    .addOption(
      option(
        '--form <form>',
        'layout that libseccomp builds, plain or tree (default: plain); also the form of the file, such as oci; ' +
          'may be repeated',
        'filter',
      ).argParser(oneOf([...LAYOUTS, ...SOURCE_FORMS])),
    )
    .addOption(alias('--tree', 'the same as --form tree'));

const oneOf =
  (known: readonly string[]) =>
  (given: string, earlier?: readonly string[]): readonly string[] => {
    if (!known.includes(given)) throw unknownName(given, 'a form', known);
    return collect(given, earlier);
  };

/** How a filter is laid out; `undefined`: as the command does by itself. Throws `usage`. */
export function parseForm({ form = [], tree = false }: RawForm): FilterForm | undefined {
  const layout = only(LAYOUTS.filter((known) => form.includes(known)));
  if (tree && layout === 'plain') throw conflict('--form plain', '--tree');
  return tree ? 'tree' : layout;
}

/** What files are; `undefined`: told from the content of each. Throws `usage`. */
export const parseSourceForm = ({ form = [] }: Pick<RawForm, 'form'>): SourceForm | undefined =>
  only(SOURCE_FORMS.filter((known) => form.includes(known)));

function only<Form extends string>(forms: readonly Form[]): Form | undefined {
  const [one, other] = forms;
  if (one !== undefined && other !== undefined) throw conflict(`--form ${one}`, `--form ${other}`);
  return one;
}
