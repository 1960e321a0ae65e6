import { BenchError } from '../../errors.js';
import type { Analysis, Comparison } from '../../model/analysis/analysis.js';
import type { PlanRow } from '../../model/run/planned.js';
import { counted, metricName, share } from '../verdict/names.js';
import {
  detectableEffect,
  halfWidthToFind,
  mostBlocksFor,
  planCount,
  roundedUp,
  spreadOf,
  type Power,
} from './planning.js';

/** What is asked of a plan. */
export interface PlanRequest {
  /** The effect to find, as a share (0.0058 = 0.58 %). */
  readonly effect: number;
  /** Blocks the scenario would have. */
  readonly blocks: number;
  /** What a block of the pilot took. */
  readonly secondsPerBlock: number;
  readonly parallel: boolean;
}

const POWERS: readonly Power[] = [0.8, 0.9];
/** Fewer tell too little of the spread. */
const FEWEST = 20;

/**
 * What finding the effect takes, per arm and metric that the pilot has an interval of; a pilot of 30 blocks or more is
 * best.
 */
export function planRun({ comparisons, blocksComplete }: Analysis, request: PlanRequest): PlanRow[] {
  if (!(Number.isFinite(request.effect) && request.effect > 0)) {
    throw new BenchError('usage', `Expected an effect above 0 %, got ${100 * request.effect} %`, {
      hint: 'Give the smallest change that matters to you, for example --detect 0.58%.',
    });
  }
  if (blocksComplete < FEWEST) {
    throw new BenchError('input', `Expected a pilot of at least ${FEWEST} complete blocks, got ${blocksComplete}`, {
      hint: 'Run a longer pilot; 30 blocks or more are best.',
    });
  }
  return comparisons.flatMap((comparison) => rowOf(comparison, request));
}

function rowOf(
  { arm, metric, estimate }: Comparison,
  { effect, blocks, secondsPerBlock, parallel }: PlanRequest,
): PlanRow[] {
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
  const [needed] = counts;
  const detectable80 = detectableEffect(spread, blocks, 0.8);
  return [
    {
      arm,
      metric,
      effect,
      pilotBlocks: estimate.blocks,
      counts,
      blocks,
      detectable80,
      detectable90: detectableEffect(spread, blocks, 0.9),
      sentence: `${arm}: to see ${share(effect)} in ${metricName(metric, parallel)} with 80 % power takes about ${counted(roundedUp(needed?.blocks ?? 0), 'block')}, ${roundedUp(needed?.cautious ?? 0).toLocaleString('en-US')} where the noise moves; ${counted(blocks, 'block')} see ${share(Number(detectable80.toPrecision(2)))}.`,
    },
  ];
}
