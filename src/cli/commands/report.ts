import { resolve } from 'node:path';
import { BenchError } from '../../errors.js';
import type { Io } from '../../model/io.js';
import { findLatestResult } from '../../results/index.js';
import { outputRequest, type RawOutputOptions } from '../options/raw-output.js';
import { planOutput } from '../output/plan.js';

export interface ReportOptions extends RawOutputOptions {
  /** Results folders; none: the newest in `folder`. */
  readonly results: readonly string[];
  /** The folder results are looked for in. */
  readonly folder: string;
}

/** `bench report`: analyses results again and writes the report, and the exports that are asked for. */
export async function run({ results, folder, ...options }: ReportOptions, io: Io): Promise<number> {
  const { concludeFolders, kindOf } = await import('../output/conclude.js');
  const folders = (results.length === 0 ? [latestIn(folder, io)] : results).map((one) => resolve(io.cwd, one));
  const request = outputRequest(options, { kind: kindOf(folders), resultsFolder: null, showCalls: true });
  return concludeFolders(folders, planOutput(request, io), io);
}

function latestIn(folder: string, io: Io): string {
  const latest = findLatestResult(resolve(io.cwd, folder));
  if (latest !== null) return latest;
  throw new BenchError('input', `no results folder in ${folder}`, {
    hint: 'Measure first (bench sequential), or name one: bench report results/NAME.',
  });
}
