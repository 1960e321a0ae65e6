import { describe, expect, it } from 'vitest';
import { gateOf } from '../../../src/cli/output/gate.js';
import type { Gate } from '../../../src/cli/output/gate.js';
import { NO_GATE, type GateSettings } from '../../../src/cli/output/plan.js';
import { parseGate } from '../../../src/cli/options/gate.js';
import { analysePercall } from '../../../src/statistics/index.js';
import { percallRun } from '../statistics/percall.fixtures.js';
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
      run: { plan: { scenario: { kind: 'sequential' } }, host: {} },
      analysis: { comparisons: made, margin: 0.01 },
    } as unknown as AnalysedRun,
  ];
}

const gate = (runs: readonly AnalysedRun[], settings: Partial<GateSettings>): Gate =>
  gateOf({ kind: 'starts', runs }, { ...NO_GATE, ...settings });

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
      gate(runWith({ verdict: 'slower', low, high }), { failIfSlower: 0.02 }).exitCode;
    expect([at(2.1, 3), at(1.9, 3), at(0.1, 1), at(-3, -2)]).toEqual([3, 0, 0, 0]);
    expect(gate(runWith({ verdict: 'slower', low: 5, high: 6 }), { failIfSlower: 0.02 }).lines).toEqual([
      'fails, slower by more than 2%: after takes 5.50 % more CPU time than before (95 % interval +5.00 % to ' +
        '+6.00 %, 100 blocks). Chance does not explain this; repeat with another `--seed` before you publish it.',
    ]);
  });

  it('does not fail on an invalid run, unless it is strict', () => {
    expect(gate(runWith({ verdict: 'invalid', low: 50, high: 60 }), { failIfSlower: 0.01 }).exitCode).toBe(0);
    expect(
      gate(runWith({ verdict: 'invalid', low: 50, high: 60 }), { failIfSlower: 0.01, strict: true }).exitCode,
    ).toBe(4);
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
    expect(gate(runWith({ verdict: 'functional', low: 50, high: 60 }), { failIfSlower: 0.01, strict: true })).toEqual({
      exitCode: 0,
      lines: [],
    });
  });

  it('reads the limit as percent and refuses anything else', () => {
    const limit = (...typed: readonly string[]) =>
      parseGate({ ...(typed[0] === undefined ? {} : { failIfSlower: typed[0] }) });
    expect([limit(), limit('0'), limit('2.5%')].map(({ failIfSlower }) => failIfSlower)).toEqual([null, 0, 0.025]);
    expect(() => limit('much')).toThrow('--fail-if-slower: expected a percentage of at least 0, got "much"');
  });
});

describe('the gate for priced calls', () => {
  const gateCalls = (run: Parameters<typeof percallRun>[0], settings: Partial<GateSettings>): Gate =>
    gateOf({ kind: 'calls', analysis: analysePercall(percallRun(run)) }, { ...NO_GATE, ...settings });

  it('fails with 3 where the whole interval of a price lies beyond the limit, and names call and arm', () => {
    expect(gateCalls({}, { failIfSlower: 0.49 })).toEqual({
      exitCode: 3,
      lines: expect.arrayContaining([
        'fails, slower by more than 49%: personality under small: +50.0 % [+50.0, +50.0] against unconfined (slower)',
      ]) as string[],
    });
    expect(gateCalls({}, { failIfSlower: 100 })).toEqual({ exitCode: 0, lines: [] });
    expect(gateCalls({}, {})).toEqual({ exitCode: 0, lines: [] });
  });

  it('fails with 4 under strict where blocks are too few for a verdict', () => {
    const { exitCode, lines } = gateCalls({ blocks: 5 }, { failIfSlower: 0.01, strict: true });
    expect([exitCode, lines.every((line) => line.endsWith('(described)'))]).toEqual([4, true]);
  });
});
