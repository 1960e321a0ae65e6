import { uniformInt } from 'pure-rand/distribution/uniformInt';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { isSoloBlock, pairsOf } from '../model/run/duet.js';
import type { ArmPair, BlockOrder, DuetCores, PairTurn, PlannedPair } from '../model/run/duet.js';
import { controlOf } from '../model/run/scenario.js';
import type { ArmDefinition } from '../model/run/scenario.js';
import { randomOf, shuffled } from './plan.js';
import type { PlanStream } from './plan.js';

/** What the blocks of a run with duet blocks are drawn for. */
export interface DuetSchedule {
  readonly arms: readonly ArmDefinition[];
  readonly cores: DuetCores['cores'];
  readonly blocks: number;
  readonly seed: number;
}

/**
 * The blocks of a run with duet blocks: every pair once, in an order drawn from the seed, and every fourth block solo.
 * A core may be slower than the other, so an arm has one core in its pair with the baseline and the other core in its
 * pair with the control, and comes to the barrier first in one of the two: which is drawn. So neither moves the
 * estimate. In the A/A pair both are drawn. More blocks only add to the end.
 */
export function* planDuetBlocks(
  { arms, cores, blocks, seed }: DuetSchedule,
  stream: PlanStream = 'measured',
): Generator<BlockOrder, void, undefined> {
  const random = randomOf(seed, stream);
  const between = (from: number, to: number): number => uniformInt(random, from, to);
  const names = arms.map(({ name }) => name);
  const pairs = pairsOf(arms);
  const controls = new Set(arms.flatMap(({ name, copyOf }) => (copyOf === undefined ? [] : [name])));
  controls.add(controlOf(arms) ?? '');
  for (let block = 0; block < blocks; block += 1)
    yield isSoloBlock(block) ? shuffled(names, between) : shuffled(seated(pairs, controls, cores, random), between);
}

/** Every pair with its cores and its order at the barrier. */
function seated(
  pairs: readonly ArmPair[],
  controls: ReadonlySet<string>,
  cores: DuetCores['cores'],
  random: RandomGenerator,
): readonly PlannedPair[] {
  const drawn = new Map<string, { readonly core: number; readonly order: number }>();
  const draw = (): number => uniformInt(random, 0, 1);
  return pairs.map(([baseline, arm]) => {
    const earlier = drawn.get(arm);
    // The second pair of an arm, with the control, is the mirror image of the first.
    const own =
      earlier === undefined ? { core: draw(), order: draw() } : { core: 1 - earlier.core, order: 1 - earlier.order };
    if (!controls.has(arm)) drawn.set(arm, own);
    return seatedPair([baseline, arm], own, cores);
  });
}

function seatedPair(
  [baseline, arm]: ArmPair,
  own: { readonly core: number; readonly order: number },
  cores: DuetCores['cores'],
): PlannedPair {
  const first: PairTurn = { arm, core: cores[own.core] ?? cores[0] };
  const other: PairTurn = { arm: baseline, core: cores[1 - own.core] ?? cores[1] };
  return own.order === 0 ? [first, other] : [other, first];
}
