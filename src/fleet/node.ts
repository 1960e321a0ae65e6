import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError, exitCodeFor, interrupted } from '../errors.js';
import { foldersIn, packEnd, packResult, type PackedEnd } from '../results/index.js';

/** What a job of the fleet does on its node. */
export interface NodeRun {
  /** After which the measurement is stopped. */
  readonly limitMs: number;
  /** Measures into a folder until the signal; gives bench's exit code. */
  readonly measure: (resultsFolder: string, signal: AbortSignal) => Promise<number>;
  readonly signal: AbortSignal;
  /** To standard output: nothing else may be written there. */
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/**
 * Measures on this node; then, on standard output, writes its results folders packed as lines, and how it ended.
 * Whatever ends the measurement, what it has is sent: at its limit it ends like one that was stopped, and removes its
 * containers.
 */
export async function runOnNode({ limitMs, measure, signal, out, err }: NodeRun): Promise<void> {
  const results = mkdtempSync(join(tmpdir(), 'bench-fleet-'));
  const ending = new AbortController();
  signal.addEventListener('abort', () => {
    ending.abort(signal.reason);
  });
  const timer = setTimeout(() => {
    ending.abort(interrupted(`stopped after ${limitMs / 1000} s, the limit of the fleet`));
  }, limitMs);
  const end = await endOf(measure(results, ending.signal), err);
  clearTimeout(timer);
  for (const [index, name] of foldersIn(results).entries()) out(packResult(join(results, name), name, index));
  rmSync(results, { recursive: true });
  out(packEnd(end));
}

async function endOf(measuring: Promise<number>, err: NodeRun['err']): Promise<PackedEnd> {
  try {
    return { exitCode: await measuring, words: '' };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    err(`bench: ${words}\n`);
    return { exitCode: error instanceof BenchError ? exitCodeFor(error.code) : 1, words };
  }
}
