import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../src/model/results/sample.js';
import type { StoppingRule } from '../../../src/model/run/stopping.js';
import { analyse } from '../../../src/statistics/analyse.js';
import { lookAt, lookBlocks, lookStrictness } from '../../../src/statistics/planning/sequential.js';
import { watchFor } from '../../../src/statistics/planning/stopping.js';
import { okSample, planOf, sequential, sequentialRun } from '../results/runs.js';

/** Spread over -0.5..0.5 like chance, and the same in every run. */
function spread(i: number): number {
  const value = Math.sin((i + 1) * 12.9898) * 43758.5453;
  return value - Math.floor(value) - 0.5;
}

const MOST = 600;
/** An arm slower by `effect`, with noise of about `noise` per block. */
const run = (effect: number, noise: number): readonly Sample[] =>
  sequentialRun(
    MOST,
    (arm, block) => 50 * (arm === 'after' ? 1 + effect : 1) * (1 + noise * spread(block * 3 + arm.length)),
  );

/** Blocks after which the watch stops, or `null` where it lets the run end by itself. */
function stopsAfter(rules: readonly StoppingRule[], samples: readonly Sample[], msPerBlock = 1): number | null {
  const watch = watchFor(rules, sequential(MOST), 0.01);
  for (let block = 0; block < MOST; block++) {
    const decision = watch.observe(
      samples.slice(3 * block, 3 * block + 3).map((sample): Sample => ({
        ...sample,
        startNs: msPerBlock * block * 1e6,
        ...(sample.kind === 'container' && sample.state === 'ok' ? { wallNs: msPerBlock * 1e6 } : {}),
      })),
    );
    if (decision.state === 'stop') return block + 1;
  }
  return null;
}

const within = (width: number): StoppingRule => ({ kind: 'halfWidth', width });

describe('until a half width', () => {
  it('looks first at 100 blocks and then every 50', () => {
    const ends = [0.05, 0.012, 0.01, 0.008, 0.0075].map((width) => stopsAfter([within(width)], run(0, 0.2)));
    expect(ends[0]).toBe(100);
    expect(ends.slice(1).every((blocks) => blocks !== null && blocks > 100 && blocks % 50 === 0)).toBe(true);
    expect(stopsAfter([within(0.0001)], run(0, 0.2))).toBeNull();
  });

  it('stops where a difference is seen no sooner than where there is none', () => {
    expect(stopsAfter([within(0.01)], run(0.3, 0.2))).toBe(stopsAfter([within(0.01)], run(0, 0.2)));
  });

  it('is recomputed from the samples, with an interval 1.05 times as wide and nothing called missing', () => {
    const samples = run(0, 0.2);
    const blocks = stopsAfter([within(0.012)], samples)!;
    const kept = samples.slice(0, 3 * blocks);
    const analysis = analyse(
      { plan: { ...planOf(sequential(MOST)), stopping: [within(0.012)] }, samples: kept, evidence: [] },
      { margin: 0.01 },
    );
    const plain = analyse({ plan: planOf(sequential(blocks)), samples: kept, evidence: [] }, { margin: 0.01 });
    const [own, other] = [analysis.comparisons[0]!.estimate!, plain.comparisons[0]!.estimate!];
    expect((own.high - own.low) / (other.high - other.low)).toBeCloseTo(1.05, 10);
    expect(analysis).toMatchObject({ blocksPlanned: blocks, blocksComplete: blocks, stopping: [{ state: 'reached' }] });
    expect(analysis.stopping).toEqual([{ rule: within(0.012), state: 'reached', blocks, most: 600 }]);
    expect(analysis.warnings.map(({ code }) => code)).not.toContain('blocksNotRun');
  });

  it('says so where the count was used up before', () => {
    const analysis = analyse(
      { plan: { ...planOf(sequential(MOST)), stopping: [within(0.0001)] }, samples: run(0, 0.2), evidence: [] },
      { margin: 0.01 },
    );
    expect(analysis.warnings).toContainEqual({
      code: 'ruleNotReached',
      outcome: { rule: within(0.0001), state: 'notReached', blocks: 600, most: 600 },
    });
  });
});

