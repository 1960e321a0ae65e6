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
      expect(gate(runWith({ verdict, low: 50, high: 60 }), {})).toEqual({ state: 'notAsked', exitCode: 0, lines: [] });
    }
  });

  it('fails with 3 only where the whole interval is slower than the limit', () => {
    const at = (low: number, high: number) =>
      gate(runWith({ verdict: 'slower', low, high }), { failIfSlower: 0.02 }).exitCode;
    expect([at(2.1, 3), at(1.9, 3), at(0.1, 1), at(-3, -2)]).toEqual([3, 0, 0, 0]);
    expect(gate(runWith({ verdict: 'slower', low: 5, high: 6 }), { failIfSlower: 0.02 }).lines).toEqual([
      'gate failed: after is slower than before by more than 2 % in CPU time: +5.5 % [+5.0, +6.0]',
    ]);
  });

  it('names the time that is too slow', () => {
    const [line] = gate(runWith({ verdict: 'equivalent' }, { verdict: 'slower', metric: 'wall', low: 5, high: 6 }), {
      failIfSlower: 0.02,
    }).lines;
    expect(line).toBe('gate failed: after is slower than before by more than 2 % in wall time: +5.5 % [+5.0, +6.0]');
  });

  it.each(['invalid', 'inconclusive', 'described', 'functional'] as const)(
    'is not evaluated, with exit code 4, where the verdict is %s',
    (verdict) => {
      const { state, exitCode, lines } = gate(runWith({ verdict, low: -1, high: 1 }), { failIfSlower: 0.5 });
      expect([state, exitCode, lines.length]).toEqual(['notEvaluated', 4, 1]);
      expect(lines[0]).toMatch(/^gate not evaluated: CPU time of after: /);
    },
  );

  it('is neutral where undecided runs are allowed, and says so all the same', () => {
    const settings = { failIfSlower: 0.02, allowUndecided: true };
    const { exitCode, lines } = gate(runWith({ verdict: 'inconclusive', low: -1, high: 3 }), settings);
    expect([exitCode, lines[0]?.startsWith('gate not evaluated: ')]).toEqual([0, true]);
    expect(gate(runWith({ verdict: 'slower', low: 5, high: 6 }), settings).exitCode).toBe(3);
  });

  it('is not evaluated where there is nothing to compare', () => {
    expect(gate(runWith(), { failIfSlower: 0.02 })).toEqual({
      state: 'notEvaluated',
      exitCode: 4,
      lines: ['gate not evaluated: these results compare nothing'],
    });
  });

  it('is not evaluated where one of several runs is not decided', () => {
    const runs = [...runWith({ verdict: 'equivalent' }), ...runWith({ verdict: 'invalid' })];
    expect(gate(runs, { failIfSlower: 0.02 }).exitCode).toBe(4);
  });

  it('is not evaluated where a row alone is decided, but not among all tests of the report', () => {
    const [run] = runWith({ verdict: 'slower', low: 1, high: 3 });
    const comparisons = run!.analysis.comparisons.map((one) => ({
      ...one,
      family: { p: 0.09, verdict: 'inconclusive' as const, rows: 3 },
    }));
    const judged = [{ ...run!, analysis: { ...run!.analysis, comparisons } }];
    expect(gate(judged, { failIfSlower: 0.02 })).toMatchObject({
      exitCode: 4,
      lines: [
        'gate not evaluated: CPU time of after: +2.0 % [+1.0, +3.0] is slower by itself, but may be chance among the ' +
          '3 tests of this report (Holm). Run more blocks (`--blocks`).',
      ],
    });
  });

  it('names the margin that would decide an inconclusive run whose interval is within the limit', () => {
    const line = (low: number, high: number): string =>
      gate(runWith({ verdict: 'inconclusive', low, high }), { failIfSlower: 0.05 }).lines[0] ?? '';
    const advice = 'With `--margin 5%` the change counts as none.';
    expect([line(-2, 2).includes(advice), line(-2, 6).includes(advice)]).toEqual([true, false]);
  });

  it('looks at the time that it is told to', () => {
    const runs = runWith(
      { verdict: 'slower', low: 5, high: 6 },
      { verdict: 'inconclusive', metric: 'wall', low: -1, high: 4 },
    );
    const code = (metric: 'cpu' | 'wall' | 'both') => gate(runs, { failIfSlower: 0.02, metric }).exitCode;
    expect([code('cpu'), code('wall'), code('both')]).toEqual([3, 4, 3]);
    const undecided = runWith({ verdict: 'equivalent' }, { verdict: 'inconclusive', metric: 'wall', high: 4 });
    const other = (settings: Partial<GateSettings>) => gate(undecided, { failIfSlower: 0.02, ...settings }).exitCode;
    expect([other({}), other({ metric: 'cpu' }), other({ metric: 'wall' }), other({ metric: 'both' })]).toEqual([
      0, 0, 4, 4,
    ]);
  });

  it('says what it passed', () => {
    expect(gate(runWith({ verdict: 'equivalent', low: -0.4, high: 0.6 }), { failIfSlower: 0.02 })).toEqual({
      state: 'passed',
      exitCode: 0,
      lines: [
        'gate passed: after is not shown to be slower than before by more than 2 % in CPU time: ' +
          '+0.1 % [−0.4, +0.6]',
      ],
    });
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

  it('does not fail under strict alone by the times of an emulated run', () => {
    expect(gate(runWith({ verdict: 'functional', low: 50, high: 60 }), { strict: true }).exitCode).toBe(0);
  });

  it('reads the limit as percent and refuses anything else', () => {
    const limit = (...typed: readonly string[]) =>
      parseGate({ ...(typed[0] === undefined ? {} : { failIfSlower: typed[0] }) });
    expect([limit(), limit('0'), limit('2.5%')].map(({ failIfSlower }) => failIfSlower)).toEqual([null, 0, 0.025]);
    expect(() => limit('much')).toThrow('--fail-if-slower: expected a percentage of at least 0, got "much"');
  });

  it('refuses settings that mean nothing', () => {
    expect(() => parseGate({ allowUndecided: true })).toThrow('--allow-undecided requires --fail-if-slower');
    expect(() => parseGate({ metric: 'wall' })).toThrow('--metric requires --fail-if-slower or --strict');
    expect(() => parseGate({ failIfSlower: '2%', allowUndecided: true, strict: true })).toThrow(
      '--allow-undecided cannot be combined with --strict',
    );
  });
});

