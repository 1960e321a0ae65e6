import type { AnalysedRun } from '../../model/analysis/analysis.js';
import { renderBencher } from './bencher.js';
import { renderCsv } from './csv.js';
import { renderGithubBenchmark } from './github-benchmark.js';
import { renderGoBenchmark } from './go-benchmark.js';
import { renderHyperfine } from './hyperfine.js';

export { renderCapacityCsv } from './capacity-csv.js';
export { CALLS_FORMATS, leftOutOfCalls, renderCallsExport } from './calls.js';
export type { CallsFormat } from './calls.js';
export { leftOutOf } from './left-out.js';

/** Formats in which other tools can check the numbers. */
export type ExportFormat = 'hyperfine' | 'gobench' | 'githubBenchmark' | 'bencher' | 'csv';

const RENDER: Readonly<Record<ExportFormat, (runs: readonly AnalysedRun[]) => string>> = {
  hyperfine: renderHyperfine,
  gobench: renderGoBenchmark,
  githubBenchmark: renderGithubBenchmark,
  bencher: renderBencher,
  csv: renderCsv,
};

/** The runs in another tool's format, as the whole text of a file. */
export const renderExport = (format: ExportFormat, runs: readonly AnalysedRun[]): string => RENDER[format](runs);
