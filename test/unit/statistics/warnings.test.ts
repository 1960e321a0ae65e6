import { describe, expect, it } from 'vitest';
import type { Comparison, RunWarning } from '../../../src/model/analysis/analysis.js';
import type { ArmEvidence, LoadedFilter } from '../../../src/model/run/evidence.js';
import type { Sample } from '../../../src/model/results/sample.js';
import { analyse } from '../../../src/statistics/analyse.js';
import { comparisonWarnings } from '../../../src/statistics/verdict/comparison-warnings.js';
import { judgeTogether } from '../../../src/statistics/verdict/family.js';
import { planOf, sequential, sequentialRun } from '../results/runs.js';

const warningsOf = (
  samples: readonly Sample[],
  count: number,
  evidence: readonly ArmEvidence[] = [],
  pauseMs = 5,
): readonly RunWarning[] =>
  analyse({ plan: planOf(sequential(count, { pauseMs })), samples, evidence }, { margin: 0.01 }).warnings;

const codesOf = (warnings: readonly RunWarning[]): readonly string[] =>
  warnings.map((warning) => (warning.code === 'diagnostic' ? warning.diagnostic.kind : warning.code));

/** Spread over -0.5..0.5 like chance, and the same in every run. */
function spread(i: number): number {
  const value = Math.sin((i + 1) * 12.9898) * 43758.5453;
  return value - Math.floor(value) - 0.5;
}

const seen = (sha256: string, instructions = 10): LoadedFilter => ({
  state: 'seen',
  via: 'ptrace',
  programs: [{ instructions, sha256 }],
});
const evidenceOf = (arm: string, specSha256: string, loaded: LoadedFilter): ArmEvidence => ({
  arm,
  policy: 'all',
  architectures: [],
  specBytes: 10,
  specSha256,
  leftOut: [],
  predicted: { state: 'built', instructions: 9, sha256: specSha256 },
  loaded,
  seccompMode: 2,
  probe32: { outcome: 'ran', detail: '' },
});

describe('warnings', () => {
  it('has none for a quiet run of many blocks', () => {
    const samples = sequentialRun(100, (arm, block) => 50 * (1 + spread(block * 3 + arm.length) / 50));
    expect(warningsOf(samples, 100)).toEqual([]);
  });

  it('names an arm without a sample, and none where nothing ran at all', () => {
    const withoutAfter = sequentialRun(30, () => 50).filter(({ arm }) => arm !== 'after');
    expect(warningsOf(withoutAfter, 30)).toContainEqual({ code: 'armMissing', arm: 'after' });
    expect(codesOf(warningsOf([], 30))).not.toContain('armMissing');
  });

  it('sees a place in the block that costs more', () => {
    const slow = sequentialRun(90, () => 50).map((sample) => {
      const position = (sample.position + sample.block) % 3;
      return {
        ...sample,
        position,
        userNs: 50e6 * (position === 0 ? 1.02 : 1) * (1 + spread(sample.block * 3 + sample.position) / 10_000),
      };
    });
    const slot = { kind: 'slot', metric: 'cpu', position: 0, clear: true };
    const found = warningsOf(slow, 90).find((one) => one.code === 'diagnostic' && one.diagnostic.kind === 'slot');
    expect(found).toMatchObject({ diagnostic: { ...slot, logRatio: expect.closeTo(Math.log(1.0133), 4) as number } });
    expect(found).toMatchObject({ diagnostic: { p: expect.closeTo(0, 4) as number } });
  });

  it('sees the machine drift, and does not call the arms different for it', () => {
    const drifting = sequentialRun(80, (_, block) => 50 * (1 + block / 100));
    expect(warningsOf(drifting, 80)).toContainEqual({
      code: 'diagnostic',
      diagnostic: { kind: 'drift', metric: 'cpu', logRatio: expect.closeTo(Math.log(1.548), 3) as number, clear: true },
    });
    const slight = sequentialRun(80, (_, block) => 50 * (1 + block / 1000));
    expect(codesOf(warningsOf(slight, 80))).not.toContain('drift');
  });

  it('advises a pause where a large effect was measured without one', () => {
    const samples = sequentialRun(40, (arm, block) => (arm === 'after' ? 40 : 50) + spread(block));
    expect(warningsOf(samples, 40, [], 0)).toContainEqual({ code: 'noPause', arms: ['after'] });
    expect(codesOf(warningsOf(samples, 40, [], 5))).not.toContain('noPause');
  });

  it('notes where most blocks gave exactly the same ratio', () => {
    expect(
      warningsOf(
        sequentialRun(40, () => 50),
        40,
      ),
    ).toContainEqual({ code: 'noSpread', arm: 'after', metric: 'cpu' });
  });

  it('says that neighbouring blocks are similar', () => {
    const samples = sequentialRun(150, (arm, block) =>
      arm === 'after' ? 50 + 5 * spread(Math.floor(block / 5)) : 50 + spread(block),
    );
    const found = warningsOf(samples, 150).find(
      (one) => one.code === 'diagnostic' && one.diagnostic.kind === 'dependence',
    );
    expect(found).toMatchObject({ diagnostic: { arm: 'after', metric: 'cpu', clear: true } });
  });

  it('has the arms whose filter was not seen or is that of the baseline', () => {
    const evidence = [
      evidenceOf('before', 'a', seen('f')),
      evidenceOf('after', 'b', seen('f')),
      evidenceOf('control', 'a', { state: 'notSeen', reason: 'no permission' }),
    ];
    const warnings = warningsOf(
      sequentialRun(30, () => 50),
      30,
      evidence,
    );
    expect(warnings).toContainEqual({ code: 'sameFilter', arm: 'after', baseline: 'before', written: null });
    expect(warnings).toContainEqual({
      code: 'filterNotSeen',
      isPredicted: true,
      arm: 'control',
      reason: 'no permission',
    });
    expect(
      codesOf(warningsOf([], 30, [evidenceOf('before', 'a', seen('f')), evidenceOf('after', 'b', seen('g', 11))])),
    ).not.toContain('sameFilter');
  });

  it('holds several arms to a stricter level than one', () => {
    const one = (arm: string, p: number): Comparison => ({
      arm,
      baseline: 'before',
      control: null,
      metric: 'cpu',
      verdict: p <= 0.05 ? 'slower' : 'inconclusive',
      invalid: null,
      family: null,
      settlement: null,
      reason: { code: 'unresolved' },
      estimate: {
        method: 'trimmed-one',
        blocks: 100,
        logRatio: 0.01,
        low: 0,
        high: 0.02,
        p,
        standardError: 0.01,
        degreesOfFreedom: 59,
        equivalent: false,
        meanLogRatio: 0.01,
        tailZ: 0,
        tailDiffers: false,
        lag1: 0,
        dependent: false,
      },
    });
    const running = { parallel: false, pauseMs: 5, unit: 'start' } as const;
    expect(comparisonWarnings(judgeTogether([one('a', 0.03), one('b', 0.001), one('c', 0.4)]), running)).toEqual([
      { code: 'notByHolm', arm: 'a', metric: 'cpu', tests: 3, p: 0.06 },
    ]);
    expect(comparisonWarnings(judgeTogether([one('a', 0.03)]), running)).toEqual([]);
  });
});
