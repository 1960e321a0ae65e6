import type { Command } from 'commander';
import { option } from './option.js';

/** Where other tools' formats go: a file, or `-` for standard output. */
export interface ExportOptions {
  readonly exportHyperfine?: string;
  readonly exportGobench?: string;
  readonly exportGithubBenchmark?: string;
  readonly exportBencher?: string;
  readonly exportCsv?: string;
}

/** `--export-*`, of every command that has results. */
export function declareExports(command: Command): Command {
  return command
    .addOption(option('--export-hyperfine <file>', "hyperfine's JSON; - is standard output, here and below", 'output'))
    .addOption(option('--export-gobench <file>', 'Go benchmark text, for benchstat', 'output'))
    .addOption(
      option('--export-github-benchmark <file>', 'github-action-benchmark, tool customSmallerIsBetter', 'output'),
    )
    .addOption(option('--export-bencher <file>', 'Bencher Metric Format', 'output'))
    .addOption(option('--export-csv <file>', 'every sample, warm-up and failures included', 'output'));
}

/** Only the exports, out of all options of a command. */
export const parseExports = ({
  exportHyperfine,
  exportGobench,
  exportGithubBenchmark,
  exportBencher,
  exportCsv,
}: ExportOptions): ExportOptions => ({
  ...(exportHyperfine === undefined ? {} : { exportHyperfine }),
  ...(exportGobench === undefined ? {} : { exportGobench }),
  ...(exportGithubBenchmark === undefined ? {} : { exportGithubBenchmark }),
  ...(exportBencher === undefined ? {} : { exportBencher }),
  ...(exportCsv === undefined ? {} : { exportCsv }),
});
