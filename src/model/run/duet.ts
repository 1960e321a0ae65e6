import { referenceOf } from './scenario.js';
import type { ArmDefinition, Scenario } from './scenario.js';

/** One of so many blocks is solo: it shows the wall time of an arm that runs alone. */
export const SOLO_ONE_IN = 4;

/** The two cores of every pair, and how they were chosen. */
export interface DuetCores {
  /** By number, ascending. */
  readonly cores: readonly [number, number];
  /** `siblings`: two threads of one physical core, because no other two were allowed. */
  readonly relation: 'separate' | 'siblings';
  /** Cores that this process may use; ascending. */
  readonly allowed: readonly number[];
}

/** Why a run has solo blocks although `auto` was asked for, or why `always` is refused. */
export type DuetRefusal =
  | { readonly code: 'oneCore' }
  /** A daemon makes the containers, and it cannot be pinned. */
  | { readonly code: 'daemon'; readonly engine: string }
  /** Duet blocks were not tried with it. */
  | { readonly code: 'engine'; readonly engine: string }
  /** The arms have runtimes of their own. */
  | { readonly code: 'runtimes'; readonly engine: string }
  /** A program runs in place of the payload. */
  | { readonly code: 'program' }
  | { readonly code: 'execs' }
  | { readonly code: 'staged' }
  /** Bench and its containers share one core. */
  | { readonly code: 'pinned' };

/** Two arms that run at the same time: the arm that is compared comes second. */
export type ArmPair = readonly [string, string];

/** An arm of a pair and the core that its container is kept on. */
export interface PairTurn {
  readonly arm: string;
  readonly core: number;
}

/** Both starts, in the order in which they come to the barrier. */
export type PlannedPair = readonly [PairTurn, PairTurn];

/** What a block runs, in its order: an arm alone, or a pair. */
export type BlockOrder = readonly (string | PlannedPair)[];

/** Whether a block of a run with duet blocks is solo: every fourth. */
export const isSoloBlock = (block: number): boolean => block % SOLO_ONE_IN === SOLO_ONE_IN - 1;

/** How many of the first blocks of a run with duet blocks are solo. */
export const soloBlocksIn = (blocks: number): number => Math.floor(blocks / SOLO_ONE_IN);

/** Whether a scenario has duet blocks; only where that was decided, as in the plan of a run. */
export const isDuet = (scenario: Scenario): boolean => scenario.kind === 'sequential' && scenario.duet === 'always';

/**
 * The pairs of every duet block: each arm with its baseline and with its control, and each control with its baseline
 * (the A/A check). Of `before`, `after` and `control` these are all pairs.
 */
export function pairsOf(arms: readonly ArmDefinition[]): readonly ArmPair[] {
  const pairs = new Map<string, ArmPair>();
  const add = (baseline: string, arm: string): void => {
    if (!pairs.has(`${arm}\n${baseline}`)) pairs.set(`${baseline}\n${arm}`, [baseline, arm]);
  };
  for (const { name } of arms) {
    const reference = referenceOf(arms, name);
    if (reference === null) continue;
    add(reference.baseline, name);
    if (reference.control === undefined) continue;
    add(reference.control, name);
    add(reference.baseline, reference.control);
  }
  return [...pairs.values()];
}

/** Why duet blocks cannot be had, in the words of a message. */
export function duetRefusalWords(refusal: DuetRefusal): string {
  switch (refusal.code) {
    case 'oneCore':
      return 'duet blocks require two equally fast cores that bench may use';
    case 'daemon':
      return `a daemon makes the containers of ${refusal.engine}, and bench cannot keep it on a core`;
    case 'engine':
      return `duet blocks are not tested with engine ${refusal.engine}`;
    case 'runtimes':
      return 'the arms have runtimes of their own, and duet blocks are not tested with two';
    case 'program':
      return 'duet blocks are tested with starts alone, not with programs';
    case 'execs':
      return 'duet blocks are tested with starts alone, not with execs';
    case 'staged':
      return 'stages are timed one container at a time';
    case 'pinned':
      return 'a pinned run has one core, and duet blocks require two';
  }
}
