import type { Command } from 'commander';
import type { Call } from './program.js';

interface Declared {
  readonly results: string;
  readonly reports: string;
  readonly name?: string;
  readonly margin: string;
}

/** Declares `report`. */
export function declareReport(program: Command, call: Call): void {
  program
    .command('report')
    .description('recompute everything from the samples and write a report: page, pictures, summaries')
    .argument('[results...]', 'results folders; several make one report (default: the newest)')
    .option('--results <dir>', 'where the newest results folder is looked for', 'results')
    .option('--reports <dir>', 'where reports are made', 'reports')
    .option('--name <name>', "the report's folder (default: named after the results)")
    .option('--margin <percent>', 'differences below it count as none', '1%')
    .action((results: readonly string[], { results: folder, ...options }: Declared) =>
      call(() => import('./report.js'), { ...options, folder, results }));
}
