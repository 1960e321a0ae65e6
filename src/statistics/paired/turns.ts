import { invalidValue, type BenchError } from '../../errors.js';
import { isDuet } from '../../model/run/duet.js';
import type { BatchSample, ContainerSample, FailedSample, OkSample, Sample } from '../../model/results/sample.js';
import { MEASURED, OTHER, SampleTable, type SampleSet } from '../../model/results/sample-table.js';
import { blocksOf, containersPerTurn, type Scenario } from '../../model/run/scenario.js';
import { at, type Series } from '../distributions/moments.js';
import { addToPair, completeDuetBlocks, openDuetTurns, type DuetTurns, type OpenDuetTurns } from './duet-turns.js';

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
  readonly parallel: boolean;
  readonly ok: Series;
  /** Failed or timed out. */
  readonly failed: Series;
  /** Containers in flight when the user stopped the run: not run to the end, and no failure of their arm. */
  readonly interrupted: number;
  /** The same by the arm's place in the plan. */
  readonly interruptedByArm: readonly number[];
  /** Place of the arm in its block's order; -1 where the turn was not run. */
  readonly position: Series;
  /** Container's wall time or batch's makespan; NaN where there is none. */
  readonly wallNs: Series;
  /** User + system time, summed over the turn's ok containers. */
  readonly cpuNs: Series;
  /** Largest of the turn's ok containers. */
  readonly maxRssKiB: Series;
  /** Voluntary and involuntary, summed over the turn's ok containers. */
  readonly contextSwitches: Series;
  /** Minor and major, summed over the turn's ok containers. */
  readonly pageFaults: Series;
  /** Of the turn's ok container; 0 where they were not counted. */
  readonly userInstructions: Series;
  readonly kernelInstructions: Series;
  /** Whether any container's instructions were counted. */
  readonly hasInstructions: boolean;
  /** Sum of ln(wall) over the turn's ok containers. */
  readonly latencyLogs: Series;
  /** Wall times of the arm's ok containers in run order; only where a turn has several. */
  readonly containerWallNs: readonly number[][];
  /** Blocks in which every container of every arm was ok, ascending; of a run with duet blocks the solo ones. */
  readonly complete: Series;
  /**
   * The duet blocks, whose containers only count in `ok` and `failed` above; `null`: the run has none. `complete`:
   * those in which every container was ok.
   */
  readonly duet: (DuetTurns & { readonly complete: Series }) | null;
}

/** Complete blocks of either kind. */
export const completeCount = ({ complete, duet }: Pick<Turns, 'complete' | 'duet'>): number =>
  complete.length + (duet?.complete.length ?? 0);

/** Turns of a whole run. */
export interface CollectedTurns extends Turns {
  /** Containers that failed or timed out, of warm-up too, in run order. */
  readonly failures: readonly FailedSample[];
}

/** Turns to which samples are still added. */
export type OpenTurns = Omit<Turns, 'complete' | 'interrupted' | 'interruptedByArm' | 'duet' | 'hasInstructions'> & {
  hasInstructions: boolean;
  readonly duet: OpenDuetTurns | null;
  interrupted: number;
  readonly interruptedByArm: number[];
  readonly armIndex: ReadonlyMap<string, number>;
};

/** Sorts the measured samples into turns; warm-up is left out. A sample outside the plan is an input error. */
export function collectTurns(scenario: Scenario, samples: SampleSet, blocks = blocksOf(scenario)): CollectedTurns {
  const turns = openTurns(scenario, blocks);
  const failures: FailedSample[] = [];
  const add = (sample: Sample): void => {
    addSample(turns, sample);
    if (sample.kind === 'container' && sample.state !== 'ok' && sample.state !== 'interrupted') failures.push(sample);
  };
  if (samples instanceof SampleTable) addTable(turns, samples, add);
  else samples.forEach(add);
  return { ...closeTurns(turns), failures };
}

