import { resolve } from 'node:path';
import { BenchError } from '../errors.js';
import type { Io } from '../model/io.js';

/** Path of the newest results folder in a folder; `command`: the one that asks. Throws `input` where there is none. */
export async function latestResults(folder: string, command: string, { cwd }: Pick<Io, 'cwd'>): Promise<string> {
  const { findLatestResult } = await import('../results/index.js');
  const latest = findLatestResult(resolve(cwd, folder));
  if (latest !== null) return latest;
  throw new BenchError('input', `no results folder in ${folder}`, {
    hint: `Measure first (bench sequential), or give one: ${command} results/NAME.`,
  });
}
