import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BenchError, exitCodeFor, interrupted, systemReason } from '../errors.js';
import { foldersIn, packEnd, packResult, type PackedEnd } from '../results/index.js';

/** What a job of the fleet does on its node. */
export interface NodeRun {
  /** After which the measurement is stopped. */
  readonly limitMs: number;
  /** Of all parcels; larger results are not sent, for a log that would be cut. `null`: no limit. */
  readonly largestBytes: number | null;
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
export async function runOnNode({ limitMs, largestBytes, measure, signal, out, err }: NodeRun): Promise<void> {
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
  const { parcels, faults } = packed(results);
  rmSync(results, { recursive: true });
  const bytes = parcels.reduce((sum, { length }) => sum + length, 0);
  if (largestBytes !== null && bytes > largestBytes) {
    const words = `the results are ${mebibytes(bytes)} as lines of a log, over the limit of ${mebibytes(largestBytes)}`;
    out(`\n${packEnd({ exitCode: 1, words, results: 0 })}`);
    return;
  }
  // The log may have both streams in one: a line of the other must not be in front of a parcel's first.
  for (const parcel of parcels) out(`\n${parcel}`);
  const [fault] = faults;
  const last = fault === undefined ? end : { exitCode: 1, words: end.words === '' ? fault : `${end.words}; ${fault}` };
  out(`\n${packEnd({ ...last, results: parcels.length })}`);
}

/** Every results folder that can be sent. */
function packed(results: string): { readonly parcels: readonly string[]; readonly faults: readonly string[] } {
  const parcels: string[] = [];
  const faults: string[] = [];
  for (const name of foldersIn(results)) {
    try {
      parcels.push(packResult(join(results, name), name, parcels.length));
    } catch (error) {
      faults.push(`its results could not be sent: ${systemReason(error)}`);
    }
  }
  return { parcels, faults };
}

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

async function endOf(measuring: Promise<number>, err: NodeRun['err']): Promise<Omit<PackedEnd, 'results'>> {
  try {
    return { exitCode: await measuring, words: '' };
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    err(`bench: ${words}\n`);
    return { exitCode: error instanceof BenchError ? exitCodeFor(error.code) : 1, words };
  }
}
