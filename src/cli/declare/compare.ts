import type { Command } from 'commander';
import type { Call } from '../program.js';

type Declared = Omit<import('../commands/compare.js').CompareOptions, 'base' | 'candidate'>;

/** Declares `compare`. */
export function declareCompare(program: Command, call: Call): void {
  program
    .command('compare')
    .description('two results folders beside each other; says what can be drift, as they were not interleaved')
    .argument('<base>', 'results folder')
    .argument('<candidate>', 'results folder')
    .option('--margin <percent>', 'differences below it count as none', '1%')
    .option('--allow-different-host', 'compare although the hosts differ', false)
    .option('--json', 'for a program', false)
    .action((base: string, candidate: string, options: Declared) =>
      call(() => import('../commands/compare.js'), { ...options, base, candidate }),
    );
}
