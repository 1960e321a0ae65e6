import { allCommands, plainText } from './declared.js';
import type { CompletedCommand, CompletedOption, CompletedValue, Place } from './declared.js';

/** The script for fish 3.1 and newer. */
export function fishScript(name: string, root: CompletedCommand): string {
  const commands = allCommands(root);
  const paths = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  return `# fish completion of ${name}
${helpers(name, paths)}
complete -c ${name} -f
${commands.flatMap((command) => linesOf(name, command)).join('\n')}
`;
}

function linesOf(name: string, { path, commands, options, argument }: CompletedCommand): readonly string[] {
  const start = `complete -c ${name} -n '__${name}_at ${path}'`;
  return [
    ...commands.map((command) => `${start} -a '${command.name}' -d '${plainText(command.about)}'`),
    ...(argument.place === 'none' && argument.words.length === 0 ? [] : [`${start} ${valueOf(name, argument)}`]),
    ...options.map((option) => `${start} ${optionOf(name, option)}`),
  ];
}

function optionOf(name: string, { flags, about, value }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  return `${names.join(' ')}${value === null ? '' : ` -r ${valueOf(name, value)}`} -d '${plainText(about)}'`;
}

function valueOf(name: string, { words, place }: CompletedValue): string {
  const offered = [...words, ...FOUND[place](name)];
  const from = place === 'files' || place === 'programs' ? '-F' : '-f';
  return `${from}${offered.length === 0 ? '' : ` -a '${offered.join(' ')}'`}`;
}

const nothing = (): readonly string[] => [];
const folders = (): readonly string[] => ['(__fish_complete_directories (commandline -ct))'];

/** What a place offers where it is not simply every file. */
const FOUND: Readonly<Record<Place, (name: string) => readonly string[]>> = {
  none: nothing,
  files: nothing,
  programs: nothing,
  folders,
  json: (name) => [`(__${name}_json)`],
  results: (name) => [`(__${name}_results)`],
};

const helpers = (name: string, paths: readonly string[]): string => `function __${name}_at
    set -l path
    for word in (commandline -opc)[2..-1]
        set -l next $path $word
        contains -- "$next" ${paths.join(' ')}; and set path $next
    end
    test "$path" = "$argv"
end
function __${name}_results
    set -l found (string match -- (commandline -ct)'*' (string trim -r -c / -- results/*/))
    if count $found >/dev/null
        printf '%s\\n' $found
    else
        __fish_complete_directories (commandline -ct)
    end
end
function __${name}_json
    string match -r -- '^[^\\t]*(?:\\.json|/)(?=\\t|$)' (__fish_complete_path (commandline -ct))
end`;
