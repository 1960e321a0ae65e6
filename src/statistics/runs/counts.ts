import type { FailureCount } from '../../model/analysis/analysis.js';
import { soloBlocksIn } from '../../model/run/duet.js';
import { failurePlace, type FailurePlace } from '../../model/container/failure.js';
import type { FailedSample } from '../../model/results/sample.js';
import { at, type Series } from '../distributions/moments.js';
import { pairsWith } from '../paired/duet-turns.js';
import { completeCount, type Turns } from '../paired/turns.js';

/** Containers of one arm: planned = ok + failed + notRun. */
export interface ArmCounts {
  readonly planned: number;
  readonly ok: number;
  /** Failed or timed out: each is listed with its cause. */
  readonly failed: number;
  /** Never started, or interrupted by the end of the run. */
  readonly notRun: number;
}

/** Counts the measured containers of the arm at that place in the plan. */
export function countArm(turns: Turns, arm: number): ArmCounts {
  const planned = plannedOf(turns, arm);
  const ok = sumOfArm(turns, arm, turns.ok);
  const failed = sumOfArm(turns, arm, turns.failed);
  return { planned, ok, failed, notRun: planned - ok - failed };
}

/** In a duet block an arm runs once in each of its pairs. */
function plannedOf({ blocks, perTurn, duet }: Turns, arm: number): number {
  if (duet === null) return blocks * perTurn;
  const solo = soloBlocksIn(blocks);
  return solo + (blocks - solo) * pairsWith(duet, arm);
}

function sumOfArm({ blocks }: Turns, arm: number, values: Series): number {
  let sum = 0;
  for (let turn = arm * blocks; turn < (arm + 1) * blocks; turn++) sum += at(values, turn);
  return sum;
}

/** Failures of the measured blocks and of the warm-up. */
export interface Failures {
  readonly measured: FailureCount[];
  readonly warmup: FailureCount[];
}

/** Failed samples by arm, stage, errno and cause, in the order first seen; with the first one's stderr. */
export function countFailures(samples: readonly FailedSample[]): Failures {
  const measured = new Map<string, FailureCount>();
  const warmup = new Map<string, FailureCount>();
  for (const sample of samples) {
    const found = sample.warmup ? warmup : measured;
    const place = failurePlace(sample);
    const key = JSON.stringify([sample.arm, place, sample.cause]);
    found.set(key, oneMore(found.get(key), sample, place));
  }
  return { measured: [...measured.values()], warmup: [...warmup.values()] };
}

const oneMore = (
  before: FailureCount | undefined,
  { arm, cause, stderr }: FailedSample,
  place: FailurePlace,
): FailureCount =>
  before === undefined ? { arm, ...place, cause, count: 1, stderr } : { ...before, count: before.count + 1 };

/** Why planned blocks are not complete. */
export interface LostBlocks {
  /** A container in them failed. */
  readonly failed: number;
  /** Nothing failed, but not every container was run. */
  readonly notRun: number;
}

/** Splits the blocks that are not complete by what happened to them. */
export function countLostBlocks(turns: Turns): LostBlocks {
  if (turns.complete.length === turns.blocks) return { failed: 0, notRun: 0 };
  let failed = 0;
  for (let block = 0; block < turns.blocks; block++) if (hasFailure(turns, block)) failed++;
  return { failed, notRun: turns.blocks - completeCount(turns) - failed };
}

function hasFailure({ arms, blocks, failed }: Turns, block: number): boolean {
  for (let arm = 0; arm < arms.length; arm++) if (at(failed, arm * blocks + block) > 0) return true;
  return false;
}
