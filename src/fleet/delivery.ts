import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemReason } from '../errors.js';
import type { FleetNode, NodeOutcome, NodeReport, NodeResult } from '../model/host/fleet.js';
import {
  JOB_LOG,
  readResultFolder,
  replaceFile,
  unpackResults,
  type PackedEnd,
  type UnpackedResult,
} from '../results/index.js';
import type { NodeEnd } from './follow.js';

/** What a job wrote: its parcels, and what its bench said. */
export interface JobOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** A job that has ended, as its cluster tells it. */
export interface EndedTask {
  /** In the cluster's own word. */
  readonly state: string;
  /** The cluster's words on it; may be empty. */
  readonly words: string;
  readonly endedWell: boolean;
  /** `null`: it never had a container, and so wrote nothing. */
  readonly output: (() => Promise<JobOutput>) | null;
}

export interface Delivery {
  readonly node: FleetNode;
  readonly end: NodeEnd<EndedTask>;
  /** The node's folder. */
  readonly parent: string;
  readonly fleetFolder: string;
}

/** A log may arrive later than the end of its job. */
const TRIES = 3;
const PAUSE_MS = 1000;
const INTERRUPTED = 130;
const MOST_REASONS = 5;
const MOST_CHARACTERS = 400;

/** Stores what a node's job wrote: its results folders, verified, and job.log. */
export async function takeDelivery(delivery: Delivery): Promise<NodeReport> {
  const { node, end } = delivery;
  if (end.kind !== 'ended') return { node, outcome: { state: end.kind, reason: end.reason, results: [] } };
  for (let left = TRIES - 1; ; left -= 1) {
    const outcome = await outcomeOf(end.task, delivery);
    if (left === 0 || (outcome.state !== 'damaged' && outcome.state !== 'lost')) return { node, outcome };
    // Another look brings them again.
    for (const { path } of outcome.results) rmSync(join(delivery.fleetFolder, path), { recursive: true });
    await sleep(PAUSE_MS);
  }
}

async function outcomeOf(task: EndedTask, { parent, fleetFolder }: Delivery): Promise<NodeOutcome> {
  if (task.output === null) return { state: 'failed', reason: task.words, results: [] };
  let output: JobOutput;
  try {
    output = await task.output();
  } catch (error) {
    const end = withWords(task.state, task.endedWell ? '' : task.words);
    const reason = `its job ended (${end}), and its output could not be fetched: ${systemReason(error)}`;
    return { state: 'lost', reason, results: [] };
  }
  replaceFile(join(parent, JOB_LOG), output.stderr);
  const { results: unpacked, faults, end } = unpackResults(output.stdout, parent);
  const checked = unpacked.map((result) => ({ result, fault: faultOf(result) }));
  // Nothing stays in the node's folder that no report can be made from.
  for (const { result, fault } of checked) if (fault !== undefined) rmSync(result.path, { recursive: true });
  const results = checked.flatMap(({ result: { path, files }, fault }): NodeResult[] =>
    fault === undefined ? [{ path: relative(fleetFolder, path), files }] : [],
  );
  const wrong = [...faults, ...checked.flatMap(({ fault }) => fault ?? [])];
  if (wrong.length > 0) return { state: 'damaged', reason: inShort(wrong), results };
  if (end !== undefined) return ended(end, output.stderr, results);
  if (task.endedWell) return { state: 'damaged', reason: 'its job ended well, but its output was cut off', results };
  return { state: 'failed', reason: withWords(task.words, lastWords(output.stderr)), results };
}

function ended({ exitCode, words }: PackedEnd, stderr: string, results: readonly NodeResult[]): NodeOutcome {
  const last = words === '' ? lastWords(stderr) : words;
  if (exitCode === INTERRUPTED) return { state: 'unfinished', reason: withWords('it was stopped', last), results };
  if (exitCode !== 0 && exitCode !== 3 && exitCode !== 4)
    return { state: 'failed', reason: withWords(`bench ended with exit code ${exitCode}`, last), results };
  return results.length > 0
    ? { state: 'measured', exitCode, results }
    : { state: 'damaged', reason: 'its job ended well but sent no results', results };
}

/** A sender may be wrong in many ways. */
function inShort(wrong: readonly string[]): string {
  const more = wrong.length > MOST_REASONS ? `; and ${wrong.length - MOST_REASONS} more` : '';
  return `${wrong
    .slice(0, MOST_REASONS)
    .map((each) => each.slice(0, MOST_CHARACTERS))
    .join('; ')}${more}`;
}

const withWords = (what: string, words: string): string => [what, words].filter((part) => part !== '').join(': ');

/** Bench's own last words on why it ended, else the last line. */
function lastWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return (lines.findLast((line) => line.startsWith('bench: ')) ?? lines.at(-1) ?? '').slice(0, 400);
}

/** Why a folder that came whole cannot be reported. */
function faultOf({ path }: UnpackedResult): string | undefined {
  try {
    readResultFolder(path);
    return undefined;
  } catch (error) {
    return systemReason(error);
  }
}
