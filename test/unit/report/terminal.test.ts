import { describe, expect, it } from 'vitest';
import type { AnalysedRun, RunWarning } from '../../../src/model/analysis/analysis.js';
import type { AskedCounters } from '../../../src/model/results/figures/instructions.js';
import { renderTerminalOverview, renderTerminalSummary } from '../../../src/report/run/terminal/terminal.js';
import { ARM64, FAILURES, FEW, FOUND, NOTHING, PARALLEL, SEQUENTIAL } from './fixtures.js';
import { comparisonOf, estimateOf } from './make-run.js';

const NO_PMU: AskedCounters = { state: 'none', reason: 'noPmu', errno: 'ENOENT' };
/** A run that was asked to count instructions. */
function counting({ run, analysis }: AnalysedRun, counters: AskedCounters): AnalysedRun {
  return {
    run: { ...run, plan: { ...run.plan, counters } },
    analysis:
      counters.state === 'none'
        ? analysis
        : {
            ...analysis,
            comparisons: [
              ...analysis.comparisons,
              comparisonOf('userInstructions', 'faster', estimateOf(-80.4, -80.45, -80.32)),
              comparisonOf('kernelInstructions', 'slower', estimateOf(1.2, 1.1, 1.3)),
            ],
          },
  };
}

const ALL: readonly (readonly [string, AnalysedRun])[] = [
  ['sequential', SEQUENTIAL],
  ['parallel', PARALLEL],
  ['arm64', ARM64],
  ['failures', FAILURES],
  ['few', FEW],
  ['found', FOUND],
  ['nothing', NOTHING],
  ['counted', counting(SEQUENTIAL, { state: 'counted' })],
  ['not counted', counting(SEQUENTIAL, NO_PMU)],
];
const plain = (run: AnalysedRun, columns = 80): string =>
  renderTerminalSummary(run, { columns, colour: false, reportPath: 'reports/x' });

const CONTROL_DIFFERS = {
  code: 'controlDiffers',
  state: 'warning',
  metric: 'cpu',
  logRatio: 0.004,
  p: 0.006,
} as const satisfies RunWarning;

/** A run of many arms, warnings and failures, with words longer than any screen. */
function crowded(): AnalysedRun {
  const { run, analysis } = FAILURES;
  const names = Array.from({ length: 9 }, (_, index) => `variant-with-a-long-name-${index}`);
  return {
    run: {
      ...run,
      plan: {
        ...run.plan,
        scenario: {
          ...run.plan.scenario,
          arms: [...run.plan.scenario.arms, ...names.map((name) => ({ name, policy: 'host' as const }))],
        },
      },
    },
    analysis: {
      ...analysis,
      arms: [...analysis.arms, ...names.map((arm) => ({ ...analysis.arms[0]!, arm }))],
      comparisons: [
        ...analysis.comparisons,
        ...names.map((arm) => comparisonOf('cpu', 'slower', estimateOf(12.1, 11.3, 12.9), arm)),
      ],
      warnings: [
        ...Array.from({ length: 30 }, (_, index) => ({
          code: 'filterNotSeen' as const,
          isPredicted: true,
          arm: `arm-${index}`,
          reason: 'x'.repeat(200),
        })),
        CONTROL_DIFFERS,
      ],
    },
  };
}

describe('the terminal summary of a run with --counters', () => {
  it.each([80, 60])('has a row for each count, as less or more, at %d columns', (columns) => {
    const text = plain(counting(SEQUENTIAL, { state: 'counted' }), columns);
    expect(text).toMatch(/^after +user ins(?:tr)?\. +−80\.40 % \[−80\.45, −80\.32\] +less/m);
    expect(text).toMatch(/^after +kern(?:el|\.) ins(?:tr)?\. +\+1\.20 % \[\+1\.10, \+1\.30\] +more/m);
    expect(text).not.toContain('Instructions not counted');
  });

  it('says once why nothing was counted', () => {
    const text = plain(counting(SEQUENTIAL, NO_PMU)).replaceAll('\n', ' ');
    expect(text.split('Instructions not counted: this machine shows no hardware counters (PMU)')).toHaveLength(2);
    expect(text).not.toContain('user instr.');
    expect(plain(SEQUENTIAL)).not.toContain('Instructions');
  });
});