describe('the gate for priced calls', () => {
  const gateCalls = (run: Parameters<typeof percallRun>[0], settings: Partial<GateSettings>): Gate =>
    gateOf({ kind: 'calls', analysis: analysePercall(percallRun(run)) }, { ...NO_GATE, ...settings });

  it('fails with 3 where the whole interval of a price lies beyond the limit, and names call and arm', () => {
    expect(gateCalls({}, { failIfSlower: 0.49 })).toEqual({
      state: 'failed',
      exitCode: 3,
      lines: expect.arrayContaining([
        'gate failed: personality under small is slower than under unconfined by more than 49 % in time per call: ' +
          '+50.0 % [+50.0, +50.0]',
      ]) as string[],
    });
    expect(gateCalls({}, { failIfSlower: 100 })).toMatchObject({ state: 'passed', exitCode: 0 });
    expect(gateCalls({}, {})).toEqual({ state: 'notAsked', exitCode: 0, lines: [] });
  });

  it('fails with 4 where blocks are too few for a verdict', () => {
    const strict = gateCalls({ blocks: 5 }, { strict: true });
    expect([strict.state, strict.exitCode, strict.lines.every((line) => line.endsWith('(no verdict)'))]).toEqual([
      'undecided',
      4,
      true,
    ]);
    const limited = gateCalls({ blocks: 5 }, { failIfSlower: 0.01 });
    expect([limited.state, limited.exitCode]).toEqual(['notEvaluated', 4]);
    expect(limited.lines[0]).toMatch(/^gate not evaluated: time per call of \w+ under \w+: .* \(no verdict\)$/);
  });
});
