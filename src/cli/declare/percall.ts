import { Option } from 'commander';
import type { Command } from 'commander';
import { ENGINE_CHOICES } from '../../model/container/container.js';
import { DIALECTS } from '../../model/profile/seccomp.js';
import { DEFAULT_CALLS } from '../../payload/calls.js';
import { DEFAULT_PERCALL_ARMS } from '../../scenario/percall-arms.js';
import { conversionOptions, outcomeOptions } from './measure.js';
import type { Call } from '../program.js';

/** Declares `percall`. */
export function declarePercall(program: Command, call: Call): void {
  const percall = program
    .command('percall')
    .description("what a system call costs under each arm's filter, timed inside containers")
    .option('--calls <list>', 'names, or NAME(ARGUMENT,...)', DEFAULT_CALLS)
    .option(
      '--arms <list>',
      `unconfined,native,after,before; tree and stacked-2 to stacked-4 are after's spec made otherwise (built-in engine), native-tree and so on another's (default: "${DEFAULT_PERCALL_ARMS}", without those that come out equal)`,
    )
    .option('--blocks <n>', 'containers of every arm', '30')
    .option('--rounds <n>', 'loops over every call in each container', '25')
    .option('--loops <n>', 'calls in one loop', '1000')
    .option('--warmup <n>', 'blocks run and marked, but not measured', '1')
    .option('--profile <file>', 'Docker-format profile (default: the built-in one)')
    .addOption(new Option('--dialect <dialect>', 'whose conversion rules').choices(DIALECTS).default('moby'))
    .addOption(
      new Option('--engine <engine>', 'what creates the containers; auto takes the built-in one where an arm needs it')
        .choices(ENGINE_CHOICES)
        .default('auto'),
    )
    .option('--runtime <path>', 'the OCI runtime to use')
    .option('--host <address>', 'docker, podman: where the daemon listens')
    .option('--image <name>', 'docker, podman: an image that is there and holds the payload')
    .option('--seed <n>', 'for the order of arms (default: a new one, printed)')
    .option('--pin [cpu]', 'keep bench and containers on one core')
    .option('--timeout <seconds>', 'after which a container counts as hung', '60')
    .option('--json', 'the summary on standard output, in place of text', false)
    .option('--from <results>', 'make the report of an earlier run again; nothing is measured');
  outcomeOptions(conversionOptions(percall)).action((options: import('../commands/percall.js').PercallOptions) =>
    call(() => import('../commands/percall.js'), options),
  );
}