/** Turns of that many blocks, still without samples. */
export function openTurns(scenario: Scenario, blocks: number): OpenTurns {
  const size = blocks * scenario.arms.length;
  const arms = scenario.arms.map((arm) => arm.name);
  return {
    arms,
    armIndex: new Map(arms.map((arm, index) => [arm, index])),
    blocks,
    perTurn: containersPerTurn(scenario),
    parallel: scenario.kind === 'parallel',
    ok: new Float64Array(size),
    failed: new Float64Array(size),
    interrupted: 0,
    interruptedByArm: arms.map(() => 0),
    position: new Float64Array(size).fill(-1),
    wallNs: new Float64Array(size).fill(Number.NaN),
    cpuNs: new Float64Array(size),
    maxRssKiB: new Float64Array(size),
    contextSwitches: new Float64Array(size),
    pageFaults: new Float64Array(size),
    userInstructions: new Float64Array(size),
    kernelInstructions: new Float64Array(size),
    hasInstructions: false,
    latencyLogs: new Float64Array(size),
    containerWallNs: arms.map(() => []),
    duet: isDuet(scenario) ? openDuetTurns(scenario.arms, blocks) : null,
  };
}

/** Adds one sample, in any order; warm-up is ignored. */
export function addSample(turns: OpenTurns, sample: Sample): void {
  if (sample.warmup) return;
  const arm = turns.armIndex.get(sample.arm);
  if (arm === undefined || sample.block < 0 || sample.block >= turns.blocks) throw outsidePlan(sample, turns);
  const turn = arm * turns.blocks + sample.block;
  if (sample.kind === 'container' && sample.partner !== undefined) {
    addPaired(turns, arm, sample);
    return;
  }
  turns.position[turn] = sample.position;
  if (sample.kind === 'batch') addBatch(turns, turn, sample);
  else if (sample.state === 'ok') addContainer(turns, arm, turn, sample);
  else if (sample.state === 'interrupted') addInterrupted(turns, arm);
  else turns.failed[turn] = at(turns.failed, turn) + 1;
}

/** A container of a duet block is no turn of its own: it is counted, and its times are those of its pair. */
function addPaired(turns: OpenTurns, arm: number, sample: ContainerSample): void {
  const turn = arm * turns.blocks + sample.block;
  if (sample.state === 'interrupted') addInterrupted(turns, arm);
  else if (sample.state === 'ok') turns.ok[turn] = at(turns.ok, turn) + 1;
  else turns.failed[turn] = at(turns.failed, turn) + 1;
  if (turns.duet !== null) addToPair(turns.duet, sample);
}

/** All rows of a table; those that are objects through `add`. */
function addTable(turns: OpenTurns, table: SampleTable, add: (sample: Sample) => void): void {
  const places = table.arms.map((name) => turns.armIndex.get(name) ?? -1);
  for (let row = 0; row < table.length; row++) {
    if (table.kind[row] === MEASURED) addRow(turns, table, row, places[table.arm[row] ?? 0] ?? -1);
    else if (table.kind[row] === OTHER) add(table.sampleAt(row));
  }
}

function addRow(turns: OpenTurns, table: SampleTable, row: number, arm: number): void {
  const block = table.block[row] ?? 0;
  if (arm < 0 || block >= turns.blocks) throw outsidePlan(table.sampleAt(row), turns);
  const turn = arm * turns.blocks + block;
  const wallNs = at(table.wallNs, row);
  turns.position[turn] = table.position[row] ?? 0;
  turns.ok[turn] = at(turns.ok, turn) + 1;
  turns.cpuNs[turn] = at(turns.cpuNs, turn) + at(table.userNs, row) + at(table.systemNs, row);
  turns.maxRssKiB[turn] = Math.max(at(turns.maxRssKiB, turn), table.maxRssKiB[row] ?? 0);
  turns.contextSwitches[turn] =
    at(turns.contextSwitches, turn) + (table.voluntarySwitches[row] ?? 0) + (table.involuntarySwitches[row] ?? 0);
  turns.pageFaults[turn] = at(turns.pageFaults, turn) + (table.minorFaults[row] ?? 0) + (table.majorFaults[row] ?? 0);
  addWall(turns, { arm, turn, wallNs });
}

