import { Option } from 'commander';
import type { Command } from 'commander';
import { findingOptions } from './findings.js';
import { collect, commonShape, runOptions } from './measure.js';
import type { Call } from '../program.js';
import { WORKLOAD_VIAS } from '../../model/run/workload.js';

/** Declares `workload`. */
export function declareWorkload(program: Command, call: Call): void {
  const workload = program
    .command('workload')
    .description(
      'any command in a container under each arm, interleaved: what the filter costs it, and whether its system calls explain that',
    )
    .argument('[command...]', 'the command and its arguments, after a --')
    .option('--count <n>', 'measured runs per arm = blocks (default: 30; with --until or --budget the most they allow)')
    .option(
      '--arms <list>',
      "unconfined,default,before,after,native; default is Docker's default profile; the control is added",
      'unconfined,default',
    )
    .option('--arm <name=profile:policy>', 'one more arm; may be repeated', collect)
    .option(
      '--bind-host',
      "let the host's /usr, /bin and /lib be seen inside, read-only, so that its own programs run without an image",
      false,
    )
    .option('--bind <path[:place]>', "one more file or folder of the host's, read-only; may be repeated", collect)
    .option('--rootfs <dir>', "a folder that is the container's root; nothing is written into it")
    .option('--env <name=value>', 'a variable of its environment; may be repeated', collect)
    .option('--cwd <dir>', 'the folder inside it starts in (default: /)')
    .addOption(
      new Option(
        '--via <how>',
        'run: a container of its own each time; exec: in a container that runs already, as docker exec does',
      )
        .choices(WORKLOAD_VIAS)
        .default('run'),
    );
  commonShape(workload);
  runOptions(findingOptions(workload)).action(
    (command: readonly string[], options: Omit<import('../commands/workload.js').WorkloadOptions, 'command'>) =>
      call(() => import('../commands/workload.js'), { ...options, command }),
  );
}
