import type { Metric } from '../../model/analysis/judgement.js';
import type { PlannedWay } from '../../model/run/planned.js';
import { FEWEST_FOR_VERDICT } from '../../model/run/scenario.js';
import type { TriedMode } from '../../model/run/time-plan.js';
import { blocksToFind, halfWidthToFind, mostBlocksFor } from './planning.js';

const METRICS = ['cpu', 'wall', 'duetWall'] as const satisfies readonly Metric[];

/**
 * The ways to see an effect with 80 % power, the quickest first. A mode and metric whose spread the pilot did not show
 * is left out.
 */
export const planWays = (tried: readonly TriedMode[], effect: number): PlannedWay[] =>
  tried.flatMap((one) => METRICS.flatMap((metric) => wayOf(one, metric, effect))).sort((a, b) => a.seconds - b.seconds);

function wayOf(
  { mode, blocks: pilotBlocks, spread, secondsPerBlock }: TriedMode,
  metric: (typeof METRICS)[number],
  effect: number,
): PlannedWay[] {
  const s = spread[metric];
  if (s === null || s === undefined) return [];
  const found = blocksToFind(effect, s, metric);
  const blocks = Math.max(FEWEST_FOR_VERDICT, found.cautious);
  const leastBlocks = Math.max(FEWEST_FOR_VERDICT, found.least);
  return [
    {
      mode,
      metric,
      pilotBlocks,
      blocks,
      seconds: blocks * secondsPerBlock,
      leastBlocks,
      leastSeconds: leastBlocks * secondsPerBlock,
      halfWidth: halfWidthToFind(effect, 0.8),
      most: mostBlocksFor(found),
    },
  ];
}
