import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pageWithTable } from '../../scripts/study/table.mjs';

const ROOT = resolve(import.meta.dirname, '../..');
const REPORTS = join(ROOT, 'reports');
const page = readFileSync(join(ROOT, 'docs/studies/runtimes-2026.md'), 'utf8');
type Summaries = Parameters<typeof pageWithTable>[1];

describe('the study of runtimes', () => {
  it('has the tables that its committed reports give', (context) => {
    const names = readdirSync(REPORTS).filter((name) => name.startsWith('study-2026'));
    if (names.length === 0) context.skip('no report of it is committed');
    // Starts first, then calls in the order of the runs.
    const order = ['study-2026', 'study-2026-runc-calls', 'study-2026-libseccomp-calls'];
    expect(names.sort()).toEqual([...order].sort());
    const summaries = order.map(
      (name) => JSON.parse(readFileSync(join(REPORTS, name, 'summary.json'), 'utf8')) as Summaries[number],
    );
    expect(pageWithTable(page, summaries)).toBe(page);
  });

  it('has results for every command that its page tells', (context) => {
    const runs = [...page.matchAll(/^`bench .*?\/out\/(\S+)\.json /gm)].map(([, name]) => name ?? '');
    if (runs.length === 0) context.skip('the page has no tables yet');
    for (const name of runs) expect(existsSync(join(ROOT, `results/study-2026-${name}/SHA256SUMS`)), name).toBe(true);
  });

  it('tells starts with their change and interval, and calls with their instructions', () => {
    const made = pageWithTable(page, [
      {
        runs: [
          {
            name: 'study-2026-runc',
            command: ['run', '/out/runc.json', '--engine', 'runc', '--seed', '7', '--results', '/out/results/runc'],
            seed: 7,
            blocksComplete: 150,
            engineVersion: null,
            arms: [
              {
                arm: 'old',
                medianCpuNs: 36_448_000,
                medianWallNs: 40_000_000,
                cache: null,
                evidence: { loaded: { programs: [{ instructions: 1039 }] } },
              },
              {
                arm: 'new',
                medianCpuNs: null,
                medianWallNs: null,
                cache: 'warm',
                evidence: { loaded: { programs: [] } },
              },
            ],
            comparisons: [
              {
                arm: 'new',
                baseline: 'old',
                metric: 'cpu',
                verdict: 'slower',
                effect: { percent: 18.52, percentLow: -15.34, percentHigh: 21.9 },
              },
            ],
            controls: [{ metric: 'cpu', state: 'passed' }],
          },
        ],
      },
      {
        name: 'study-2026-runc-calls',
        command: ['percall'],
        seed: 8,
        blocks: 30,
        calls: [{ name: 'personality' }],
        prices: [
          {
            arm: 'old',
            call: 'personality',
            instructions: 1632,
            cached: false,
            ns: { value: 355.9, low: 350.04, high: 360 },
          },
        ],
      },
    ]);
    expect(made).toContain('150 blocks, seed 7, A/A check of CPU time: passed.');
    expect(made).toContain('`bench run /out/runc.json --engine runc --seed 7`');
    expect(made).toContain('| old | 1,039 | 36.45 ms | 40.00 ms | – | – | – |');
    expect(made).toContain('| new (warm) | 0 | – | – | old | +18.5 % [−15.3, +21.9] | slower |');
    expect(made).toContain('| `personality` | 355.9 [350.0, 360.0] (1,632) |');
  });
});
