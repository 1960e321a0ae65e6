import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { percallReport, percallSummary, plainContents, renderPercallTerminal } from '../../../src/report/index.js';
import { replaceReport } from '../../../src/reporting/folder.js';
import { analysePercall } from '../../../src/statistics/index.js';
import { percallRun } from '../statistics/percall.fixtures.js';

const analysis = analysePercall(percallRun());

const writePlainReport = async (
  report: Parameters<typeof plainContents>[0],
  summary: object,
  dir: string,
): Promise<readonly string[]> => replaceReport(dir, await plainContents(report, summary));

describe('the terminal of priced calls', () => {
  it('shows every call with its arms, and what was found', () => {
    const text = renderPercallTerminal(analysis, { columns: 80, reportPath: 'reports/a/index.html' });
    expect(text).toContain(
      [
        'personality(): ALLOW',
        '            instructions    ns per call [95 %]   against no filter [95 %]',
        'unconfined             –  200.0 [200.0, 200.0]',
        'small                400  300.0 [300.0, 300.0]     +50.0 % [+50.0, +50.0]',
      ].join('\n'),
    );
    expect(text).toContain('kexec_load(): ERRNO(EPERM), compared with a call that does not exist\n');
    expect(text).toContain('Does not hold: A cached call (getppid) costs at most 10 % more than without a');
    expect(text).toContain('1.04  1.04  1.13  1.16  YiFei Zhu, bitmap patches v5, 2020 (646 ns)');
    expect(text.endsWith('Report: reports/a/index.html\n')).toBe(true);
  });

  it('fits 80, 60 and 40 columns with nothing cut off, few blocks and many', () => {
    for (const [columns, of] of [80, 60, 40].flatMap(
      (width) =>
        [
          [width, analysis],
          [width, analysePercall(percallRun({ blocks: 5 }))],
        ] as const,
    )) {
      const text = renderPercallTerminal(of, { columns, reportPath: null });
      expect(text.split('\n').filter((line) => line.length > columns || line.includes('…'))).toEqual([]);
      expect(text).toMatch(/^large +900 +400\.0.*\+100\.0/m);
    }
  });

  it('drops words before numbers where it is narrow, and explains the mark it leaves', () => {
    const at = (columns: number): string =>
      renderPercallTerminal(analysePercall(percallRun({ blocks: 5 })), { columns, reportPath: null });
    expect(at(64)).toContain('\nsmall                400  300.0 (no 95 % interval)       +50.0 %\n');
    expect(at(60)).toContain('\nlarge                900    400.0 *      +100.0 %\n');
    expect(at(60)).toContain('\n* no 95 % interval from so few blocks\n');
    expect(at(64)).not.toContain('* no 95');
    expect(at(60)).toContain('\n  1.04  1.04  1.13  1.16  YiFei Zhu, bitmap patches v5,\n  2020 (646 ns)\n');
  });

  it('says in the place of the line why there is none', () => {
    const none = analysePercall(percallRun({ instructions: [6, 11] }));
    const why = 'the calls that run a filter execute 6 to 11 instructions; a line needs counts at least 50 apart';
    expect(renderPercallTerminal(none, { columns: 200, reportPath: null }).replace(/\s+/g, ' ')).toContain(
      `Cost of an instruction: unknown, because ${why}. `,
    );
    expect(percallReport(none).tables.find(({ title }) => title === 'Cost of an instruction')).toMatchObject({
      rows: [['No line', '–']],
      note: `Unknown, because ${why}.`,
    });
    expect(percallSummary(none)).toMatchObject({ fit: null, noFit: why, doubted: [] });
  });

  it('says that few blocks have no interval', () => {
    expect(
      renderPercallTerminal(analysePercall(percallRun({ blocks: 2 })), { columns: 80, reportPath: null }),
    ).toContain('200.0 (no 95 % interval)');
    expect(
      renderPercallTerminal(analysePercall(percallRun({ samples: () => [] })), { columns: 80, reportPath: null }),
    ).toContain('Warning: 0 complete blocks: fewer than 20 are described, not judged.');
  });
});

