import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import { summaryOf } from '../../../src/report/run/summary.js';
import type { Summary } from '../../../src/report/run/summary.js';
import { reportContents } from '../../../src/report/index.js';
import { replaceReport } from '../../../src/reporting/folder.js';
import { ARM64, FEW, FOUND, NOTHING, PARALLEL, SEQUENTIAL } from './fixtures.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-report-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const writeReport = async (runs: Parameters<typeof reportContents>[0], dir: string): Promise<readonly string[]> =>
  replaceReport(dir, await reportContents(runs));

const bytesOf = (dir: string): ReadonlyMap<string, string> =>
  new Map(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name)).toString('base64')]));

describe('a written report', () => {
  it('of one run has short names that documents can link to', async () => {
    const names = await writeReport([SEQUENTIAL], join(folder, 'a/one'));
    expect(names).toEqual([
      'bars.png',
      'bars.svg',
      'change.png',
      'change.svg',
      'index.html',
      'published-x86_64-sequential.png',
      'published-x86_64-sequential.svg',
      'summary.json',
      'summary.md',
    ]);
    expect(readdirSync(join(folder, 'a/one')).sort()).toEqual(names);
  });

  it('of several runs has all their charts and one of all, and mixes up none of the same name', async () => {
    const names = await writeReport([SEQUENTIAL, SEQUENTIAL], join(folder, 'two'));
    expect(names.filter((name) => name.endsWith('.png'))).toEqual([
      '20261121-100000-sequential-k3v9-2-bars.png',
      '20261121-100000-sequential-k3v9-2-change.png',
      '20261121-100000-sequential-k3v9-bars.png',
      '20261121-100000-sequential-k3v9-change.png',
      'overview.png',
      'published-x86_64-sequential.png',
    ]);
  });

  it('of a run without any complete block has the empty changes alone', async () => {
    const names = await writeReport([NOTHING], join(folder, 'nothing'));
    expect(names.filter((name) => name.endsWith('.png'))).toEqual(['change.png']);
  });

  it('is the same, byte for byte, when made again elsewhere', async () => {
    await writeReport([PARALLEL], join(folder, 'x'));
    await writeReport([ARM64], join(folder, 'between'));
    await writeReport([PARALLEL], join(folder, 'y'));
    expect(bytesOf(join(folder, 'x'))).toEqual(bytesOf(join(folder, 'y')));
  });

  it('carries its script and fonts', async () => {
    await writeReport([FEW], join(folder, 'few'));
    const page = readFileSync(join(folder, 'few/index.html'), 'utf8');
    expect(
      [...page.matchAll(/font-weight:(\d+);src:url\(data:font\/woff2;base64,d09GMg/g)].map((match) => match[1]),
    ).toEqual(['400', '700']);
    expect(page.length).toBeGreaterThan(200_000);
  });

  it('replaces an earlier report of its name and leaves other files alone', async () => {
    const dir = join(folder, 'same');
    await writeReport([SEQUENTIAL, ARM64], dir);
    writeFileSync(join(dir, 'mine.txt'), 'kept');
    const names = await writeReport([SEQUENTIAL], dir);
    expect(readdirSync(dir).sort()).toEqual([...names, 'mine.txt'].sort());
  });

  it('refuses a folder of something else and leaves it as it is', async () => {
    const dir = join(folder, 'other');
    mkdirSync(dir);
    writeFileSync(join(dir, 'index.html'), 'precious');
    await expect(writeReport([SEQUENTIAL], dir)).rejects.toThrow(BenchError);
    expect(readFileSync(join(dir, 'index.html'), 'utf8')).toBe('precious');
  });

  it('follows no path that a summary of foreign origin names', async () => {
    const dir = join(folder, 'trap');
    mkdirSync(dir);
    writeFileSync(join(folder, 'outside.txt'), 'precious');
    writeFileSync(join(dir, 'summary.json'), JSON.stringify({ files: ['../outside.txt', '..', 'summary.json'] }));
    await expect(writeReport([SEQUENTIAL], dir)).rejects.toThrow(BenchError);
    expect(existsSync(join(folder, 'outside.txt'))).toBe(true);
  });
});

describe('summary.json', () => {
  const read = (): Summary =>
    JSON.parse(JSON.stringify(summaryOf([SEQUENTIAL, FEW, NOTHING], ['index.html']))) as Summary;

  it('has a format version, the files and the published cases', () => {
    const { formatVersion, files, published } = read();
    expect([formatVersion, files, published.source]).toEqual([
      1,
      ['index.html'],
      'iSulad, seccomp_optimization.md, 2021-12-30',
    ]);
    expect(published.cases[3]).toMatchObject({
      id: 'arm64-parallel',
      containers: 150,
      beforeSeconds: 10.255,
      chartBeforeSeconds: 10.225,
      afterSeconds: 10.131,
      saidPercent: 1.21,
    });
  });

  it('gives every comparison as ratio and percent, with interval, p, verdict and reason', () => {
    const [first] = read().runs[0]!.comparisons;
    expect(first).toMatchObject({
      arm: 'after',
      baseline: 'before',
      metric: 'cpu',
      verdict: 'faster',
      reason: { code: 'difference', small: false },
      because:
        'after takes 42.1 % less CPU time than before (95 % interval −42.9 % to −41.3 %, 500 blocks). Chance does not explain this; repeat with another `--seed` before you publish it.',
    });
    const { ratio, ratioLow, ratioHigh, percent, percentLow, percentHigh, p, blocks, method } = first!.effect!;
    expect([ratio, ratioLow, ratioHigh, percent, percentLow, percentHigh].map((value) => value?.toFixed(6))).toEqual([
      '0.579000',
      '0.571000',
      '0.587000',
      '-42.100000',
      '-42.900000',
      '-41.300000',
    ]);
    expect([p, blocks, method]).toEqual([1e-9, 500, 'trimmed-both']);
  });

  it('says null where no interval and where no estimate exists', () => {
    const [, few, nothing] = read().runs;
    expect(
      few?.comparisons.map(({ effect }) => [effect?.ratio.toFixed(2), effect?.ratioLow, effect?.percentHigh]),
    ).toEqual([
      ['0.70', null, null],
      ['0.75', null, null],
    ]);
    expect(nothing?.comparisons.map(({ effect }) => effect)).toEqual([null, null]);
  });

  it('gives arms with counts, medians in nanoseconds, totals and whole hashes', () => {
    const arm = read().runs[0]!.arms[1]!;
    expect(arm).toMatchObject({
      arm: 'after',
      planned: 500,
      ok: 500,
      failed: 0,
      notRun: 0,
      medianWallNs: 38_290_000,
      medianCpuNs: 28_010_000,
      medianLatencyNs: null,
      totalSeconds: 19.144,
    });
    expect(arm.evidence?.loaded).toEqual({
      state: 'seen',
      via: 'ptrace',
      programs: [{ instructions: 1015, sha256: 'b'.repeat(64) }],
    });
  });

  it('gives the headline per arm in words', () => {
    expect(read().runs[0]!.verdicts).toEqual([
      {
        arm: 'after',
        baseline: 'before',
        cache: null,
        loaded: null,
        verdict: 'faster',
        text: 'after is faster than before: CPU time −42.1 % [−42.9, −41.3], wall time −35.4 % [−36.8, −34.0]',
      },
    ]);
  });

  it('adds what the statistics found, without another version', () => {
    const {
      formatVersion,
      runs: [run],
    } = summaryOf([FOUND], []);
    expect(formatVersion).toBe(1);
    expect(run!.comparisons[0]).toMatchObject({
      verdict: 'slower',
      invalid: null,
      settlement: null,
      family: { p: 0.09, verdict: 'inconclusive', rows: 3 },
    });
    expect(run).toMatchObject({
      blocksComplete: 500,
      blocksAtMost: 20_000,
      couldHaveSeen: 'Smallest change this run could detect (80 % power): 0.62 % CPU, 1.1 % wall',
      exact: FOUND.analysis.exact,
      diagnostics: FOUND.analysis.diagnostics,
      resolution: FOUND.analysis.resolution,
      stopping: FOUND.analysis.stopping,
    });
  });
});
