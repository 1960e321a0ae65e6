import { describe, expect, it } from 'vitest';
import type { Advice } from '../../../src/model/analysis/advice.js';
import type { Estimate } from '../../../src/model/analysis/analysis.js';
import { adviceReport, renderAdviceTerminal } from '../../../src/report/index.js';

const estimate = (logRatio: number): Estimate => ({
  method: 'trimmed-both',
  blocks: 30,
  logRatio,
  low: logRatio - 0.01,
  high: logRatio + 0.01,
  p: 0.01,
  standardError: 0.005,
  degreesOfFreedom: 20,
  equivalent: false,
  meanLogRatio: logRatio,
  tailZ: null,
  tailDiffers: false,
  lag1: null,
  dependent: false,
});
const ADVICE: Advice = {
  profile: 'mine.json',
  engine: 'namespaces',
  cache: null,
  blocks: { starts: 30, calls: 20 },
  results: { starts: 'results/a', calls: 'results/b' },
  foreknown: { unpriced: [], needed: null, logs: false, edit: null },
  counts: { from: 'c.txt', first: ['personality', 'read'], cached: ['read'] },
  notes: [],
  warnings: ['Starts: loud'],
  options: [
    {
      state: 'measured',
      option: 'tree',
      cpu: estimate(Math.log(1.5)),
      wall: null,
      startNs: { cpu: [10e6, 15e6], wall: [null, null] },
      instructions: [1001, 1246],
      calls: [
        { call: 'personality', kind: 'filtered', ns: 347.2, change: estimate(Math.log(0.75)) },
        { call: 'getppid', kind: 'cached', ns: 144, change: null },
      ],
      security: 'The rules are the same.',
    },
    {
      state: 'measured',
      option: 'prebuilt',
      cpu: estimate(-1),
      wall: estimate(-1),
      startNs: { cpu: [10e6, 4e6], wall: [20e6, 8e6] },
      instructions: [1001, 1001],
      calls: [],
      security: 'The file is the filter.',
    },
    { state: 'notMeasured', option: 'ordered', reason: 'no counts were given', security: 'Only the order changes.' },
  ],
};

describe('advice', () => {
  it('is reported option by option, with what it means for security', () => {
    const text = renderAdviceTerminal(ADVICE, { columns: 80, reportPath: null });
    expect(text).toContain(
      [
        'Binary tree instead of a chain',
        '  1,001 → 1,246 instructions',
        '  start, CPU             +50.0 % [+48.5, +51.5]  10.0 ms → 15.0 ms',
        '  start, wall            –                       –',
        '  personality, filtered  −25.0 % [−25.7, −24.2]  of 347 ns',
        '  getppid, cached        –                       of 144 ns',
        '  Security: The rules are the same.',
      ].join('\n'),
    );
    expect(text).toContain(
      'Rules in the order of observed counts\n  Not measured: no counts were given\n  Security: Only the order changes.\n',
    );
    expect(text).toContain('  1,001 instructions, unchanged\n');
    expect(text).toContain('  calls        same filter\n');
    expect(text).toContain(
      'Order by c.txt: personality, read\nCached by the kernel, so they gain nothing: 1 of 2 (read)\nWarning: Starts: loud\n',
    );
    expect(
      renderAdviceTerminal(
        { ...ADVICE, counts: { from: 'c.txt', first: [], cached: [] } },
        { columns: 80, reportPath: null },
      ),
    ).toContain('Order by c.txt: no call that has a rule\nWarning: Starts: loud\n');
  });

  it('names what another form is compared with, where its runtime takes it only when it is finished', () => {
    const [tree, ...others] = ADVICE.options;
    if (tree?.state !== 'measured') throw new RangeError('the tree was measured');
    const advice: Advice = { ...ADVICE, options: [{ ...tree, against: 'prebuilt' }, ...others] };
    const label = 'Binary tree instead of a chain, both precompiled';
    expect(renderAdviceTerminal(advice, { columns: 80, reportPath: null })).toContain(`${label}\n`);
    const { tables, method } = adviceReport(advice);
    expect(tables[0]?.rows[0]?.[0]).toBe(label);
    expect(method.join(' ')).toContain('given to it finished');
    expect(adviceReport(ADVICE).method.join(' ')).not.toContain('given to it finished');
  });

  it('fits 80 and 60 columns', () => {
    for (const columns of [80, 60]) {
      const lines = renderAdviceTerminal(ADVICE, { columns, reportPath: 'reports/a/index.html' }).split('\n');
      expect(lines.filter((line) => line.length > columns || line.includes('…'))).toEqual([]);
    }
  });

  it('becomes a report with a row for each option that was measured', () => {
    const { pictures, tables } = adviceReport(ADVICE);
    expect(
      pictures.map(({ spec }) =>
        spec.kind === 'rows'
          ? spec.rows.map(({ label, value }) => [label, value === null ? null : Math.round(value)])
          : [],
      ),
    ).toEqual([
      [
        ['Binary tree instead of a chain', 50],
        ['Precompiled filter', -63],
      ],
    ]);
    expect(tables.map(({ title }) => title)).toEqual([
      'At a start',
      'Per call',
      'Security, and options that were not measured',
      'Order of rules',
    ]);
    expect(tables[1]?.rows.at(-1)).toEqual(['Precompiled filter', '–', '–', '–', 'the loaded filter is the same']);
  });

  it('shows the notes on the profile', () => {
    const note = {
      code: 'unknown-name',
      kind: 'security',
      file: 'mine.json',
      path: 'syscalls[0].names[1]',
      subject: 'ACCT',
      detail: { written: 'name', machine: 'x86_64', libseccomp: '2.5.4', answer: 'ALLOW', meant: 'acct', open: 'yes' },
    } as const;
    const advice = { ...ADVICE, notes: [{ ...note, sentence: '' }] };
    const text = renderAdviceTerminal(advice, { columns: 80, reportPath: null });
    expect(text).toContain('Notes on mine.json, 1\n- syscalls[0].names[1]: "ACCT" is not a system call');
    expect(adviceReport(advice).tables.at(-1)).toMatchObject({
      title: 'Notes on the profiles',
      rows: [['profile', 'mine.json: syscalls[0].names[1]', expect.stringContaining('stays open (ALLOW)')]],
    });
    expect(adviceReport(ADVICE).tables.map(({ title }) => title)).not.toContain('Notes on the profiles');
  });
});
