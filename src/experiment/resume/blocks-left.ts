import type { RunResult } from '../../model/results/result.js';
import type { Sample } from '../../model/results/sample.js';
import { isDuet, isSoloBlock, pairsOf } from '../../model/run/duet.js';
import { blocksOf, containersPerTurn } from '../../model/run/scenario.js';
import type { Scenario } from '../../model/run/scenario.js';

/** A block among the measured ones, or among those of the warm-up. */
export interface BlockPlace {
  readonly block: number;
  readonly warmup: boolean;
}

/** What is left to do of a run that ended before its last block. */
export interface BlocksLeft {
  /** Measured blocks that are whole. */
  readonly done: number;
  /** Measured blocks that are not. */
  readonly left: number;
  /** The first of those; `null`: none is left. */
  readonly first: number | null;
  readonly isDone: (block: number) => boolean;
  /** How many times a block was run before, in whole or in part. */
  readonly attempts: (place: BlockPlace) => number;
}

/**
 * A block is whole where every container of every arm ended by itself; a failed container is a result like any other. A
 * block that was stopped, or through which the machine stood still, is run again.
 */
export function blocksLeft(
  scenario: Scenario,
  { samples, repeated = [] }: Pick<RunResult, 'samples' | 'repeated'>,
): BlocksLeft {
  const attempts = new Map<string, number>();
  for (const sample of [...repeated, ...samples])
    attempts.set(keyOf(sample), Math.max((sample.attempt ?? 0) + 1, attempts.get(keyOf(sample)) ?? 0));
  const ended = new Map<number, number>();
  const broken = new Set<number>();
  for (const sample of samples) {
    const { block, warmup } = sample;
    if (warmup) continue;
    if (isBroken(sample)) broken.add(block);
    ended.set(block, 1 + (ended.get(block) ?? 0));
  }
  const perBlock = scenario.arms.length * (containersPerTurn(scenario) + (scenario.kind === 'parallel' ? 1 : 0));
  const perDuetBlock = isDuet(scenario) ? 2 * pairsOf(scenario.arms).length : perBlock;
  const isDone = (block: number): boolean =>
    !broken.has(block) && ended.get(block) === (isSoloBlock(block) ? perBlock : perDuetBlock);
  const open = Array.from({ length: blocksOf(scenario) }, (_, block) => block).filter((block) => !isDone(block));
  return {
    done: blocksOf(scenario) - open.length,
    left: open.length,
    first: open[0] ?? null,
    isDone,
    attempts: (place) => attempts.get(keyOf(place)) ?? 0,
  };
}

const keyOf = ({ warmup, block }: BlockPlace): string => `${warmup ? 'w' : 'b'}${block}`;

const isBroken = (sample: Sample): boolean =>
  sample.kind === 'container' && (sample.state === 'interrupted' || (sample.state === 'ok' && (sample.gapNs ?? 0) > 0));

/** When the last container ended, since the start of the run: later ones count from there. */
export function lastEndNs(samples: readonly Sample[]): number {
  let last = 0;
  for (const sample of samples) {
    const end = sample.kind === 'batch' ? sample.makespanNs : sample.state === 'ok' ? sample.wallNs : undefined;
    last = Math.max(last, sample.startNs + (end ?? 0));
  }
  return last;
}

/** What the runner asks of a block: `null` where it is whole. Without a measured block, no warm-up is needed either. */
export const attemptsLeft =
  ({ left, isDone, attempts }: BlocksLeft) =>
  (place: BlockPlace): number | null =>
    left === 0 || (!place.warmup && isDone(place.block)) ? null : attempts(place);

/** Samples of measured blocks, block by block, in their order. */
export function byBlock(samples: readonly Sample[]): readonly (readonly Sample[])[] {
  const blocks = new Map<number, Sample[]>();
  for (const sample of samples) {
    const own = blocks.get(sample.block) ?? [];
    own.push(sample);
    blocks.set(sample.block, own);
  }
  return [...blocks.entries()].sort(([a], [b]) => a - b).map(([, own]) => own);
}
