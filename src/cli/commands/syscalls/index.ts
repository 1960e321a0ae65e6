import type { Command } from 'commander';
import type { Act } from '../../act.js';
import { finish } from '../../options/option.js';
import { declareCount } from './count.js';
import { declareDiff } from './diff.js';

/** `bench syscalls`: count system calls, or compare saved counts. Without a command it prints its help. */
export function declareSyscalls(cli: Command, act: Act): void {
  const syscalls = cli
    .command('syscalls')
    .description('count the system calls of containers, or compare saved counts')
    .helpCommand(false);
  declareCount(syscalls, act);
  declareDiff(syscalls, act);
  finish(syscalls, [
    'bench syscalls count --arms before,after --output counts.json',
    'bench syscalls diff old.json new.json',
  ]).action(() =>
    act((io) => {
      io.out(syscalls.helpInformation());
      return Promise.resolve(0);
    }),
  );
}
