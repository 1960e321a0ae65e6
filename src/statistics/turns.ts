import { BenchError } from '../errors.js';
import type { BatchSample, OkSample, Sample } from '../model/sample.js';
import { blocksOf, containersPerTurn, type Scenario } from '../model/scenario.js';
import { at, type Series } from './moments.js';

/**
 * What each arm did in each measured block: series indexed by arm * blocks + block.
 * A turn is one container (sequential) or one batch (parallel).
 */
export interface Turns {
  readonly arms: readonly string[];
  /** Planned blocks. */
  readonly blocks: number;
  /** Planned containers of one turn. */
  readonly perTurn: number;
  readonly ok: Series;
  /** Failed or timed out. */
  readonly failed: Series;
  /** Containers in flight when the user stopped the run: not run to the end, and no failure of their arm. */
  readonly interrupted: number;
  /** Place of the arm in its block's order; -1 where the turn never came. */
  readonly position: Series;
  /** Container's wall time or batch's makespan; NaN where there is none. */
  readonly wallNs: Series;
  /** User + system time, summed over the turn's ok containers. */
  readonly cpuNs: Series;
  /** Sum of ln(wall) over the turn's ok containers. */
  readonly latencyLogs: Series;
  /** Wall times of the arm's ok containers in run order. */
  readonly containerWallNs: readonly number[][];
  /** Blocks in which every container of every arm was ok, ascending. */
  readonly complete: Series;
}

type Open = Omit<Turns, 'complete' | 'interrupted'>;

/** Sorts the measured samples into turns; warm-up is left out. A sample outside the plan is an input error. */
export function collectTurns(scenario: Scenario, samples: readonly Sample[]): Turns {
  const turns = emptyTurns(scenario);
  let interrupted = 0;
  const armIndex = new Map(turns.arms.map((arm, index) => [arm, index]));
  for (const sample of samples) {
    if (sample.warmup) continue;
    const arm = armIndex.get(sample.arm);
    if (arm === undefined || sample.block < 0 || sample.block >= turns.blocks) throw outsidePlan(sample, turns);
    const turn = arm * turns.blocks + sample.block;
    turns.position[turn] = sample.position;
    if (sample.kind === 'batch') addBatch(turns, turn, sample);
    else if (sample.state === 'ok') addContainer(turns, arm, turn, sample, scenario.kind === 'sequential');
    else if (sample.state === 'interrupted') interrupted++;
    else turns.failed[turn] = at(turns.failed, turn) + 1;
  }
  return { ...turns, interrupted, complete: completeBlocks(turns) };
}

function emptyTurns(scenario: Scenario): Open {
  const blocks = blocksOf(scenario);
  const size = blocks * scenario.arms.length;
  return {
    arms: scenario.arms.map((arm) => arm.name),
    blocks,
    perTurn: containersPerTurn(scenario),
    ok: new Float64Array(size),
    failed: new Float64Array(size),
    position: new Float64Array(size).fill(-1),
    wallNs: new Float64Array(size).fill(Number.NaN),
    cpuNs: new Float64Array(size),
    latencyLogs: new Float64Array(size),
    containerWallNs: scenario.arms.map(() => []),
  };
}

function addBatch(turns: Open, turn: number, { makespanNs }: BatchSample): void {
  if (makespanNs !== undefined) turns.wallNs[turn] = makespanNs;
}

function addContainer(turns: Open, arm: number, turn: number, sample: OkSample, alone: boolean): void {
  turns.ok[turn] = at(turns.ok, turn) + 1;
  turns.cpuNs[turn] = at(turns.cpuNs, turn) + sample.userNs + sample.systemNs;
  turns.containerWallNs[arm]?.push(sample.wallNs);
  if (alone) turns.wallNs[turn] = sample.wallNs;
  else turns.latencyLogs[turn] = at(turns.latencyLogs, turn) + Math.log(sample.wallNs);
}

/** Whether every container of a turn was ok and its wall time is known. */
export const isComplete = (turns: Open, turn: number): boolean =>
  at(turns.ok, turn) === turns.perTurn && at(turns.failed, turn) === 0 && !Number.isNaN(at(turns.wallNs, turn));

function completeBlocks(turns: Open): Series {
  const complete: number[] = [];
  for (let block = 0; block < turns.blocks; block++) {
    if (turns.arms.every((_, arm) => isComplete(turns, arm * turns.blocks + block))) complete.push(block);
  }
  return new Float64Array(complete);
}

function outsidePlan(sample: Sample, turns: Open): BenchError {
  return new BenchError('input',
    `samples: Expected an arm of ${turns.arms.join(', ')} and a block from 0 to ${turns.blocks - 1}, got arm ${sample.arm}, block ${sample.block}`,
    { hint: 'The samples belong to another plan: keep each run in the folder it was written to.' });
}