/** The same turns, with the blocks that are complete so far. */
export const closeTurns = (turns: OpenTurns): Turns => ({
  ...turns,
  complete: completeBlocks(turns),
  duet: turns.duet === null ? null : { ...turns.duet, complete: completeDuetBlocks(turns.duet) },
});

function addInterrupted(turns: OpenTurns, arm: number): void {
  turns.interrupted++;
  turns.interruptedByArm[arm] = (turns.interruptedByArm[arm] ?? 0) + 1;
}

function addBatch(turns: OpenTurns, turn: number, { makespanNs }: BatchSample): void {
  if (makespanNs !== undefined) turns.wallNs[turn] = makespanNs;
}

function addContainer(turns: OpenTurns, arm: number, turn: number, sample: OkSample): void {
  turns.ok[turn] = at(turns.ok, turn) + 1;
  turns.cpuNs[turn] = at(turns.cpuNs, turn) + sample.userNs + sample.systemNs;
  turns.maxRssKiB[turn] = Math.max(at(turns.maxRssKiB, turn), sample.maxRssKiB);
  turns.contextSwitches[turn] = at(turns.contextSwitches, turn) + sample.voluntarySwitches + sample.involuntarySwitches;
  turns.pageFaults[turn] = at(turns.pageFaults, turn) + sample.minorFaults + sample.majorFaults;
  addInstructions(turns, turn, sample);
  addWall(turns, { arm, turn, wallNs: sample.wallNs });
}

function addInstructions(turns: OpenTurns, turn: number, { userInstructions, kernelInstructions }: OkSample): void {
  if (userInstructions === undefined || kernelInstructions === undefined) return;
  turns.hasInstructions = true;
  turns.userInstructions[turn] = userInstructions;
  turns.kernelInstructions[turn] = kernelInstructions;
}

function addWall(
  turns: OpenTurns,
  { arm, turn, wallNs }: { readonly arm: number; readonly turn: number; readonly wallNs: number },
): void {
  if (!turns.parallel) {
    turns.wallNs[turn] = wallNs;
    return;
  }
  turns.containerWallNs[arm]?.push(wallNs);
  turns.latencyLogs[turn] = at(turns.latencyLogs, turn) + Math.log(wallNs);
}

/** An arm's values of a series of turns in the complete blocks; a view where those are all blocks. */
export function inComplete(
  { blocks, complete }: Pick<Turns, 'blocks' | 'complete'>,
  values: Series,
  arm: number,
): Series {
  const own = values.subarray(arm * blocks, (arm + 1) * blocks);
  if (complete.length === blocks) return own;
  const found = new Float64Array(complete.length);
  for (let i = 0; i < found.length; i++) found[i] = at(own, at(complete, i));
  return found;
}

/** Whether every container of a turn was ok and its wall time is known. */
export const isComplete = (turns: Pick<Turns, 'ok' | 'failed' | 'wallNs' | 'perTurn'>, turn: number): boolean =>
  at(turns.ok, turn) === turns.perTurn && at(turns.failed, turn) === 0 && !Number.isNaN(at(turns.wallNs, turn));

function completeBlocks(turns: OpenTurns): Series {
  const complete = new Float64Array(turns.blocks);
  let found = 0;
  for (let block = 0; block < turns.blocks; block++) {
    let whole = true;
    for (let arm = 0; arm < turns.arms.length && whole; arm++) whole = isComplete(turns, arm * turns.blocks + block);
    if (whole) complete[found++] = block;
  }
  return complete.slice(0, found);
}

function outsidePlan({ arm, block }: Sample, { arms, blocks }: OpenTurns): BenchError {
  const expected = `one of ${arms.join(', ')} in block 0 to ${blocks - 1}`;
  return invalidValue('samples', expected, `${arm} in block ${block}`, { code: 'input' });
}
