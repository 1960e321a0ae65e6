import type { Command } from 'commander';
import type { ExportOptions } from '../options/raw-output.js';
import type { Call } from '../program.js';

interface Declared extends ExportOptions {
  readonly results: string;
  readonly reports: string;
  readonly name?: string;
  readonly margin: string;
}

/** Declares `report`. */
export function declareReport(program: Command, call: Call): void {
  const report = program
    .command('report')
    .description('recompute everything from the samples and write a report: page, pictures, summaries')
    .argument('[results...]', 'results folders; several make one report (default: the newest)')
    .option('--results <dir>', 'where the newest results folder is looked for', 'results')
    .option('--reports <dir>', 'where reports are made', 'reports')
    .option('--name <name>', "the report's folder (default: named after the results)")
    .option('--margin <percent>', 'differences below it count as none', '1%');
  exportOptions(report).action((results: readonly string[], { results: folder, ...options }: Declared) =>
    call(() => import('../commands/report.js'), { ...options, folder, results }),
  );
}

/** How the numbers are given to other tools; of every command that has results. */
export function exportOptions(command: Command): Command {
  return command
    .option('--export-hyperfine <file>', "hyperfine's JSON; - is standard output, here and below")
    .option('--export-gobench <file>', 'Go benchmark text, for benchstat')
    .option('--export-github-benchmark <file>', 'github-action-benchmark, tool customSmallerIsBetter')
    .option('--export-bencher <file>', 'Bencher Metric Format')
    .option('--export-csv <file>', 'every sample, warm-up and failures too');
}
