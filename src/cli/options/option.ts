import { Option } from 'commander';
import type { Command } from 'commander';
import { unknownName } from '../../errors.js';

/** Headings of `--help`, those most people need first; a command shows only those it has options for. */
export const GROUPS = {
  common: 'Common options:',
  arms: 'Arms and profiles:',
  engine: 'Engine:',
  program: 'Program:',
  run: 'Run:',
  verdict: 'Verdict and gate:',
  calls: 'System calls:',
  filter: 'Filter:',
  output: 'Results, reports and exports:',
} as const;

export type Group = keyof typeof GROUPS;

/** An option under a heading of `--help`. */
export const option = (flags: string, description: string, group: Group): Option =>
  new Option(flags, description).helpGroup(GROUPS[group]);

/** An option that takes one of a known set; another value is refused with the nearest one. `kind`: `an engine`. */
export function choice(
  flags: string,
  description: string,
  group: Group,
  { values, kind }: { readonly values: readonly string[]; readonly kind: string },
): Option {
  return option(flags, description, group)
    .choices(values)
    .argParser((given: string): string => {
      if (values.includes(given)) return given;
      throw unknownName(given, kind, values);
    });
}

/** An older name of an option: works, but is not shown. */
export const alias = (flags: string, description: string): Option => new Option(flags, description).hideHelp();

/** For an option that may be repeated: all its values. */
export const collect = (value: string, all: readonly string[] = []): readonly string[] => [...all, value];

/** Ends a declaration: `-h` stands with the common options, examples below. */
export function finish(command: Command, examples: readonly string[]): Command {
  return command
    .optionsGroup(GROUPS.common)
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}\n`).join('')}`.trimEnd());
}
