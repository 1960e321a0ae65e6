import { describe, expect, it } from 'vitest';
import { blocksWith, isSoloBlock, pairsOf, soloBlocksIn } from '../../../src/model/run/duet.js';
import type { BlockOrder, PlannedPair } from '../../../src/model/run/duet.js';
import { planDuetBlocks } from '../../../src/scenario/index.js';
import { THREE_ARMS } from '../results/runs.js';

const schedule = (blocks: number, seed: number): readonly BlockOrder[] => [
  ...planDuetBlocks({ arms: THREE_ARMS, cores: [2, 5], blocks, seed }),
];
const shown = (order: BlockOrder): string =>
  order
    .map((turn) => (typeof turn === 'string' ? turn : turn.map(({ arm, core }) => `${arm}@${core}`).join('|')))
    .join(' ');
const pairsIn = (blocks: readonly BlockOrder[]): readonly PlannedPair[] =>
  blocks.flat().flatMap((turn) => (typeof turn === 'string' ? [] : [turn]));
const of = (pairs: readonly PlannedPair[], one: string, other: string): readonly PlannedPair[] =>
  pairs.filter((pair) => pair.every(({ arm }) => arm === one || arm === other));

describe('the pairs of a duet block', () => {
  it('are all pairs of baseline, arm and control', () => {
    expect(pairsOf(THREE_ARMS)).toEqual([
      ['before', 'after'],
      ['control', 'after'],
      ['before', 'control'],
    ]);
  });

  it('leave out those of two arms that are not compared', () => {
    const arms = [...THREE_ARMS, { name: 'other', policy: 'host' } as const];
    expect(pairsOf(arms)).toHaveLength(5);
    expect(pairsOf(arms).some((pair) => pair.includes('after') && pair.includes('other'))).toBe(false);
  });
});

describe('the schedule of duet blocks', () => {
  it('is the same for the same seed, in this and in later versions', () => {
    expect(schedule(4, 42).map(shown)).toMatchInlineSnapshot(`
      [
        "after@5|control@2 control@2|before@5 before@5|after@2",
        "after@2|before@5 control@2|after@5 control@5|before@2",
        "control@5|after@2 after@5|before@2 before@2|control@5",
        "after control before",
      ]
    `);
  });

  it('has every pair once in a duet block, every arm once in a solo block, and one solo block in four, later in eight', () => {
    schedule(40, 7).forEach((order, block) => {
      expect(isSoloBlock(block)).toBe(block % 4 === 3);
      if (isSoloBlock(block)) expect([...order].sort()).toEqual(['after', 'before', 'control']);
      else
        expect(
          pairsIn([order])
            .map((pair) =>
              pair
                .map(({ arm }) => arm)
                .sort()
                .join(),
            )
            .sort(),
        ).toEqual(['after,before', 'after,control', 'before,control']);
    });
    const counts = Array.from({ length: 400 }, (_, blocks) => soloBlocksIn(blocks));
    expect([0, 3, 4, 11, 12, 120, 127, 128, 400].map(soloBlocksIn)).toEqual([0, 0, 1, 2, 3, 30, 30, 31, 65]);
    expect(counts.map((count, blocks) => soloBlocksIn(blocks + 1) > count === isSoloBlock(blocks))).not.toContain(
      false,
    );
    for (const wanted of [1, 2, 29, 30, 31, 50]) {
      expect(soloBlocksIn(blocksWith('solo', wanted))).toBe(wanted);
      expect(soloBlocksIn(blocksWith('solo', wanted) - 1)).toBe(wanted - 1);
    }
    for (const wanted of [1, 3, 89, 90, 91, 300]) {
      const blocks = blocksWith('duet', wanted);
      expect(blocks - soloBlocksIn(blocks)).toBeGreaterThanOrEqual(wanted);
      expect(blocks - 1 - soloBlocksIn(blocks - 1)).toBeLessThan(wanted);
    }
  });

  it('keeps the two of a pair on different cores', () => {
    for (const pair of pairsIn(schedule(200, 1))) expect(pair.map(({ core }) => core).sort()).toEqual([2, 5]);
  });

  it('gives an arm one core and place with its baseline, and the other ones with the control', () => {
    for (const order of schedule(200, 1)) {
      if (typeof order[0] === 'string') continue;
      const own = [of(pairsIn([order]), 'after', 'before'), of(pairsIn([order]), 'after', 'control')].map(([pair]) => {
        const place = pair!.findIndex(({ arm }) => arm === 'after');
        return { place, core: pair![place]!.core };
      });
      expect(own[0]!.core + own[1]!.core).toBe(7);
      expect(own[0]!.place + own[1]!.place).toBe(1);
    }
  });

  it('draws core and place of the arm, and those of the A/A pair, evenly', () => {
    const pairs = pairsIn(schedule(4000, 2026));
    for (const [one, other] of [
      ['after', 'before'],
      ['control', 'before'],
    ] as const) {
      const own = of(pairs, one, other);
      const share = (holds: (pair: PlannedPair) => boolean): number => own.filter(holds).length / own.length;
      expect(own).toHaveLength(3485);
      // Four standard errors of a fair coin.
      expect(Math.abs(share(([first]) => first.arm === one) - 0.5)).toBeLessThan(0.037);
      expect(Math.abs(share((pair) => pair.find(({ arm }) => arm === one)?.core === 2) - 0.5)).toBeLessThan(0.037);
    }
  });

  it('only grows at the end where more blocks are asked for', () => {
    expect(schedule(100, 7).slice(0, 30).map(shown)).toEqual(schedule(30, 7).map(shown));
  });
});
