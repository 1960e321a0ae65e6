import type { Command } from 'commander';
import type { ExportFiles } from '../output/plan.js';
import { option } from './option.js';

export interface RawExports {
  readonly exportHyperfine?: string;
  readonly exportGobench?: string;
  readonly exportGithubBenchmark?: string;
  readonly exportBencher?: string;
  readonly exportCsv?: string;
}

/** `--export-*`: the numbers for other tools. */
export function declareExports(command: Command): Command {
  return command
    .addOption(option('--export-hyperfine <file>', "hyperfine's JSON; - for standard output, here and below", 'output'))
    .addOption(option('--export-gobench <file>', 'Go benchmark text, for benchstat', 'output'))
    .addOption(
      option('--export-github-benchmark <file>', 'github-action-benchmark, tool customSmallerIsBetter', 'output'),
    )
    .addOption(option('--export-bencher <file>', 'Bencher Metric Format', 'output'))
    .addOption(option('--export-csv <file>', 'every sample, including warm-up and failures', 'output'));
}

/** Files by format; whether they can be written is checked with the other output. */
export const parseExports = ({
  exportHyperfine,
  exportGobench,
  exportGithubBenchmark,
  exportBencher,
  exportCsv,
}: RawExports): ExportFiles => ({
  ...(exportHyperfine === undefined ? {} : { hyperfine: exportHyperfine }),
  ...(exportGobench === undefined ? {} : { gobench: exportGobench }),
  ...(exportGithubBenchmark === undefined ? {} : { githubBenchmark: exportGithubBenchmark }),
  ...(exportBencher === undefined ? {} : { bencher: exportBencher }),
  ...(exportCsv === undefined ? {} : { csv: exportCsv }),
});
