import { amountText } from '../../../src/report/text/format.js';
import { describe, expect, it } from 'vitest';
import type { AnalysedRun } from '../../../src/model/analysis/analysis.js';
import type { TaskState } from '../../../src/model/run/evidence.js';
import type { Workload } from '../../../src/model/run/program/workload.js';
import type { Amount, FilterCost } from '../../../src/model/analysis/workload-analysis.js';
import { heightFor } from '../../../src/report/charts/look.js';
import { powerText } from '../../../src/report/charts/curve.js';
import { hostMitigationWords, mitigationTable, mitigationWords } from '../../../src/report/run/mitigations.js';
import {
  PUBLISHED_WORKLOADS,
  publishedRatio,
  publishedWorkloadFor,
} from '../../../src/report/workload/published-workloads.js';
import { overheadCurve } from '../../../src/report/workload/workload-curve.js';
import { headlinesOf } from '../../../src/report/run/headlines.js';
import { renderTerminalSummary } from '../../../src/report/run/terminal/terminal.js';
import { workloadRemarks, workloadSentences, workloadTables } from '../../../src/report/workload/workload.js';
import { SEQUENTIAL } from './fixtures.js';
import { comparisonOf, estimateOf } from './make-run.js';

const PROGRAM: Workload = { args: ['python3', '-c', 'pass'], env: [], cwd: '/', bindHost: true, binds: [], via: 'run' };
const exactly = (ns: number, half = 0): Amount => ({ ns, low: ns - half, high: ns + half });
const COST: FilterCost = {
  arm: 'after',
  baseline: 'before',
  metric: 'cpu',
  start: exactly(10e6, 1e6),
  calls: exactly(2e6, 1e5),
  cachedShare: 1,
  uncached: null,
  unfiltered: false,
  thing: 'run',
  share: { share: 0.01, low: 0.005, high: 0.015 },
  predicted: exactly(12e6, 1e6),
  measured: exactly(13e6, 2e6),
  agree: true,
};
const activity = (arm: string, calls: number | null) => ({
  arm,
  calls,
  callsPerSecond: calls,
  series: arm === 'before' ? [12, 9] : [],
  minorFaults: 2417,
  majorFaults: 0,
  voluntarySwitches: 329,
  involuntarySwitches: 3,
});
const PRICES = [
  { arm: 'after', kind: 'cached', price: exactly(27.4, 0.2), instructions: 0, calls: ['getppid'] },
  { arm: 'after', kind: 'filtered', price: exactly(106.5, 14), instructions: 607, calls: ['personality'] },
] as const;

function workloadRun(
  more: Partial<NonNullable<AnalysedRun['analysis']['workload']>> = {},
  scenario: object = {},
): AnalysedRun {
  const { run, analysis } = SEQUENTIAL;
  return {
    run: { ...run, plan: { ...run.plan, scenario: { ...run.plan.scenario, program: PROGRAM, ...scenario } } },
    analysis: {
      ...analysis,
      workload: {
        activities: ['before', 'after', 'control'].map((arm) => activity(arm, 600_000)),
        prices: PRICES,
        costs: [COST],
        touched: [],
        ...more,
      },
    },
  };
}

const tableOf = (analysed: AnalysedRun, title: string) =>
  workloadTables(analysed).find((table) => table.title.startsWith(title));

describe('an amount', () => {
  it('is printed in the unit of its size, with its interval where it has one', () => {
    expect([
      amountText(null),
      amountText(exactly(27.4, 0.2)),
      amountText(exactly(-1500, 100)),
      amountText({ ns: 2.5e6, low: null, high: null }),
      amountText(exactly(3e9, 1e8)),
    ]).toEqual(['–', '27.4 ns [27.2, 27.6]', '−1.5 µs [−1.6, −1.4]', '2.50 ms', '3.00 s [2.90, 3.10]']);
  });
});

