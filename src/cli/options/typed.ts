import type { Command, Option } from 'commander';

/** The options that were typed, as words of a command line, without those named in `except` (as properties). */
export function typedOptions(command: Command, except: readonly string[]): readonly string[] {
  return command.options
    .filter((one) => !except.includes(one.attributeName()))
    .filter((one) => command.getOptionValueSource(one.attributeName()) === 'cli')
    .flatMap((one) => words(one, command.getOptionValue(one.attributeName()) as unknown));
}

/** An option and its negation share a property; only the one that was typed gives words. */
function words(one: Option, value: unknown): readonly string[] {
  const flag = one.long ?? one.short ?? '';
  if (one.negate) return value === false ? [flag] : [];
  if (value === true) return [flag];
  if (Array.isArray(value)) return value.flatMap((item) => [flag, String(item)]);
  return typeof value === 'string' ? [flag, value] : [];
}
