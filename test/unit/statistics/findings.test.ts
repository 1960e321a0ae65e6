import { describe, expect, it } from 'vitest';
import type { Diagnostic } from '../../../src/model/analysis/analysis.js';
import type { OkSample } from '../../../src/model/results/sample.js';
import { analyse } from '../../../src/statistics/analyse.js';
import { okSample, planOf, sequential, THREE_ARMS } from '../results/runs.js';

/** The six orders of three arms. */
const ORDERS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
] as const;

/** Every arm once per block in each order in turn; CPU milliseconds by arm and by the arm just before. */
function run(blocks: number, cpuMs: (arm: string, before: string | undefined, block: number) => number): OkSample[] {
  let last: string | undefined;
  return Array.from({ length: blocks }, (_, block) =>
    ORDERS[block % 6]!.map((place, position) => {
      const arm = THREE_ARMS[place]!.name;
      const userNs = cpuMs(arm, last, block) * 1e6;
      last = arm;
      return okSample(arm, block, { position, userNs, systemNs: 0, wallNs: 2 * userNs });
    }),
  ).flat();
}

function found<Kind extends Diagnostic['kind']>(
  samples: readonly OkSample[],
  blocks: number,
  kind: Kind,
): Extract<Diagnostic, { kind: Kind }> | undefined {
  const { diagnostics } = analyse({ plan: planOf(sequential(blocks)), samples, evidence: [] }, { margin: 0.01 });
  return diagnostics.find(
    (one): one is Extract<Diagnostic, { kind: Kind }> => one.kind === kind && one.metric === 'cpu',
  );
}

/** Spread over -0.5..0.5 like chance, and the same in every run. */
function chance(i: number): number {
  const value = Math.sin((i + 1) * 12.9898) * 43758.5453;
  return value - Math.floor(value) - 0.5;
}

const noise = (block: number): number => 1 + ((block * 37) % 101) / 10_000;

describe('diagnostics', () => {
  it('measure what an arm leaves to the start after it', () => {
    const samples = run(
      240,
      (arm, before, block) => (arm === 'after' ? 60 : 50) * (before === 'after' ? 1.03 : 1) * noise(block),
    );
    const carryOver = found(samples, 240, 'carryOver');
    expect(carryOver?.logRatio).toBeCloseTo(Math.log(1.03), 6);
    expect(carryOver).toMatchObject({ arm: 'after', clear: true });
    expect(carryOver).toMatchObject({ metric: 'cpu', shrinksBy: expect.closeTo(Math.log(1.03) / 3, 6) as number });
  });

  it('say that nothing is left where nothing is', () => {
    const samples = run(
      240,
      (arm, _, block) => (arm === 'after' ? 60 : 50) * (1 + chance(block * 3 + arm.length) / 100),
    );
    expect(found(samples, 240, 'carryOver')).toMatchObject({ clear: false });
    expect(found(samples, 240, 'slot')).toMatchObject({ clear: false });
    expect(found(samples, 240, 'drift')).toMatchObject({ clear: false });
    expect(found(samples, 240, 'dependence')).toMatchObject({ clear: false });
    expect(found(samples, 240, 'tails')).toMatchObject({ clear: false });
  });

  it('give the drift of the machine as a number', () => {
    const drift = found(
      run(80, (_, __, block) => 50 * (1 + block / 100)),
      80,
      'drift',
    );
    expect(drift?.logRatio).toBeCloseTo(Math.log((1 + 0.695) / (1 + 0.095)), 4);
    expect(drift?.clear).toBe(true);
  });

  it('have nothing to say of few blocks', () => {
    const { diagnostics } = analyse(
      { plan: planOf(sequential(10)), samples: run(10, () => 50), evidence: [] },
      { margin: 0.01 },
    );
    expect(diagnostics.map(({ kind }) => kind)).toEqual([]);
  });
});
