import type { Argument, Command, Option } from 'commander';
import { PROFILE_NAMES } from '../../../model/profile/names.js';
import { NAMED_ARMS } from '../../../model/run/arms.js';
import { collect } from '../../options/option.js';

/** Where on the disk a word can come from: a file, a folder, a results folder, a JSON file, a program; or nowhere. */
export type Place = 'files' | 'folders' | 'results' | 'json' | 'programs' | 'none';

/** What can stand in one place of a command line. */
export interface CompletedValue {
  readonly words: readonly string[];
  readonly place: Place;
}

/** A command with its path below the program: `syscalls count`. */
export interface CompletedCommand {
  readonly path: string;
  readonly name: string;
  readonly about: string;
  readonly commands: readonly CompletedCommand[];
  readonly options: readonly CompletedOption[];
  /** Its arguments taken together: those of a command are of one kind. */
  readonly argument: CompletedValue;
}

export interface CompletedOption {
  readonly flags: readonly string[];
  readonly about: string;
  readonly repeats: boolean;
  /** `null`: it takes none, or need not. */
  readonly value: CompletedValue | null;
}

const NONE: CompletedValue = { words: [], place: 'none' };

/** A command line as declared, as far as help shows it. */
export function completedCommand(cli: Command, scenarios: readonly string[]): CompletedCommand {
  return described(cli, '', scenarios);
}

function described(command: Command, path: string, scenarios: readonly string[]): CompletedCommand {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter((one) => one.name() !== 'help');
  return {
    path,
    name: command.name(),
    about: command.summary() || command.description(),
    commands: commands.map((one) => described(one, `${path} ${one.name()}`.trim(), scenarios)),
    options: help.visibleOptions(command).map(completedOption),
    argument: argumentOf(command, path, scenarios),
  };
}

const completedOption = (option: Option): CompletedOption => ({
  flags: [option.short, option.long].filter((flag) => typeof flag === 'string'),
  about: option.description,
  repeats: option.parseArg === collect || option.variadic,
  value: option.required ? valueOf(option) : null,
});

function valueOf(option: Option): CompletedValue {
  if (option.argChoices !== undefined) return { words: option.argChoices, place: 'none' };
  const [, placeholder = ''] = /<([^>.]+)/.exec(option.flags) ?? [];
  return OPTIONS[option.long ?? ''] ?? { words: [], place: PLACES[placeholder] ?? 'none' };
}

/** Options whose placeholder does not say what they take. */
const OPTIONS: Readonly<Record<string, CompletedValue>> = {
  '--arms': { words: Object.keys(NAMED_ARMS), place: 'none' },
  '--caps': { words: ['docker', 'none', 'all'], place: 'none' },
  '--until': { words: ['decided'], place: 'none' },
  '--profile': { words: PROFILE_NAMES, place: 'files' },
  '--against': { words: PROFILE_NAMES, place: 'files' },
  '--prices': { words: [], place: 'results' },
  '--from': { words: [], place: 'results' },
  '--results': { words: [], place: 'folders' },
};

/** By the placeholder of an option's value. */
const PLACES: Readonly<Record<string, Place>> = {
  dir: 'folders',
  folder: 'folders',
  file: 'files',
  path: 'files',
  'path[:place]': 'files',
  command: 'programs',
};

function argumentOf(command: Command, path: string, scenarios: readonly string[]): CompletedValue {
  const values = command.registeredArguments.map((argument) => argumentValue(argument, path, scenarios));
  return {
    words: [...new Set(values.flatMap(({ words }) => words))],
    place: values.find(({ place }) => place !== 'none')?.place ?? 'none',
  };
}

function argumentValue(argument: Argument, path: string, scenarios: readonly string[]): CompletedValue {
  if (argument.argChoices !== undefined) return { words: argument.argChoices, place: 'none' };
  switch (argument.name()) {
    case 'scenario':
      return { words: [...(path === 'plan' ? ['sequential', 'parallel'] : []), ...scenarios], place: 'json' };
    case 'results':
    case 'base':
    case 'candidate':
      return { words: [], place: 'results' };
    case 'command':
    case 'commands':
      return { words: [], place: 'programs' };
    case 'profile':
    case 'a':
    case 'b':
      return { words: PROFILE_NAMES, place: 'files' };
    default:
      return path === 'completion' ? NONE : { words: [], place: 'files' };
  }
}

/** A command and all below it. */
export const allCommands = (command: CompletedCommand): readonly CompletedCommand[] => [
  command,
  ...command.commands.flatMap(allCommands),
];

/** Text between single quotes in zsh and fish, without the letters that `_arguments` and `_describe` interpret. */
export const plainText = (text: string): string => text.replaceAll("'", '\u2019').replaceAll(/[[\]:\\]/g, ' ');
