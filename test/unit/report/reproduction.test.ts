import { describe, expect, it } from 'vitest';
import type { AnalysedRun } from '../../../src/model/analysis/analysis.js';
import type { ArmDefinition } from '../../../src/model/run/scenario.js';
import { PUBLISHED_CASES } from '../../../src/report/run/published.js';
import { judged, renderReproduction, reproducedCases } from '../../../src/report/run/reproduction.js';
import { SEQUENTIAL } from './fixtures.js';
import { comparisonOf, estimateOf } from './make-run.js';

const sequential = PUBLISHED_CASES.find(({ id }) => id === 'x86_64-sequential')!;
const log = (percent: number): number => Math.log1p(percent / 100);
const outcome = (low: number, high: number): string => judged(sequential, { low: log(low), high: log(high) });

describe('a published change (-0.58 %) and an interval', () => {
  it('is inside where the interval contains it and not zero', () => {
    expect(outcome(-0.9, -0.3)).toBe('inside');
  });
  it('is outside where the interval does not contain it', () => {
    expect([outcome(-56, -54), outcome(-0.5, 0.4)]).toEqual(['outside', 'outside']);
  });
  it('cannot be resolved where the interval contains it and zero', () => {
    expect(outcome(-1, 0.5)).toBe('notResolvable');
  });
  it('is not judged without an interval', () => {
    expect(judged(sequential, { low: -Infinity, high: Infinity })).toBe('tooFewBlocks');
  });
});

describe('a reproduction', () => {
  it('shows every case, those of other machines as not run', () => {
    expect(renderReproduction(reproducedCases([], []), { reportPath: null })).toMatch(
      /^iSulad, .*\n\nx86_64-sequential: published 57\.000 s → 56\.671 s \(−0\.58 %\) for 500 containers\n {2}not run: requires an x86_64 host\n/,
    );
  });

  it('takes the cold twins where a run has them, and shows the warm arms next to them', () => {
    const { run, analysis } = SEQUENTIAL;
    const cold = ['before', 'after'].map((name, index): ArmDefinition => ({
      name: `${name}-cold`,
      policy: index === 0 ? 'all' : 'host',
      cache: 'cold',
      against: 'before-cold',
    }));
    const warm = run.plan.scenario.arms.map((arm): ArmDefinition => ({ ...arm, cache: 'warm' }));
    const scenario = { ...run.plan.scenario, arms: [...warm, ...cold] };
    const both: AnalysedRun = {
      run: { ...run, plan: { ...run.plan, scenario } },
      analysis: {
        ...analysis,
        comparisons: [
          ...analysis.comparisons,
          { ...comparisonOf('wall', 'faster', estimateOf(-70, -72, -68)), arm: 'after-cold', baseline: 'before-cold' },
        ],
      },
    };
    const cases = reproducedCases([sequential], [both]);
    expect(cases[0]?.arms).toEqual({ before: 'before-cold', after: 'after-cold' });
    const text = renderReproduction(cases, { reportPath: null });
    expect(text).toContain('after-cold/before-cold −70.0 % [−72.0, −68.0]');
    expect(text).toMatch(/\n {2}warm {6}.* after\/before −35\.4 %/);
    expect(text).toContain('libseccomp builds it again at every cold start');
    expect(renderReproduction(reproducedCases([sequential], [SEQUENTIAL]), { reportPath: null })).toContain(
      'libseccomp builds it again at every start.',
    );
  });
});
