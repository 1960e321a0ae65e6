import { Option } from 'commander';
import type { Command } from 'commander';
import { ENGINE_CHOICES } from '../../model/container/container.js';
import type { Call } from '../program.js';
import { armOptions, conversionOptions, countingOptions, profileOptions } from './measure.js';

/** Declares `syscalls count` and `syscalls diff`. */
export function declareSyscalls(program: Command, call: Call): void {
  const syscalls = program
    .command('syscalls')
    .description('system calls of containers: count them, or compare saved counts');
  const count = syscalls
    .command('count')
    .description(
      "count every arm's system calls, runtime and container apart; nothing is timed, and no control is added",
    );
  countingOptions(
    conversionOptions(profileOptions(armOptions(count)))
      .addOption(new Option('--engine <engine>', 'what creates the containers').choices(ENGINE_CHOICES).default('auto'))
      .option(
        '--runtime <path>',
        'the OCI runtime (or lxc-start) to use; with docker and containerd the name of one it is configured with',
      )
      .option('--host <address>', 'docker, podman: unix:///path (a daemon on this machine is traced, which needs root)')
      .option('--image <name>', 'docker, podman: an image that is there and holds the payload'),
  )
    .option('--timeout <seconds>', 'after which a container counts as hung', '60')
    .option('--output <file>', 'keep the counts, for bench syscalls diff')
    .option('--all', 'every call in the tables', false)
    .option('--json', 'for a program', false)
    .action((options: import('../commands/syscalls/count.js').SyscallsCountOptions) =>
      call(() => import('../commands/syscalls/count.js'), options),
    );

  syscalls
    .command('diff')
    .description('two saved counts: results folders, files of --output, or outputs of strace -c')
    .argument('<before>', 'folder or file')
    .argument('<after>', 'folder or file')
    .option('--all', 'also calls that only vary between runs', false)
    .option('--json', 'for a program', false)
    .action(
      (
        before: string,
        after: string,
        options: Omit<import('../commands/syscalls/diff.js').SyscallsDiffOptions, 'before' | 'after'>,
      ) => call(() => import('../commands/syscalls/diff.js'), { ...options, before, after }),
    );
}
