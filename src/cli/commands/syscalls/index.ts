import type { Command } from 'commander';
import type { Act } from '../../act.js';
import { unknownName } from '../../../errors.js';
import { finish } from '../../options/option.js';
import { declareCount } from './count.js';
import { declareDiff } from './diff.js';

const COMMANDS = ['count', 'diff'];
const HINT = 'bench syscalls --help lists the commands.';

/** `bench syscalls`: count system calls, or compare saved counts. Without a command it prints its help. */
export function declareSyscalls(cli: Command, act: Act): void {
  const syscalls = cli
    .command('syscalls')
    .summary('count system calls and compare counts')
    .description('count the system calls of containers, or compare saved counts')
    .helpCommand(false);
  declareCount(syscalls, act);
  declareDiff(syscalls, act);
  finish(syscalls, [
    'bench syscalls count --arms before,after --output counts.json',
    'bench syscalls diff old.json new.json',
  ])
    .allowExcessArguments()
    .action(() =>
      act((io) => {
        const [given] = syscalls.args;
        if (given !== undefined) throw unknownName(given, 'a command', COMMANDS, { hint: HINT });
        io.out(syscalls.helpInformation());
        return Promise.resolve(0);
      }),
    );
}