describe('the answer of a program', () => {
  const slower = (costs: readonly FilterCost[]): AnalysedRun => {
    const { run, analysis } = workloadRun({ costs });
    return { run, analysis: { ...analysis, comparisons: [comparisonOf('cpu', 'slower', estimateOf(1, 0.5, 1.5))] } };
  };
  const answerOf = (analysed: AnalysedRun): string | undefined => headlinesOf(analysed)[0]?.answer;

  it('is what the filter costs it, in time before any ratio', () => {
    const analysed = slower([COST]);
    const paid = 'Under after this program pays 13.0 ms [11.0, 15.0] of CPU time per run (1.0 % [0.5, 1.5])';
    expect(answerOf(analysed)).toBe(`${paid} more than under before.`);
    expect(workloadRemarks(analysed, [answerOf(analysed) ?? ''])).toEqual([
      'Predicted: 12.0 ms [11.0, 13.0], 10.0 ms [9.0, 11.0] to start and 2.00 ms [1.90, 2.10] for its system calls. The two agree.',
    ]);
    const look = { columns: null, colour: false, reportPath: null };
    const lines = renderTerminalSummary(analysed, look).split('\n');
    expect(lines.findIndex((line) => line.startsWith('Under after this program pays'))).toBeLessThan(
      lines.findIndex((line) => line.includes('median wall')),
    );
  });

  it('stays the verdict by ratios where the difference in time does not say the same', () => {
    const undecided = { ...COST, measured: exactly(1e6, 2e6) };
    const analysed = slower([undecided]);
    expect(answerOf(analysed)).not.toContain('this program');
    expect(workloadRemarks(analysed, [answerOf(analysed) ?? ''])[0]).toMatch(/^Under after no cost/);
  });

  it('names the arm of every prediction where several are told', () => {
    const analysed = slower([COST, { ...COST, arm: 'trim', measured: exactly(1e6, 2e6) }]);
    const remarks = workloadRemarks(analysed, [answerOf(analysed) ?? '']);
    expect([remarks[0]?.slice(0, 17), remarks[1]?.slice(0, 18)]).toEqual(['after: Predicted:', 'Under trim no cost']);
  });
});

describe('the tables of a program', () => {
  it('hold prediction against measurement', () => {
    expect(tableOf(workloadRun(), 'Predicted and measured cost')?.rows).toEqual([
      [
        'after / before',
        'CPU time',
        '10.0 ms [9.0, 11.0]',
        '2.00 ms [1.90, 2.10]',
        '12.0 ms [11.0, 13.0]',
        '13.0 ms [11.0, 15.0]',
        'yes',
      ],
    ]);
    expect(
      tableOf(
        workloadRun({ costs: [{ ...COST, agree: null, predicted: null, calls: null }] }),
        'Predicted and measured cost',
      )?.rows[0]?.slice(3),
    ).toEqual(['–', '–', '13.0 ms [11.0, 15.0]', 'unknown']);
    expect(workloadSentences(workloadRun())).toEqual([
      'Under after this program pays 13.0 ms [11.0, 15.0] of CPU time per run (1.0 % [0.5, 1.5]) more than under before. The verdict points to the other side (−42.1 % [−42.9, −41.3]): it rests on the ratio within each block, which counts every block alike; in an amount of time slow blocks count more. Predicted: 12.0 ms [11.0, 13.0], 10.0 ms [9.0, 11.0] to start and 2.00 ms [1.90, 2.10] for its system calls. The two agree.',
    ]);
  });

  it('show calls, faults and switches, and name page-table isolation', () => {
    const table = tableOf(workloadRun(), 'System calls and faults');
    expect(table?.rows.map((row) => row.slice(0, 5))).toEqual([
      ['before', '600,000', '600,000', '12', '2,417'],
      ['after', '600,000', '600,000', '–', '2,417'],
      ['control', '600,000', '600,000', '–', '2,417'],
    ]);
    expect(table?.note).toContain('page-table isolation');
  });

  it('say what a working set prices', () => {
    const touched = [{ arm: 'before', mib: 8, order: 'random', perCall: exactly(300, 10) }] as const;
    expect([
      tableOf(workloadRun(), 'A system call after'),
      tableOf(workloadRun({ touched }), 'A system call after')?.rows,
    ]).toEqual([undefined, [['before', '8', 'random', '300 ns [290, 310]']]]);
    expect(tableOf(workloadRun({ touched }), 'A system call after')?.note).toContain(
      'these are costs of page-table isolation, not of seccomp',
    );
  });

  it('are none where the payload ran', () => {
    expect([workloadTables(SEQUENTIAL), workloadSentences(SEQUENTIAL), overheadCurve(SEQUENTIAL, 'x')]).toEqual([
      [],
      [],
      null,
    ]);
  });
});

describe('the published pairs', () => {
  it('are as published, and belong to scenarios of programs alone', () => {
    expect(
      PUBLISHED_WORKLOADS.flatMap(({ pairs }) =>
        pairs.map((pair) => [pair.unconfinedSeconds, pair.defaultSeconds, publishedRatio(pair).toFixed(2)]),
      ),
    ).toEqual([
      [5.41, 8.16, '1.51'],
      [7.34, 11.85, '1.61'],
      [0.72, 1.08, '1.50'],
    ]);
    expect([
      publishedWorkloadFor(SEQUENTIAL.run.plan.scenario),
      publishedWorkloadFor({ ...SEQUENTIAL.run.plan.scenario, published: 'python-max-sqrt' }),
    ]).toEqual([undefined, undefined]);
  });

  it('stand next to the ratio measured here, and say that a profile was not taken', () => {
    const rows = tableOf(workloadRun({}, { published: 'python-max-sqrt' }), 'Published and measured')?.rows;
    expect(rows?.map((row) => [row[0], row[1], row[4]])).toEqual([
      ['published', 'the run', '1.51'],
      ['measured, after', 'the run', expect.stringMatching(/^0\.\d{3} \[0\.\d{3}, 0\.\d{3}\]$/)],
      ['published', 'the run under cProfile', '1.61'],
      ['measured, after', 'the run under cProfile', 'not measured: --profile-with cprofile'],
    ]);
  });
});

