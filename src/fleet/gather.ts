import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { BenchError, systemReason } from '../errors.js';
import type { NodeOutcome, NodeReport, NodeResult } from '../model/host/fleet.js';
import type { RunResult } from '../model/results/result.js';
import { CHECKSUMS_FILE, FLEET_FILE, foldersIn, readResultFolder, verifyChecksums } from '../results/index.js';
import { newFleet, type FleetFolder } from './folder.js';

/** Every results folder has it, from the moment it is created. */
const PLAN_FILE = 'plan.json';

/**
 * What a cluster's jobs left in a folder, one folder per node in it, as a fleet. Throws `input` for a folder of
 * another kind.
 */
export function gatherFrom(
  from: string,
  cwd: string,
): { readonly folder: FleetFolder; readonly nodes: readonly NodeReport[] } {
  const path = resolve(cwd, from);
  const names = foldersIn(path);
  if (names.length === 0)
    throw new BenchError('input', `${from} has no folder per node`, {
      hint: 'Copy the volume that the jobs wrote to, and give its top folder.',
    });
  const result = [path, ...names.map((name) => join(path, name))].find((each) => existsSync(join(each, PLAN_FILE)));
  if (result !== undefined) {
    const above = relative(cwd, resolve(result, '../..')) || '.';
    throw new BenchError('input', `${relative(cwd, result) || result} is a results folder, not the folder of a node`, {
      hint: `Give the folder that holds one folder per node, probably ${above}.`,
    });
  }
  refuseForeignRecord(join(path, FLEET_FILE));
  return { folder: { ...newFleet(), path }, nodes: names.map((name) => nodeReport(path, name)) };
}

/** An earlier fleet.json is replaced; another program's file of that name is not. Throws `input`. */
function refuseForeignRecord(path: string): void {
  const present = lstatSync(path, { throwIfNoEntry: false });
  if (present === undefined || (present.isFile() && isRecord(path))) return;
  throw new BenchError('input', `${path} is not a record of bench fleet`, {
    hint: 'bench writes its own there. Move it elsewhere first.',
  });
}

function isRecord(path: string): boolean {
  try {
    const { formatVersion, nodes } = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, unknown>>;
    return typeof formatVersion === 'number' && Array.isArray(nodes);
  } catch {
    return false;
  }
}

function nodeReport(root: string, name: string): NodeReport {
  const taken = takenOf(root, name);
  const [first] = taken.flatMap(({ run }) => run ?? []);
  return {
    node: { id: name, name: first?.plan.node ?? name, machine: first?.host.machine ?? 'unknown' },
    outcome: outcomeOf(taken),
  };
}

function takenOf(root: string, name: string): readonly Taken[] {
  try {
    return foldersIn(join(root, name)).map((folder) => take(root, join(root, name, folder)));
  } catch (error) {
    return [{ fault: reasonIn(root, error) }];
  }
}

/** A fault costs the node that has it, whatever it is. */
const reasonIn = (root: string, error: unknown): string => systemReason(error).replaceAll(`${root}/`, '');

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
        fault: `${relative(root, path)} has no ${CHECKSUMS_FILE}: the run was killed before it ended`,
      };
    return { run: readResultFolder(path), result: { path: relative(root, path), files } };
  } catch (error) {
    return { fault: reasonIn(root, error) };
  }
}

function outcomeOf(taken: readonly Taken[]): NodeOutcome {
  const results = taken.flatMap(({ result }) => result ?? []);
  const faults = taken.flatMap(({ fault }) => fault ?? []);
  if (faults.length > 0) return { state: 'damaged', reason: faults.join('; '), results };
  if (results.length === 0) return { state: 'failed', reason: 'its job left no results folder', results };
  const ended = taken.flatMap(({ run }) => run?.ledger?.ended ?? []);
  return ended.includes('interrupted')
    ? { state: 'unfinished', reason: 'it was stopped before its last block', results }
    : { state: 'measured', exitCode: 0, results };
}
