import type { Command, Option } from 'commander';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A command with its path below the program: `syscalls count`. */
interface Completed {
  readonly path: string;
  readonly about: string;
  readonly commands: readonly Completed[];
  readonly options: readonly CompletedOption[];
  /** Values of its argument, where they are a known set. */
  readonly values: readonly string[];
}

interface CompletedOption {
  readonly flags: readonly string[];
  readonly about: string;
  /** `null`: it takes no value; empty: any value, for which files are offered. */
  readonly values: readonly string[] | null;
}

/** A script that completes commands, options and values in a shell, made from the declarations. */
export function completionScript(cli: Command, shell: Shell): string {
  const root = completed(cli, '');
  switch (shell) {
    case 'bash':
      return bash(cli.name(), root);
    case 'zsh':
      return zsh(cli.name(), root);
    case 'fish':
      return fish(cli.name(), root);
  }
}

function completed(command: Command, path: string): Completed {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter((one) => one.name() !== 'help');
  return {
    path,
    about: command.description(),
    commands: commands.map((one) => completed(one, `${path} ${one.name()}`.trim())),
    options: help.visibleOptions(command).map(completedOption),
    values: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
  };
}

const completedOption = (option: Option): CompletedOption => ({
  flags: [option.short, option.long].filter((flag) => typeof flag === 'string'),
  about: option.description,
  values: option.required ? (option.argChoices ?? []) : null,
});

const all = (command: Completed): readonly Completed[] => [command, ...command.commands.flatMap(all)];

/** Words that a command can be followed by. */
const wordsOf = ({ commands, options, values }: Completed): string =>
  [
    ...commands.map(({ path }) => path.split(' ').at(-1) ?? ''),
    ...values,
    ...options.flatMap(({ flags }) => flags.filter((flag) => flag.startsWith('--'))),
  ].join(' ');

function bash(name: string, root: Completed): string {
  const commands = all(root);
  const nested = commands.filter(({ path }) => path.includes(' ')).map(({ path }) => `'${path}'`);
  const cases = commands.map((command) => `    '${command.path}') words='${wordsOf(command)}' ;;`);
  const values = commands.flatMap(({ path, options }) =>
    options
      .filter((option) => option.values !== null)
      .map((option) => ({ option, patterns: option.flags.map((flag) => `'${path}:${flag}'`).join('|') }))
      .map(({ option, patterns }) =>
        option.values?.length === 0
          ? `    ${patterns}) compopt -o default; COMPREPLY=(); return ;;`
          : `    ${patterns}) COMPREPLY=($(compgen -W '${option.values?.join(' ') ?? ''}' -- "$current")); return ;;`,
      ),
  );
  return `# bash completion of ${name}
_${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} path='' words=''
  local -a known=(${commands
    .filter(({ path }) => path !== '' && !path.includes(' '))
    .map(({ path }) => `'${path}'`)
    .join(' ')} ${nested.join(' ')})
  local index word candidate
  for ((index = 1; index < COMP_CWORD; index += 1)); do
    word="\${path:+$path }\${COMP_WORDS[index]}"
    for candidate in "\${known[@]}"; do
      if [[ $word == "$candidate" ]]; then path=$word; fi
    done
  done
  case "$path:$previous" in
${values.join('\n')}
  esac
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ \${#COMPREPLY[@]} -eq 0 && $current != -* ]]; then compopt -o default; fi
}
complete -F _${name} ${name}
`;
}

/** Text between single quotes in zsh and fish, without the letters that \`_arguments\` and \`_describe\` interpret. */
const said = (text: string): string => text.replaceAll("'", '\u2019').replaceAll(/[[\]:\\]/g, ' ');

function zsh(name: string, root: Completed): string {
  const functions = all(root).map((command) => {
    const own = `_${name}${command.path === '' ? '' : `_${command.path.replaceAll(' ', '_')}`}`;
    const options = command.options.flatMap(({ flags, about, values }) =>
      flags.map((flag) => `    '${flag}[${said(about)}]${values === null ? '' : `:value:${zshValues(values)}`}'`),
    );
    const commands = command.commands.map(
      ({ path, about }) => `      '${path.split(' ').at(-1) ?? ''}:${said(about)}'`,
    );
    const nested = command.commands.map(
      ({ path }) => `      ${path.split(' ').at(-1) ?? ''}) _${name}_${path.replaceAll(' ', '_')} ;;`,
    );
    const rest =
      commands.length === 0
        ? [`    '*:argument:${zshValues(command.values)}'`]
        : ["    '1:command:->command'", "    '*::argument:->argument'"];
    const body = [
      `${own}() {`,
      '  local context state state_descr line',
      '  typeset -A opt_args',
      '  _arguments -C \\',
      [...options, ...rest].join(' \\\n'),
      ...(commands.length === 0
        ? []
        : [
            '  case $state in',
            '  command)',
            '    local -a commands=(',
            ...commands,
            '    )',
            "    _describe 'command' commands ;;",
            '  argument)',
            '    case $line[1] in',
            ...nested,
            '    esac ;;',
            '  esac',
          ]),
      '}',
    ];
    return body.join('\n');
  });
  return `#compdef ${name}\n${functions.join('\n')}\nif [[ $funcstack[1] == _${name} ]]; then _${name} "$@"; else \
compdef _${name} ${name}; fi\n`;
}

const zshValues = (values: readonly string[]): string => (values.length === 0 ? '_files' : `(${values.join(' ')})`);

function fish(name: string, root: Completed): string {
  const lines = all(root).flatMap((command) => {
    const words = command.path === '' ? [] : command.path.split(' ');
    const below = command.commands.map(({ path }) => path.split(' ').at(-1) ?? '');
    const isHere = [
      ...words.map((word) => `__fish_seen_subcommand_from ${word}`),
      ...(below.length === 0 ? [] : [`not __fish_seen_subcommand_from ${below.join(' ')}`]),
    ].join('; and ');
    const when = isHere === '' ? '' : ` -n '${isHere}'`;
    return [
      ...command.commands.map(
        ({ path, about }) => `complete -c ${name}${when} -f -a '${path.split(' ').at(-1) ?? ''}' -d '${said(about)}'`,
      ),
      ...command.values.map((value) => `complete -c ${name}${when} -f -a '${value}'`),
      ...command.options.map(({ flags, about, values }) => {
        const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
        const value = values === null ? '' : values.length === 0 ? ' -r' : ` -x -a '${values.join(' ')}'`;
        return `complete -c ${name}${when} ${names.join(' ')}${value} -d '${said(about)}'`;
      }),
    ];
  });
  return `# fish completion of ${name}\n${lines.join('\n')}\n`;
}
