import { join } from 'node:path';
import { BenchError, notFound, systemReason } from '../../errors.js';
import { holdProgram } from '../../process/program/held.js';
import { runTool } from '../../process/run-tool.js';

/** What is sampled, and where perf may write. */
export interface ChainOrder {
  readonly perf: string | undefined;
  /** A program that holds something until its standard input ends, with its arguments. */
  readonly command: readonly string[];
  readonly intervalNs: number;
  readonly folder: string;
  readonly signal: AbortSignal;
}

const LIMIT_MS = 120_000;

/**
 * Functions of the kernel in which a program and its children were, the innermost first: one list for each time that a
 * clock ticked while they were in the kernel (cpu-clock of perf, which virtual machines have too). Where interrupts are
 * off, the tick is seen once they are on again. Throws `environment` where perf may not sample the kernel.
 */
export async function kernelChains(order: ChainOrder): Promise<readonly (readonly string[])[]> {
  const { perf, command, intervalNs, folder, signal } = order;
  if (perf === undefined)
    throw notFound('perf', 'PATH', { hint: 'apt-get install --no-install-recommends linux-perf' });
  const file = join(folder, 'perf.data');
  const record = ['record', '-q', '-e', 'cpu-clock:k', '-c', String(intervalNs), '-g', '-o', file, '--', ...command];
  try {
    const held = await holdProgram(perf, record, { timeoutMs: LIMIT_MS, signal });
    await held[Symbol.asyncDispose]();
  } catch (cause) {
    signal.throwIfAborted();
    throw refused(systemReason(cause), cause);
  }
  const { exitCode, stdout, stderr } = await runTool(perf, ['script', '--no-inline', '-F', 'ip,sym', '-i', file], {
    timeoutMs: LIMIT_MS,
  });
  if (exitCode !== 0) throw refused(stderr.trim());
  return chainsIn(stdout);
}

const refused = (reason: string, cause?: unknown): BenchError =>
  new BenchError('environment', `perf could not sample the kernel: ${reason}`, {
    hint: 'It takes root on the machine itself, or kernel.perf_event_paranoid of 1 or less.',
    cause,
  });

/** The samples that `perf script -F ip,sym` lists, with an empty line between two. */
export const chainsIn = (text: string): readonly (readonly string[])[] =>
  text
    .split('\n\n')
    .map((sample) => [...sample.matchAll(/^\s+[0-9a-f]+ (\S+)/gm)].map(([, name = '']) => name))
    .filter((chain) => chain.length > 0);
