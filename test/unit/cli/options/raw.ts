import { Command } from 'commander';

/** What commander makes of some words, by the declarations of an option group. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller knows its declarations
export function raw<Raw>(declare: (command: Command) => Command, words: readonly string[] = []): Raw {
  const command = new Command('test').exitOverride().configureOutput({ writeErr: () => undefined });
  declare(command);
  command.parse([...words], { from: 'user' });
  return command.opts() as Raw;
}
