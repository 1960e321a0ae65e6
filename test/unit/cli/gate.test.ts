import { describe, expect, it } from 'vitest';
import { gateRuns as gate, slowerLimit } from '../../../src/cli/output/gate.js';
import type { AnalysedRun, Comparison, Metric, Verdict } from '../../../src/model/analysis/analysis.js';

const log = (percent: number): number => Math.log1p(percent / 100);

/** Only what the gate looks at. */
function runWith(
  ...comparisons: readonly { verdict: Verdict; metric?: Metric; low?: number; high?: number }[]
): AnalysedRun[] {
  const made = comparisons.map(
    ({ verdict, metric = 'cpu', low = 0, high = 0 }) =>
      ({
        arm: 'after',
        baseline: 'before',
        metric,
        verdict,
        reason: { code: 'difference', small: false },
        estimate: { logRatio: log((low + high) / 2), low: log(low), high: log(high), blocks: 100 },
        family: { p: 0, verdict, rows: 1 },
      }) as Comparison,
  );
  return [
    {
      run: { plan: { scenario: { kind: 'sequential' } } },
      analysis: { comparisons: made, margin: 0.01 },
    } as unknown as AnalysedRun,
  ];
}

describe('the gate of a CI job', () => {
  it('passes everything without options', () => {
    for (const verdict of [
      'faster',
      'slower',
      'equivalent',
      'inconclusive',
      'invalid',
      'described',
      'functional',
    ] as const) {
      expect(gate(runWith({ verdict, low: 50, high: 60 }), {})).toEqual({ exitCode: 0, lines: [] });
    }
  });

  it('fails with 3 only where the whole interval is slower than the limit', () => {
    const at = (low: number, high: number) =>
      gate(runWith({ verdict: 'slower', low, high }), { failIfSlower: '2%' }).exitCode;
    expect([at(2.1, 3), at(1.9, 3), at(0.1, 1), at(-3, -2)]).toEqual([3, 0, 0, 0]);
    expect(gate(runWith({ verdict: 'slower', low: 5, high: 6 }), { failIfSlower: '2' }).lines).toEqual([
      'fails, slower by more than 2: after takes 5.50 % more CPU time than before (95 % interval +5.00 % to +6.00 %, 100 blocks). Chance does not explain this; repeat with another `--seed` before you publish it.',
    ]);
  });

  it('does not fail on an invalid run, unless it is strict', () => {
    expect(gate(runWith({ verdict: 'invalid', low: 50, high: 60 }), { failIfSlower: '1' }).exitCode).toBe(0);
    expect(gate(runWith({ verdict: 'invalid', low: 50, high: 60 }), { failIfSlower: '1', strict: true }).exitCode).toBe(
      4,
    );
  });

  it('fails with 4 under strict where CPU time is not decided, and looks at CPU time alone', () => {
    const strict = (verdict: Verdict, metric: Metric = 'cpu') =>
      gate(runWith({ verdict, metric }), { strict: true }).exitCode;
    expect([
      strict('faster'),
      strict('equivalent'),
      strict('inconclusive'),
      strict('described'),
      strict('inconclusive', 'wall'),
    ]).toEqual([0, 0, 4, 4, 0]);
  });

  it('never fails on the times of an emulated run', () => {
    expect(gate(runWith({ verdict: 'functional', low: 50, high: 60 }), { failIfSlower: '1', strict: true })).toEqual({
      exitCode: 0,
      lines: [],
    });
  });

  it('reads the limit as percent and refuses anything else', () => {
    expect([slowerLimit({}), slowerLimit({ failIfSlower: '0' }), slowerLimit({ failIfSlower: '2.5%' })]).toEqual([
      undefined,
      0,
      0.025,
    ]);
    expect(() => slowerLimit({ failIfSlower: 'much' })).toThrow(
      '--fail-if-slower: Expected a percentage of at least 0, got "much"',
    );
  });
});