describe('the report of priced calls', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'percall-report-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('draws ns over instructions with the fitted line, cached calls apart', () => {
    const chart = percallReport(analysis).pictures[0]?.spec;
    if (chart?.kind !== 'scatter') throw new Error('expected scattered points');
    expect(
      chart.groups.map(({ label, apart, points }) => [label, apart, points.map(({ x, y }) => [x, Math.round(y)])]),
    ).toEqual([
      [
        'personality',
        false,
        [
          [400, 100],
          [900, 200],
        ],
      ],
      [
        'kexec_load',
        false,
        [
          [400, 70],
          [900, 170],
        ],
      ],
      [
        'unknown',
        false,
        [
          [400, 70],
          [900, 170],
        ],
      ],
      [
        'cached: getppid',
        true,
        [
          [50, 25],
          [50, 25],
        ],
      ],
    ]);
    expect(chart.line).toEqual({
      label: expect.stringMatching(/^0\.2(?:00)? ns per instruction \[0\.2(?:00)?, 0\.2(?:00)?\]$/) as string,
      intercept: expect.closeTo(0, 8) as number,
      slope: expect.closeTo(0.2, 10) as number,
    });
    expect([chart.xAxis.min, chart.yAxis.min]).toEqual([0, 0]);
  });

  it('speaks of intervals only where there are some', async () => {
    const few = analysePercall(percallRun({ blocks: 5 }));
    const [chart, with95] = [few, analysis].map((one) => percallReport(one).pictures[0]?.spec);
    if (chart?.kind !== 'scatter' || with95?.kind !== 'scatter') throw new Error('expected scattered points');
    expect(chart.line?.label).toBe('0.200 ns per instruction (no 95 % interval)');
    expect(chart.subtitle).toContain('without a filter, too few blocks for 95 % intervals. Hollow');
    expect(with95.subtitle).toContain('without a filter, with 95 % intervals. Hollow');
    await writePlainReport(percallReport(few), percallSummary(few), join(folder, 'few'));
    for (const name of ['index.html', 'summary.md', 'percall.svg', 'summary.json'])
      expect([name, readFileSync(join(folder, 'few', name), 'utf8').includes('Infinity')]).toEqual([name, false]);
  });

  it('draws no arm whose filter is not the one that was simulated, and nothing where that is every arm', async () => {
    const without = (...arms: readonly string[]) =>
      analysePercall(
        percallRun({
          samples: (all) =>
            all.map((sample) =>
              arms.includes(sample.arm) && sample.state === 'ok'
                ? { ...sample, calls: sample.calls.map((call) => ({ ...call, result: -38 })) }
                : sample,
            ),
        }),
      );
    const drawn = (...arms: readonly string[]) =>
      percallReport(without(...arms)).pictures.flatMap(({ spec }) =>
        spec.kind === 'scatter' ? [spec.groups.map(({ points }) => points.map(({ x }) => x))] : [],
      );
    expect(drawn('large')).toEqual([[[400], [400], [400], [50]]]);
    expect(drawn('large', 'small')).toEqual([[]]);
    expect(
      await writePlainReport(
        percallReport(without('large', 'small')),
        percallSummary(without('large', 'small')),
        join(folder, 'none'),
      ),
    ).toContain('percall.png');
  });

  it('is written as page, pictures and summaries, and again in its own place', async () => {
    const names = await writePlainReport(percallReport(analysis), percallSummary(analysis), join(folder, 'a'));
    expect(names).toEqual(['index.html', 'percall.png', 'percall.svg', 'summary.json', 'summary.md']);
    expect(await writePlainReport(percallReport(analysis), percallSummary(analysis), join(folder, 'a'))).toEqual(names);
    const read = (name: string): string => readFileSync(join(folder, 'a', name), 'utf8');
    const summary = JSON.parse(read('summary.json')) as {
      kind: string;
      fit: { points: number };
      prices: { arm: string; call: string; addedNs: { value: number } }[];
      files: string[];
    };
    expect([summary.kind, summary.fit.points, summary.files]).toEqual(['percall', 6, names]);
    expect(summary.prices.find(({ arm, call }) => arm === 'large' && call === 'personality')?.addedNs.value).toBe(200);
    expect(read('summary.md')).toContain('| large | ALLOW | 900 | 400.0 [400.0, 400.0] | 200.0 [200.0, 200.0] |');
    expect(read('summary.md')).toContain(
      '| Kees Cook, seccomp bitmaps, 2020 | 728 | 749 (x 1.03) | 750 (x 1.03) | 820 (x 1.13) | 844 (x 1.16) |',
    );
    const page = read('index.html');
    expect(page).toMatch(
      /<figure data-chart="percall">[^]*?<img\s+alt="What a filter adds to a system call\. Each executed instruction adds 0\.2/,
    );
    expect(page).not.toMatch(/(?:src|href)="https?:/);
    expect(read('percall.svg')).toContain('<svg');
  });
});
