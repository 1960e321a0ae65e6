import { Option } from 'commander';
import type { Command } from 'commander';
import type { Call } from '../program.js';
import { ENGINE_CHOICES } from '../../model/container/container.js';
import { INSPECTION_SORTS } from '../../model/filter/inspection.js';
import { DIALECTS, POLICIES } from '../../model/profile/seccomp.js';

/** Declares `inspect` and `exact`. */
export function declareInspect(program: Command, call: Call): void {
  const inspect = program
    .command('inspect')
    .description(
      'what a filter says to every system call and what that takes: as libseccomp builds it for any architecture, and as really loaded',
    )
    .argument(
      '[profile]',
      'Docker-format profile, OCI linux.seccomp object or config.json; - reads standard input; absent: the built-in default',
    )
    .option('--arch <arch>', "the machine to build for: Go's, uname's or libseccomp's name (default: this one)")
    .option(
      '--runtime <name>',
      'runc, crun or a path: starts a sleeping container and reads what is loaded; with --container the runtime that has it',
    )
    .addOption(
      new Option('--engine <engine>', 'the same with another engine; docker and podman with --container too').choices(
        ENGINE_CHOICES.filter((name) => name !== 'auto'),
      ),
    )
    .option('--container <id>', 'reads the filter of a running container')
    .option('--root <dir>', "with --container: the runtime's state folder")
    .option('--host <address>', 'docker, podman: unix:///path of the daemon')
    .option('--pid <pid>', 'reads the filter of a process')
    .option('--tree', "libseccomp's binary-tree form instead of the plain one", false)
    .option('--section <arch>', "whose calls are listed: libseccomp's name, or all (default: the machine's own)")
    .addOption(new Option('--sort <view>', 'which calls, in which order').choices(INSPECTION_SORTS).default('dearest'))
    .option('--limit <n>', 'rows listed, 0 for all (default: 20 of the dearest, all of other views)')
    .option(
      '--call <name[,arg...]>',
      'explain one call: the instructions executed for every answer, or with these arguments',
    )
    .option('--disassemble', 'print the program with names', false);
  conversionOptions(inspect).action(
    (profile: string | undefined, options: Omit<import('../commands/inspect.js').InspectOptions, 'profile'>) =>
      call(() => import('../commands/inspect.js'), { ...options, ...(profile === undefined ? {} : { profile }) }),
  );

  const exact = program
    .command('exact')
    .description(
      'the exact tier of a comparison for any architecture: bytes, lines and BPF instructions before and after, without a machine of it',
    )
    .argument('[profile]', 'as of inspect')
    .option('--arch <arch>', 'machines, separated by commas, or all that libseccomp knows (default: this one)');
  conversionOptions(exact, false).action(
    (profile: string | undefined, options: Omit<import('../commands/exact.js').ExactOptions, 'profile'>) =>
      call(() => import('../commands/exact.js'), { ...options, ...(profile === undefined ? {} : { profile }) }),
  );
}

function conversionOptions(command: Command, withPolicy = true): Command {
  if (withPolicy)
    command.addOption(new Option('--policy <policy>', 'architectures to copy').choices(POLICIES).default('host'));
  return command
    .addOption(new Option('--dialect <dialect>', 'whose conversion rules').choices(DIALECTS).default('moby'))
    .option('--caps <caps>', 'docker | none | all | CAP_A,CAP_B', 'docker')
    .option('--kernel <version>', "kernel release for minKernel (default: this machine's)")
    .option('--lenient', 'accept in profiles exactly what moby accepts', false)
    .option('--json', 'for programs', false);
}
