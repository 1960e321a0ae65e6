import { isDuet, pairsOf, soloBlocksIn } from '../model/run/duet.js';
import { blocksOf, containersPerTurn, type Scenario } from '../model/run/scenario.js';

/** Containers that a run starts, over all arms. */
export interface ContainerCount {
  readonly measured: number;
  readonly warmup: number;
}

/** Containers of a run over all arms, measured ones and those of the warm-up. */
export function containersOf(scenario: Scenario): ContainerCount {
  const perBlock = scenario.arms.length * containersPerTurn(scenario);
  const all = isDuet(scenario)
    ? (blocks: number): number =>
        blocks * perBlock + duetBlocksIn(blocks) * (2 * pairsOf(scenario.arms).length - perBlock)
    : (blocks: number): number => blocks * perBlock;
  return { measured: all(blocksOf(scenario)), warmup: all(scenario.warmup) };
}

const duetBlocksIn = (blocks: number): number => blocks - soloBlocksIn(blocks);

/**
 * Expected seconds of a run, warm-up and pauses included, from the seconds of one container alone (mean over the arms).
 * In a parallel batch min(concurrency, cores) containers proceed at a time, because starts are limited by CPU time.
 */
export function expectedSeconds(scenario: Scenario, secondsPerContainer: number, cpuCount: number): number {
  const abreast = isDuet(scenario)
    ? 2
    : scenario.kind === 'sequential'
      ? 1
      : Math.max(1, Math.min(scenario.concurrency, cpuCount));
  const { measured, warmup } = containersOf(scenario);
  const turns = (blocksOf(scenario) + scenario.warmup) * scenario.arms.length;
  return ((measured + warmup) * secondsPerContainer) / abreast + (turns * scenario.pauseMs) / 1000;
}
