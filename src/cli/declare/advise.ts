import { Option } from 'commander';
import type { Command } from 'commander';
import { DIALECTS } from '../../model/profile/seccomp.js';
import { DEFAULT_CALLS } from '../../payload/calls.js';
import { conversionOptions, outcomeOptions } from './measure.js';
import type { Call } from '../program.js';

/** Declares `advise`. */
export function declareAdvise(program: Command, call: Call): void {
  const advise = program
    .command('advise')
    .description(
      'what each option for a profile would save at a start and per call, measured here, and what it means for security',
    )
    .argument('[profile]', 'Docker-format profile (default: the built-in one)')
    .option(
      '--counts <file>',
      'how often calls are made, for the order of rules: the output of strace -c, or a syscalls.json',
    )
    .option('--observe <command>', 'run a command line once under strace and take its counts')
    .option('--calls <list>', 'calls to price, as in bench percall', DEFAULT_CALLS)
    .option('--blocks <n>', 'starts of every arm', '100')
    .option('--call-blocks <n>', 'containers of every arm in which calls are priced', '20')
    .addOption(
      new Option(
        '--engine <engine>',
        'what creates the containers; only the built-in one can make a filter otherwise than runtimes do',
      )
        .choices(['namespaces', 'runc', 'crun', 'oci'])
        .default('namespaces'),
    )
    .option('--runtime <path>', 'the OCI runtime to use')
    .addOption(new Option('--dialect <dialect>', 'whose conversion rules').choices(DIALECTS).default('moby'))
    .option('--seed <n>', 'for the order of arms (default: a new one, printed)')
    .option('--timeout <seconds>', 'after which a container counts as hung', '60')
    .option('--json', 'one JSON document instead of text', false);
  outcomeOptions(conversionOptions(advise)).action(
    (profile: string | undefined, options: Omit<import('../commands/advise.js').AdviseOptions, 'profile'>) =>
      call(() => import('../commands/advise.js'), { ...options, ...(profile === undefined ? {} : { profile }) }),
  );
}