describe.each([...ALL, ['crowded', crowded()] as const])('the terminal summary of the %s run', (_, run) => {
  it.each([80, 60])('fits a screen of 24 lines and %d columns, with a line for the next prompt', (columns) => {
    const lines = plain(run, columns).trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(23);
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
  });

  it('leaves the path of the report whole, and room for the lines it takes', () => {
    const reportPath = `reports/${'long'.repeat(20)}/index.html`;
    const lines = renderTerminalSummary(run, { columns: 60, colour: false, reportPath }).trimEnd().split('\n');
    expect(lines.at(-1)).toBe(`Report: ${reportPath}`);
    expect(lines.length).toBeLessThanOrEqual(22);
  });

  it('ends with the place of the report', () => {
    expect(plain(run).trimEnd().split('\n').at(-1)).toBe('Report: reports/x');
  });
});

describe('the terminal summary', () => {
  it('shows arms, medians, totals, filter instructions and counts', () => {
    const lines = plain(SEQUENTIAL).split('\n');
    expect(lines[0]).toBe('x86_64 sequential · runc 1.1.5 · 500 of 500 blocks · seed 424242');
    expect(lines.slice(2, 6)).toEqual([
      'arm      median wall  median CPU  total s  BPF instr.  ok/planned',
      'before       59.3 ms     48.2 ms     29.8       1,647     500/500',
      'after        38.3 ms     28.0 ms     19.1       1,015     500/500',
      'control      59.3 ms     48.2 ms     29.8       1,647     500/500',
    ]);
  });

  it("shows the change with its interval, the control's, and the verdict", () => {
    const text = plain(SEQUENTIAL);
    expect(text).toContain('after    CPU   −42.1 % [−42.9, −41.3]  faster\n');
    expect(text).toMatch(/control {2}CPU {3}\+0\.1 % \[−0\.3, \+0\.5\] +A\/A ok\n/);
    expect(text).toContain('Faster: after takes 42.1 % less CPU time than before');
    expect(text).toContain('Failures: none\n');
  });

  /** SEQUENTIAL with that many more arms. */
  function withMore(count: number): AnalysedRun {
    const { run, analysis } = SEQUENTIAL;
    const names = Array.from({ length: count }, (_, index) => `more-${index}`);
    return {
      run: {
        ...run,
        plan: {
          ...run.plan,
          scenario: {
            ...run.plan.scenario,
            arms: [...run.plan.scenario.arms, ...names.map((name) => ({ name, policy: 'native' as const }))],
          },
        },
      },
      analysis: {
        ...analysis,
        arms: [...analysis.arms, ...names.map((arm) => ({ ...analysis.arms[0]!, arm }))],
        comparisons: [
          ...analysis.comparisons,
          ...names.flatMap((arm) =>
            (['cpu', 'wall'] as const).map((metric) => comparisonOf(metric, 'faster', estimateOf(-70, -71, -69), arm)),
          ),
        ],
      },
    };
  }

  it('says once that a run has too few blocks for a verdict', () => {
    const { run, analysis } = FEW;
    const warnings = [{ code: 'fewBlocks', state: 'described', blocks: 12, needed: 20 }] as const;
    const words = plain({ run, analysis: { ...analysis, warnings } });
    expect(words).toMatch(/No verdict: \d+ blocks are too few/);
    expect(words).not.toContain('without a verdict');
  });

  it('says with several arms whether containers failed, and which metric decides', () => {
    expect(plain(withMore(1))).toContain(
      'Failures: none\nCPU time decides each verdict; the report gives the reasons.\n',
    );
  });

  it('shows of five arms every effect, and whether containers failed', () => {
    const lines = plain(withMore(2)).split('\n');
    expect(lines.filter((line) => line.startsWith('more-') && line.includes(' wall '))).toHaveLength(2);
    expect(lines).toContain('Failures: none');
  });

  it('drops the wall time of more arms before the CPU time of any', () => {
    const lines = plain(withMore(4)).split('\n');
    expect(lines.filter((line) => / CPU +.*faster$/.test(line))).toHaveLength(4);
    expect(lines.filter((line) => / wall +.*faster$/.test(line))).toEqual([]);
    expect(lines.some((line) => /^\.\.\. \d more in the report$/.test(line))).toBe(true);
  });

  it('knows no filter of a command', () => {
    const { run, analysis } = SEQUENTIAL;
    const evidence = run.evidence.map((arm) => ({ ...arm, policy: 'command' }));
    expect(plain({ run: { ...run, evidence }, analysis }).split('\n')[3]).toBe(
      'before       59.3 ms     48.2 ms     29.8           –     500/500',
    );
  });

  it('shows failures by arm and cause, and what was not run', () => {
    expect(plain(FAILURES)).toContain(
      'Failures: before: 2 x exit status 1 (EACCES)\nLedger: before: 3,000 planned = 2,998 ok + 2 failed\nLedger: control: 3,000 planned = 2,850 ok + 150 not run\n',
    );
  });

  it('marks instructions that were not read from the kernel', () => {
    expect(plain(ARM64)).toContain('1,001*');
    expect(plain(ARM64)).toContain('* predicted, not seen in the kernel');
    expect(plain(SEQUENTIAL)).not.toContain('*');
  });

  it('says how much it left out where the screen is too small', () => {
    expect(plain(crowded())).toMatch(/\n\.\.\. 7 more arms\n[\s\S]*\n\.\.\. \d+ more lines in the report\n/);
  });

  it('prints a warning about the A/A check where other lines are cut', () => {
    for (const columns of [80, 60]) {
      const text = plain(crowded(), columns).replace(/\s+/g, ' ');
      expect(text).toMatch(/\.\.\. \d+ more lines in the report/);
      expect(text).toContain('Warning: A/A check, CPU time of a batch: equal arms differ by +0.40 % (p = 0.0060).');
      expect(text).toContain('run again before you rely on it.');
    }
  });

  it('cuts nothing in a pipe: every arm, effect and warning is there', () => {
    const text = renderTerminalSummary(crowded(), { columns: null, colour: false, reportPath: null });
    expect(text).not.toMatch(/\.\.\. \d+ more|\u2026/);
    expect(text.match(/^variant-with-a-long-name-\d .*slower$/gm)).toHaveLength(9);
    expect(text.match(/^Warning: arm-/gm)).toHaveLength(30);
  });

  it('colours the verdict only where colours are wanted', () => {
    expect(renderTerminalSummary(SEQUENTIAL, { columns: 80, colour: true, reportPath: null })).toContain(
      '\u001b[1;32mFaster\u001b[0m: after takes',
    );
    expect(plain(SEQUENTIAL)).not.toContain('\u001b');
  });

  it("prints no control character of a runtime's words", () => {
    const failures = [
      { arm: 'after', stage: 'run' as const, errno: null, cause: 'broken \u001b]0;title\u0007', count: 1, stderr: '' },
    ];
    expect(plain({ ...FEW, analysis: { ...FEW.analysis, failures } })).toContain('after: 1 x broken\n');
  });

  it('gives every run of several its verdict and figures', () => {
    const text = renderTerminalOverview([SEQUENTIAL, ARM64], { columns: 80, colour: false, reportPath: 'reports/y' });
    expect(text).toContain('Faster: after is faster than before: CPU time −42.1 % [−42.9, −41.3], wall time');
    expect(text).toContain('Equivalent: after costs the same as before within ±1 %: CPU time');
    expect(text.endsWith('Report: reports/y\n')).toBe(true);
  });
});
