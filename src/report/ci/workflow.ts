import { plainLine } from '../../model/plain-text.js';

/** One annotation of GitHub Actions. */
export interface Annotation {
  readonly level: 'error' | 'warning';
  /** One line, without Markdown. */
  readonly message: string;
}

/** GitHub shows at most 10 of each level per step. */
const MOST_OF_A_LEVEL = 10;
const LONGEST_MESSAGE = 2000;

/**
 * Annotations as workflow commands, one per line; those that GitHub would not show are left out. `file` is relative to
 * the workspace. The characters that could end a property or the line are written as the runner reads them: `%25`,
 * `%0D`, `%0A`, and in properties `%3A` and `%2C` (actions/runner, ActionCommand.cs).
 */
export function annotationLines(
  annotations: readonly Annotation[],
  { file, title }: { readonly file: string | null; readonly title: string },
): string {
  const properties = [...(file === null ? [] : [`file=${property(file)}`]), `title=${property(title)}`].join(',');
  return (['error', 'warning'] as const)
    .flatMap((level) => annotations.filter((one) => one.level === level).slice(0, MOST_OF_A_LEVEL))
    .map(({ level, message }) => `::${level} ${properties}::${data(withoutCode(message))}\n`)
    .join('');
}

const data = (text: string): string =>
  plainLine(text, LONGEST_MESSAGE).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
const withoutCode = (text: string): string => text.replaceAll('`', '');

/**
 * Text for a log of GitHub Actions, in which no line is a workflow command: the runner obeys a line that begins with
 * `::`, white space aside, and `##[` anywhere in a line.
 */
export const withoutCommands = (text: string): string =>
  text.replace(/^(\s*):(?=:)/gm, '$1: ').replaceAll('##[', '# #[');

/**
 * Values for `$GITHUB_OUTPUT`, each between lines with `delimiter`, which nobody who made a value can know. Every value
 * is one line.
 */
export const outputLines = (values: Readonly<Record<string, string>>, delimiter: string): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}<<${delimiter}\n${plainLine(value)}\n${delimiter}\n`)
    .join('');