describe('the curve of overhead', () => {
  it('has a line per kind of call and the program on the line of its calls', () => {
    const curve = overheadCurve(workloadRun(), 'overhead');
    expect(curve?.lines.map(({ label, percentPerCall }) => [label, percentPerCall])).toEqual([
      ['after: cached, +27.4 ns per call', 27.4e-7],
      ['after: 607 instructions, +106.5 ns per call', 106.5e-7],
    ]);
    const base = SEQUENTIAL.analysis.arms[0]?.cpu?.median ?? 0;
    expect(curve?.points.map(({ role, x, y }) => [role, x, y])).toEqual([
      ['predicted', 600_000 / (base / 1e9), 200e6 / base],
      ['measured', 600_000 / (base / 1e9), 300e6 / base],
    ]);
    expect([curve?.x.min, (curve?.x.max ?? 0) >= 600_000 / (base / 1e9)]).toEqual([100, true]);
    expect(curve === null ? 0 : heightFor(curve, 824)).toBe(517);
  });

  it('has no place for a program whose calls were not counted, and is none without prices', () => {
    expect(overheadCurve(workloadRun({ activities: [activity('before', null)] }), 'x')?.points).toEqual([]);
    expect(overheadCurve(workloadRun({ prices: [] }), 'x')).toBeNull();
  });

  it('names powers of ten alone', () => {
    expect([100, 200, 1000, 1e5, 1e6, 3e6, 1e7].map(powerText)).toEqual([
      '100',
      '',
      '1,000',
      '100,000',
      '1 M',
      '',
      '10 M',
    ]);
  });
});

describe('speculation mitigations', () => {
  const task = (store: string): TaskState => ({
    speculationStoreBypass: store,
    speculationIndirectBranch: 'always enabled',
    seccompFilters: 1,
  });
  const seen = (kernel: string, states: readonly string[], mitigations: Readonly<Record<string, string>> = {}) => ({
    ...SEQUENTIAL.run,
    host: { ...SEQUENTIAL.run.host, kernel, mitigations },
    evidence: SEQUENTIAL.run.evidence.map((one, index) => ({ ...one, task: task(states[index] ?? '') })),
  });

  it('are said to be alike on a new kernel, with what it says itself', () => {
    const words = mitigationWords(
      seen('6.18.0', ['thread vulnerable', 'thread vulnerable', 'thread vulnerable'], {
        spec_store_bypass: 'Mitigation: Speculative Store Bypass disabled via prctl',
      }),
    );
    expect(words).toContain('All arms run with the same mitigations');
    expect(words).toContain(
      'Kernel 6.18.0: since 5.16 a filter no longer switches them on. This kernel reports spec_store_bypass: "Mitigation: Speculative Store Bypass disabled via prctl".',
    );
  });

  it('explain a difference where the arms have others on an old kernel', () => {
    const words = mitigationWords(
      seen('4.15.0-74', ['thread vulnerable', 'thread force mitigated', 'thread vulnerable']),
    );
    expect(words).toMatch(/^after runs with other mitigations than the baseline\. .*old reports/);
    expect(words).toContain('before 5.16 a filter switches them on');
  });

  it('are a table of what each arm runs with, and none in old results', () => {
    expect(mitigationTable(seen('6.18.0', ['a', 'b', 'c']))?.rows.map((row) => row.slice(0, 2))).toEqual([
      ['before', 'a'],
      ['after', 'b'],
      ['control', 'c'],
    ]);
    expect(mitigationTable(SEQUENTIAL.run)).toBeNull();
  });

  it('of the host begin with page-table isolation', () => {
    const host = (meltdown: string) => ({
      ...SEQUENTIAL.run.host,
      mitigations: { spectre_v2: 'Mitigation: Retpolines', mds: 'Not affected', meltdown },
    });
    expect([
      hostMitigationWords(host('Mitigation: PTI')),
      hostMitigationWords(host('Not affected')),
      hostMitigationWords({ ...SEQUENTIAL.run.host, mitigations: {} }),
    ]).toEqual([
      'page-table isolation is on (meltdown: Mitigation: PTI); spectre_v2: Retpolines',
      'page-table isolation is off (meltdown: Not affected); spectre_v2: Retpolines',
      'page-table isolation is unknown',
    ]);
  });
});
