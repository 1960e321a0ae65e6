import { resolve } from 'node:path';
import { BenchError } from '../../errors.js';
import type { AnalysedRun } from '../../model/analysis/analysis.js';
import type { Io } from '../../model/io.js';
import { leftOutOf, renderExport } from '../../report/index.js';
import type { ExportFormat } from '../../report/index.js';
import { checkTarget, writeTarget } from './export-target.js';

/** Where other tools' formats go: a file, or `-` for standard output; declared in program-report.ts. */
export interface ExportOptions {
  readonly exportHyperfine?: string;
  readonly exportGobench?: string;
  readonly exportGithubBenchmark?: string;
  readonly exportBencher?: string;
  readonly exportCsv?: string;
}

interface Declared {
  readonly flag: string;
  readonly format: ExportFormat;
  readonly title: string;
}

const DECLARED: Readonly<Record<keyof ExportOptions, Declared>> = {
  exportHyperfine: { flag: '--export-hyperfine', format: 'hyperfine', title: 'hyperfine JSON' },
  exportGobench: { flag: '--export-gobench', format: 'gobench', title: 'Go benchmark text' },
  exportGithubBenchmark: {
    flag: '--export-github-benchmark',
    format: 'githubBenchmark',
    title: 'github-action-benchmark JSON',
  },
  exportBencher: { flag: '--export-bencher', format: 'bencher', title: 'Bencher Metric Format' },
  exportCsv: { flag: '--export-csv', format: 'csv', title: 'CSV of all samples' },
};

interface Target extends Declared {
  /** As it was typed. */
  readonly given: string;
  /** `null` for standard output. */
  readonly path: string | null;
}

/** Exports that can be written, as far as that can be known before there is anything to write. */
export interface ExportPlan {
  readonly targets: readonly Target[];
  /** For all that is said beside the exports: where one of them is standard output, the rest goes to standard error. */
  readonly io: Io;
}

/**
 * Checks where exports shall go; for a run: before it, so that no hour is measured before a typing error shows. Throws
 * `usage` and `input`.
 */
export function planExports(options: ExportOptions, io: Io): ExportPlan {
  const targets = (Object.keys(DECLARED) as (keyof ExportOptions)[]).flatMap((key) => {
    const given = options[key];
    return given === undefined ? [] : [targetOf(DECLARED[key], given, io.cwd)];
  });
  refuseSharing(targets);
  for (const { path, flag } of targets) if (path !== null) checkTarget(path, flag);
  return { targets, io: targets.some(({ path }) => path === null) ? { ...io, out: io.err, colour: false } : io };
}

/**
 * Writes every export of the plan and says, on standard error, what was written and what could not be said in it.
 * Throws `environment`.
 */
export function exportRuns({ targets }: ExportPlan, runs: readonly AnalysedRun[], io: Io): void {
  for (const { path, format, flag, given, title } of targets) {
    const text = renderExport(format, runs);
    if (path === null) {
      io.out(text);
    } else {
      writeTarget(path, text, flag);
      io.err(`${title}: ${given}\n`);
    }
  }
  if (targets.some(({ format }) => format !== 'csv')) {
    for (const line of leftOutOf(runs)) io.err(`export: ${line}; --export-csv has every sample\n`);
  }
}

function targetOf(declared: Declared, given: string, cwd: string): Target {
  // Redirected to a file, /dev/stdout would be that file, to be replaced under the feet of whoever writes to it.
  if (given !== '')
    return { ...declared, given, path: given === '-' || given === '/dev/stdout' ? null : resolve(cwd, given) };
  throw new BenchError('usage', `${declared.flag}: Expected a file, or - for standard output, got nothing`, {
    hint: `For example ${declared.flag} out.txt.`,
  });
}

function refuseSharing(targets: readonly Target[]): void {
  targets.forEach((target, index) => {
    const earlier = targets.slice(0, index).find(({ path }) => path === target.path);
    if (earlier === undefined) return;
    throw new BenchError(
      'usage',
      `${target.flag}: Expected a place of its own, got ${target.path === null ? 'standard output' : target.given}, where ${earlier.flag} goes`,
      { hint: 'Give every export its own file; only one can be -.' },
    );
  });
}
