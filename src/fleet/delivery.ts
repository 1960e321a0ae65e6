import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Swarm, SwarmTask } from '../engine/index.js';
import { BenchError, systemReason } from '../errors.js';
import type { FleetNode, NodeOutcome, NodeReport, NodeResult } from '../model/host/fleet.js';
import { readResultFolder, unpackResults, type PackedEnd, type UnpackedResult } from '../results/index.js';
import type { FleetGroup } from './plan.js';
import type { JobEnd } from './watch.js';

export interface Delivery {
  readonly swarm: Pick<Swarm, 'output'>;
  readonly node: FleetNode;
  readonly end: JobEnd;
  /** The node's folder. */
  readonly parent: string;
  readonly fleetFolder: string;
  readonly images: readonly FleetGroup[];
}

/** A log may arrive later than the end of its job. */
const TRIES = 3;
const PAUSE_MS = 1000;
const INTERRUPTED = 130;

/** Stores what a node's job wrote: its results folders, verified, and job.log. */
export async function takeDelivery(delivery: Delivery): Promise<NodeReport> {
  const { node, end } = delivery;
  if (end.kind !== 'ended') return { node, outcome: { state: end.kind, reason: end.reason, results: [] } };
  for (let left = TRIES - 1; ; left -= 1) {
    const outcome = await outcomeOf(end.task, delivery);
    if (left === 0 || (outcome.state !== 'damaged' && outcome.state !== 'lost')) return { node, outcome };
    await sleep(PAUSE_MS);
  }
}

async function outcomeOf(task: SwarmTask, { swarm, parent, fleetFolder, images }: Delivery): Promise<NodeOutcome> {
  // A task rejected before it had a container wrote nothing.
  if (task.state === 'rejected') return { state: 'failed', reason: withRemedy(task.words, images), results: [] };
  let output: { readonly stdout: string; readonly stderr: string };
  try {
    output = await swarm.output(task.id);
  } catch (error) {
    return {
      state: 'lost',
      reason: `its job ended (${task.state}), and its output could not be fetched: ${systemReason(error)}`,
      results: [],
    };
  }
  writeFileSync(join(parent, 'job.log'), output.stderr);
  const { results: unpacked, faults, end } = unpackResults(output.stdout, parent);
  const checked = unpacked.map((result) => ({ result, fault: faultOf(result) }));
  const results = checked.flatMap(({ result: { path, files }, fault }): NodeResult[] =>
    fault === undefined ? [{ path: relative(fleetFolder, path), files }] : [],
  );
  const wrong = [...faults, ...checked.flatMap(({ fault }) => fault ?? [])];
  if (wrong.length > 0) return { state: 'damaged', reason: wrong.join('; '), results };
  if (end !== undefined) return ended(end, output.stderr, results);
  if (task.state === 'complete')
    return { state: 'damaged', reason: 'its job ended well, but its output was cut off', results };
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

const withWords = (what: string, words: string): string => [what, words].filter((part) => part !== '').join(': ');

/** Bench's own last words on why it ended, else the last line. */
function lastWords(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return (lines.findLast((line) => line.startsWith('bench: ')) ?? lines.at(-1) ?? '').slice(0, 400);
}

function withRemedy(words: string, images: readonly FleetGroup[]): string {
  const image = images.find(({ imageId }) => words.includes(imageId));
  if (image === undefined || !/no such image/i.test(words)) return words;
  return `${words}. Load ${image.imageName} there: docker save ${image.imageName} | ssh NODE docker load`;
}

/** Why a folder that came whole cannot be reported. */
function faultOf({ path }: UnpackedResult): string | undefined {
  try {
    readResultFolder(path);
    return undefined;
  } catch (error) {
    if (error instanceof BenchError) return error.message;
    throw error;
  }
}
