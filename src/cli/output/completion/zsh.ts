import { allCommands, plainText } from './declared.js';
import type { CompletedCommand, CompletedOption, CompletedValue, Place } from './declared.js';

/** The script for zsh: sourced, or as the file `_bench` of a folder in `fpath`. */
export function zshScript(name: string, root: CompletedCommand): string {
  const functions = allCommands(root).map((command) => functionOf(name, command));
  return `#compdef ${name}
${helpers(name)}
${functions.join('\n')}
if [[ $funcstack[1] == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi
`;
}

function functionOf(name: string, command: CompletedCommand): string {
  const { commands, options, argument } = command;
  const rest = commands.length > 0 ? ["'1:command:->command'", "'*::argument:->argument'"] : argumentOf(name, argument);
  return [
    `${functionName(name, command)}() {`,
    '  local context state state_descr line',
    '  typeset -A opt_args',
    `  _arguments -C ${[...options.flatMap((option) => optionOf(name, option)), ...rest].join(' \\\n    ')}`,
    ...(commands.length === 0 ? [] : nested(name, commands)),
    '}',
  ].join('\n');
}

function nested(name: string, commands: readonly CompletedCommand[]): readonly string[] {
  return [
    '  case $state in',
    '  command)',
    '    local -a commands=(',
    ...commands.map((command) => `      '${command.name}:${plainText(command.about)}'`),
    '    )',
    "    _describe 'command' commands ;;",
    '  argument)',
    '    case $line[1] in',
    ...commands.map((command) => `      ${command.name}) ${functionName(name, command)} ;;`),
    '    esac ;;',
    '  esac',
  ];
}

const functionName = (name: string, { path }: CompletedCommand): string =>
  `_${name}${path === '' ? '' : `_${path.replaceAll(' ', '_')}`}`;

const optionOf = (name: string, { flags, about, repeats, value }: CompletedOption): readonly string[] =>
  flags.map(
    (flag) =>
      `'${repeats ? '*' : ''}${flag}[${plainText(about)}]${value === null ? '' : `:value:${actionOf(name, value)}`}'`,
  );

const argumentOf = (name: string, argument: CompletedValue): readonly string[] =>
  argument.place === 'none' && argument.words.length === 0 ? [] : [`'*:argument:${actionOf(name, argument)}'`];

/** A space says that there is a value, and that nothing is known of it. */
function actionOf(name: string, { words, place }: CompletedValue): string {
  if (place === 'none') return words.length === 0 ? ' ' : `(${words.join(' ')})`;
  return `{_${name}_offer ${[place, ...words].join(' ')}}`;
}

const OFFERS: Readonly<Record<Exclude<Place, 'none'>, string>> = {
  files: '_files',
  folders: '_files -/',
  json: "_files -g '*.json'",
  programs: '_command_names -e; _files',
  results: 'found=(results/*(N/)); (( $#found )) && compadd -f -a found || _files -/',
};

const helpers = (name: string): string => `_${name}_offer() {
  local -a found
  local place=$1
  shift
  (( $# )) && compadd -- "$@"
  case $place in
${Object.entries(OFFERS)
  .map(([place, action]) => `    ${place}) ${action} ;;`)
  .join('\n')}
  esac
}`;
