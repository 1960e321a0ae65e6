import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../../src/model/analysis/analysis.js';
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
): string =>
  analyse({ plan: planOf(sequential(count, { pauseMs })), samples, evidence }, { margin: 0.01 }).warnings.join('\n');

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
    expect(warningsOf(samples, 100)).toBe('');
  });

  it('names an arm that has not one sample, and none where nothing ran at all', () => {
    const withoutAfter = sequentialRun(30, () => 50).filter(({ arm }) => arm !== 'after');
    expect(warningsOf(withoutAfter, 30)).toContain(
      'after has not one sample here, although the plan names it and others have theirs',
    );
    expect(warningsOf([], 30)).not.toContain('not one sample');
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
    expect(warningsOf(slow, 90)).toContain('Turn 1 of a block measures +1.33 % in CPU time (p < 0.0001)');
  });

  it('sees the machine drift, and does not call the arms different for it', () => {
    const drifting = sequentialRun(80, (_, block) => 50 * (1 + block / 100));
    expect(warningsOf(drifting, 80)).toContain(
      "The machine's level moved by +54.8 % in CPU time from the first to the last quarter of the run",
    );
    const slight = sequentialRun(80, (_, block) => 50 * (1 + block / 1000));
    expect(warningsOf(slight, 80)).not.toContain('level moved');
  });

  it('advises a pause where a large effect was measured without one', () => {
    const samples = sequentialRun(40, (arm, block) => (arm === 'after' ? 40 : 50) + spread(block));
    expect(warningsOf(samples, 40, [], 0)).toContain(
      'after: without a pause a start pays for part of the one before it',
    );
    expect(warningsOf(samples, 40, [], 5)).not.toContain('without a pause');
  });

  it('notes where most blocks gave exactly the same ratio', () => {
    expect(
      warningsOf(
        sequentialRun(40, () => 50),
        40,
      ),
    ).toContain('after, CPU time: most blocks gave exactly the same ratio');
  });

  it('says that neighbouring blocks resemble each other', () => {
    const samples = sequentialRun(150, (arm, block) =>
      arm === 'after' ? 50 + 5 * spread(Math.floor(block / 5)) : 50 + spread(block),
    );
    expect(warningsOf(samples, 150)).toMatch(
      /after, CPU time: neighbouring blocks resemble each other \(lag-1 autocorrelation 0\.\d\d\): the interval was taken over means of 5 blocks/,
    );
  });

  it('says when an arm was predicted, not seen, or differs in the file only', () => {
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
    expect(warnings).toContain('after loads the same filter as before: the two differ in the file only');
    expect(warnings).toContain('control: the loaded filter was predicted, not seen (no permission).');
    expect(
      warningsOf([], 30, [evidenceOf('before', 'a', seen('f')), evidenceOf('after', 'b', seen('g', 11))]),
    ).not.toContain('file only');
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
      because: '',
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
    const running = { parallel: false, pauseMs: 5 };
    expect(comparisonWarnings(judgeTogether([one('a', 0.03), one('b', 0.001), one('c', 0.4)]), running)).toEqual([
      'a, CPU time: 3 rows were tested together, and adjusted for that (Holm) the difference is not significant (p = 0.06): confirm it in a run with this arm alone, with this metric named beforehand.',
    ]);
    expect(comparisonWarnings(judgeTogether([one('a', 0.03)]), running)).toEqual([]);
  });
});
