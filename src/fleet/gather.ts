import { join, relative, resolve } from 'node:path';
import { BenchError } from '../errors.js';
import type { NodeOutcome, NodeReport, NodeResult } from '../model/host/fleet.js';
import type { Io } from '../model/io.js';
import type { RunResult } from '../model/results/result.js';
import { CHECKSUMS_FILE, foldersIn, readResultFolder, verifyChecksums } from '../results/index.js';
import type { TakenFleet } from '../cli/output/fleet.js';
import { newFleet } from './folder.js';

/**
 * What a cluster's jobs left in a folder, one folder per node in it, as a fleet. Throws `input` where there is none.
 */
export function gatherFrom(from: string, io: Io): TakenFleet {
  const path = resolve(io.cwd, from);
  const names = foldersIn(path);
  if (names.length === 0)
    throw new BenchError('input', `${from}: expected a folder per node, with results folders in it, got none`, {
      hint: 'Copy the volume that the jobs wrote to; bench fleet --from takes its top folder.',
    });
  return {
    folder: { ...newFleet(), path },
    source: path,
    command: [],
    nodes: names.map((name) => nodeReport(path, name)),
  };
}

function nodeReport(root: string, name: string): NodeReport {
  const taken = foldersIn(join(root, name)).map((folder) => take(root, join(root, name, folder)));
  const [first] = taken.flatMap(({ run }) => run ?? []);
  return {
    node: { id: name, name: first?.plan.node ?? name, machine: first?.host.machine ?? 'unknown' },
    outcome: outcomeOf(taken),
  };
}

interface Taken {
  readonly run?: RunResult;
  readonly result?: NodeResult;
  readonly fault?: string;
}

function take(root: string, path: string): Taken {
  try {
    const files = verifyChecksums(path);
    if (files === 0)
      return {
        fault: `${relative(root, path)}: expected ${CHECKSUMS_FILE}, got none: the run was killed before it was closed`,
      };
    return { run: readResultFolder(path), result: { path: relative(root, path), files } };
  } catch (error) {
    if (error instanceof BenchError) return { fault: error.message.replaceAll(`${root}/`, '') };
    throw error;
  }
}

function outcomeOf(taken: readonly Taken[]): NodeOutcome {
  const results = taken.flatMap(({ result }) => result ?? []);
  const faults = taken.flatMap(({ fault }) => fault ?? []);
  if (faults.length > 0) return { state: 'damaged', reason: faults.join('; '), results };
  if (results.length === 0) return { state: 'failed', reason: 'its job left no results folder', results };
  const ended = taken.flatMap(({ run }) => run?.ledger?.ended ?? []);
  return ended.includes('interrupted')
    ? { state: 'unfinished', reason: 'it was told to end before its last block', results }
    : { state: 'measured', exitCode: 0, results };
}
