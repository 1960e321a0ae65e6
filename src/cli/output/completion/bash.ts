import { allCommands } from './declared.js';
import type { CompletedCommand, CompletedValue } from './declared.js';

/** The script for bash 4 and newer; it needs nothing of the package bash-completion. */
export function bashScript(name: string, root: CompletedCommand): string {
  const commands = allCommands(root);
  const known = commands.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`);
  const values = commands.flatMap(({ path, options }) =>
    options.flatMap(({ flags, value }) =>
      value === null
        ? []
        : [`    ${flags.map((flag) => `'${path}:${flag}'`).join('|')}) ${offer(name, value)}; return ;;`],
    ),
  );
  return `# bash completion of ${name}
${helpers(name)}
_${name}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]} path='' options='' foreign=''
  local -a known=(${known.join(' ')})
  local index word candidate
  COMPREPLY=()
  # bash takes --engine=runc for three words.
  if [[ $current == = ]]; then
    current=''
  elif [[ $previous == = && $COMP_CWORD -gt 2 ]]; then
    previous=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((index = 1; index < COMP_CWORD; index += 1)); do
    if [[ \${COMP_WORDS[index]} == -- ]]; then foreign=yes; break; fi
    word="\${path:+$path }\${COMP_WORDS[index]}"
    for candidate in "\${known[@]}"; do
      if [[ $word == "$candidate" ]]; then path=$word; fi
    done
  done
  if [[ -n $foreign ]]; then
    _${name}_offer programs
    return
  fi
  case "$path:$previous" in
${values.join('\n')}
  esac
  case "$path" in
${commands.map((command) => `    '${command.path}') ${wordsOf(name, command)} ;;`).join('\n')}
  esac
  if [[ $current == -* || ( -z $current && \${#COMPREPLY[@]} -eq 0 ) ]]; then
    COMPREPLY=($(compgen -W "$options" -- "$current"))
  fi
}
complete -F _${name} ${name}
`;
}

/** What a command can be followed by: its commands, values and files, and its options once a dash is typed. */
function wordsOf(name: string, { commands, options, argument }: CompletedCommand): string {
  const flags = options.flatMap((option) => option.flags.filter((flag) => flag.startsWith('--')));
  // Programs come after --.
  const place = argument.place === 'programs' ? 'none' : argument.place;
  const words = [...commands.map((command) => command.name), ...argument.words];
  return `options='${flags.join(' ')}'; ${offer(name, { words, place })}`;
}

const offer = (name: string, { words, place }: CompletedValue): string =>
  `_${name}_offer ${place}${words.length === 0 ? '' : ` '${words.join(' ')}'`}`;

/** Names of files may have spaces, so each line is one. */
const helpers = (name: string): string => `_${name}_offer() {
  local folder
  COMPREPLY=()
  [[ -z \${2:-} ]] || COMPREPLY=($(compgen -W "$2" -- "$current"))
  case $1 in
    none) return ;;
    files) mapfile -t -O \${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current") ;;
    folders) mapfile -t -O \${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$current") ;;
    json)
      mapfile -t -O \${#COMPREPLY[@]} COMPREPLY < <(compgen -d -- "$current"; compgen -f -X '!*.json' -- "$current") ;;
    programs) mapfile -t -O \${#COMPREPLY[@]} COMPREPLY < <(compgen -c -- "$current"; compgen -f -- "$current") ;;
    results)
      for folder in results/*/; do
        [[ ! -d $folder || \${folder%/} != "$current"* ]] || COMPREPLY+=("\${folder%/}")
      done
      [[ \${#COMPREPLY[@]} -gt 0 ]] || mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
  esac
  compopt -o filenames 2>/dev/null
}`;
