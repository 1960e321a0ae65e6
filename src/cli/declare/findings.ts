import { Option } from 'commander';
import type { Command } from 'commander';
import { PROFILERS } from '../../model/results/workload-findings.js';

/** What is found out of a program beside its times, in runs of its own. */
export function findingOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--profile-with <profiler>',
        'keep a profile of the program under each arm, of runs that are not timed',
      ).choices(PROFILERS),
    )
    .option('--touch <list>', 'also price a call after touching so many MiB: 0,1,8:random,64:sequential')
    .option('--no-explain', 'times alone: no system calls counted, no prices, no start cost taken');
}
