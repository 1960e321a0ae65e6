import { referenceOf } from './scenario.js';
import type { ArmDefinition, Scenario } from './scenario.js';

/**
 * One of so many blocks is solo: it shows the wall time of an arm that runs alone. The first 120 blocks hold 30 of
 * them, enough for a verdict; a longer run spends its time on duet blocks, whose intervals are narrower.
 */
const SOLO_ONE_IN = { first: 4, later: 8 };
const FIRST_BLOCKS = 120;
const FIRST_SOLO = FIRST_BLOCKS / SOLO_ONE_IN.first;

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
  /** They were tried with it, and are not known to narrow its intervals. */
  | { readonly code: 'unproved'; readonly engine: string }
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

/** Whether a block of a run with duet blocks is solo: every fourth of the first 120, every eighth later. */
export function isSoloBlock(block: number): boolean {
  const one = block < FIRST_BLOCKS ? SOLO_ONE_IN.first : SOLO_ONE_IN.later;
  return block % one === one - 1;
}

/** How many of the first blocks of a run with duet blocks are solo. */
export const soloBlocksIn = (blocks: number): number =>
  blocks <= FIRST_BLOCKS
    ? Math.floor(blocks / SOLO_ONE_IN.first)
    : FIRST_SOLO + Math.floor((blocks - FIRST_BLOCKS) / SOLO_ONE_IN.later);

/** How many blocks a run with duet blocks has at least when `wanted`, 1 or more, of them are of that kind. */
export function blocksWith(kind: 'solo' | 'duet', wanted: number): number {
  const early = kind === 'solo' ? FIRST_SOLO : FIRST_BLOCKS - FIRST_SOLO;
  return wanted <= early
    ? spread(kind, wanted, SOLO_ONE_IN.first)
    : FIRST_BLOCKS + spread(kind, wanted - early, SOLO_ONE_IN.later);
}

/** The solo block is the last of every `oneIn`. */
const spread = (kind: 'solo' | 'duet', wanted: number, oneIn: number): number =>
  kind === 'solo' ? wanted * oneIn : wanted + Math.floor((wanted - 1) / (oneIn - 1));

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
    case 'unproved':
      return `duet blocks are not known to narrow the intervals of engine ${refusal.engine}`;
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