describe('until decided', () => {
  it('takes 5 looks, the last at the end', () => {
    expect(lookBlocks(600)).toEqual([120, 240, 360, 480, 600]);
    expect(lookBlocks(3)).toEqual([1, 2, 3]);
    expect([1, 119, 120, 240, 599, 600, 700].map((blocks) => lookAt(blocks, 600))).toEqual([1, 1, 1, 2, 4, 5, 5]);
  });

  it("holds p to O'Brien and Fleming's boundaries", () => {
    const limits = [1, 2, 3, 4, 5].map((k) => 0.05 / lookStrictness(k).pFactor);
    [0.0000051, 0.00126, 0.00845, 0.0226, 0.0413].forEach((limit, i) => {
      expect(limits[i]! / limit).toBeCloseTo(1, 1);
    });
    expect(1 - lookStrictness(5).equivalenceLevel).toBeCloseTo(0.08, 3);
    expect(1 - lookStrictness(1).equivalenceLevel).toBeLessThan(0.0001);
  });

  it('stops at the first look for a large effect, at none for a doubtful one', () => {
    expect(stopsAfter([{ kind: 'decided' }], run(0.3, 0.2))).toBe(120);
    expect(stopsAfter([{ kind: 'decided' }], run(0.012, 0.6))).toBeNull();
  });

  it('stops for equality too, later than a plain test would', () => {
    expect(stopsAfter([{ kind: 'decided' }], run(0, 0.05))).toBeGreaterThanOrEqual(120);
  });

  it('judges the ended run by the boundary and keeps the nominal interval', () => {
    const samples = run(0.3, 0.2).slice(0, 360);
    const analysis = analyse(
      { plan: { ...planOf(sequential(MOST)), stopping: [{ kind: 'decided' }] }, samples, evidence: [] },
      { margin: 0.01 },
    );
    const plain = analyse({ plan: planOf(sequential(120)), samples, evidence: [] }, { margin: 0.01 });
    expect(analysis.comparisons[0]).toMatchObject({
      verdict: 'slower',
      estimate: { low: plain.comparisons[0]!.estimate!.low },
    });
    expect(analysis.comparisons[0]!.estimate!.p).toBeGreaterThan(plain.comparisons[0]!.estimate!.p);
    expect(analysis.stopping[0]).toMatchObject({ state: 'reached', blocks: 120, most: 600 });
  });
});

describe('within a budget', () => {
  it('ends before the block that would not fit', () => {
    expect(stopsAfter([{ kind: 'budget', milliseconds: 1000 }], run(0, 0.1), 100)).toBe(10);
    expect(stopsAfter([{ kind: 'budget', milliseconds: 1050 }], run(0, 0.1), 100)).toBe(10);
    expect(stopsAfter([{ kind: 'budget', milliseconds: 1e9 }], run(0, 0.1), 100)).toBeNull();
  });

  it('works with another rule: the first one reached ends the run', () => {
    expect(stopsAfter([within(0.05), { kind: 'budget', milliseconds: 1000 }], run(0, 0.2), 20)).toBe(50);
    expect(stopsAfter([within(0.05), { kind: 'budget', milliseconds: 1e9 }], run(0, 0.2), 20)).toBe(100);
  });
});

describe('a watch', () => {
  it('passes over warm-up, and decides nothing while nothing is complete', () => {
    const watch = watchFor([within(0.5)], sequential(100), 0.01);
    expect(watch.observe([okSample('before', 0, { warmup: true })])).toEqual({ state: 'continue' });
    for (let block = 0; block < 100; block++)
      expect(watch.observe([okSample('before', block)])).toEqual({ state: 'continue' });
  });
});
