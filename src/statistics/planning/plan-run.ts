import { invalidValue } from '../../errors.js';
import type { Analysis, Comparison } from '../../model/analysis/analysis.js';
import type { PlanRow } from '../../model/run/planned.js';
import { detectableEffect, halfWidthToFind, mostBlocksFor, planCount, spreadOf, type Power } from './planning.js';

/** What to plan. */
export interface PlanRequest {
  /** The effect to find, as a share (0.0058 = 0.58 %). */
  readonly effect: number;
  /** Blocks the scenario would have. */
  readonly blocks: number;
  /** Mean time of a block of the pilot. */
  readonly secondsPerBlock: number;
}

const POWERS: readonly Power[] = [0.8, 0.9];
/** Fewer blocks show too little of the spread. */
const FEWEST = 20;

/**
 * What finding the effect takes, per arm and metric that the pilot has an interval of. Throws `usage` for an effect
 * that is not above 0, `input` for a pilot of fewer than 20 complete blocks; 30 or more are best.
 */
export function planRun({ comparisons, blocksComplete }: Analysis, request: PlanRequest): PlanRow[] {
  if (!(Number.isFinite(request.effect) && request.effect > 0))
    throw invalidValue('effect', 'a number > 0', String(request.effect), { hint: '--detect 0.58%' });
  if (blocksComplete < FEWEST)
    throw invalidValue('pilot', `at least ${FEWEST} complete blocks`, String(blocksComplete), {
      code: 'input',
      hint: '--pilot 30',
    });
  return comparisons.flatMap((comparison) => rowOf(comparison, request));
}

function rowOf({ arm, metric, estimate }: Comparison, { effect, blocks, secondsPerBlock }: PlanRequest): PlanRow[] {
  const spread = estimate === null ? null : spreadOf(estimate);
  if (estimate === null || spread === null) return [];
  const counts = POWERS.flatMap((power) => {
    const planned = planCount(effect, estimate, metric, power);
    return planned === null
      ? []
      : [
          {
            ...planned,
            halfWidth: halfWidthToFind(effect, power),
            most: mostBlocksFor(planned),
            seconds: planned.blocks * secondsPerBlock,
            cautiousSeconds: planned.cautious * secondsPerBlock,
          },
        ];
  });
  return [
    {
      arm,
      metric,
      effect,
      pilotBlocks: estimate.blocks,
      counts,
      blocks,
      detectable80: detectableEffect(spread, blocks, 0.8),
      detectable90: detectableEffect(spread, blocks, 0.9),
    },
  ];
}
