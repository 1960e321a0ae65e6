import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeExports } from '../../../src/cli/output/exports.js';
import { NO_GATE, planOutput } from '../../../src/cli/output/plan.js';
import type { ExportFiles, ExportPlan } from '../../../src/cli/output/plan.js';
import { runProgram } from '../../../src/cli/program.js';
import { BenchError } from '../../../src/errors.js';
import type { Io } from '../../../src/model/io.js';
import { createResultFolder } from '../../../src/results/index.js';
import { readCsv, readHyperfine } from '../report/export-formats.js';
import { SEQUENTIAL_RUN, SEQUENTIAL_SAMPLES } from '../report/export-runs.js';
import { HOST, planOf, sequential } from '../results/runs.js';

let folder = '';
let out = '';
let err = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-export-'));
  out = '';
  err = '';
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const io = (): Io => ({
  out: (text) => {
    out += text;
  },
  err: (text) => {
    err += text;
  },
  stdin: () => Promise.resolve(Buffer.alloc(0)),
  columns: 80,
  outColumns: 80,
  colour: true,
  env: {},
  cwd: folder,
  commandLine: [],
  signal: new AbortController().signal,
});

const OUTPUT = { kind: 'starts', margin: 0.01, gate: NO_GATE, reportsFolder: null, resultsFolder: null } as const;

const planExports = (exports: ExportFiles, own: Io): ExportPlan =>
  planOutput({ ...OUTPUT, exports, inputs: [], json: false, showCalls: false }, own).exports;

function exported(options: ExportFiles): void {
  writeExports(planExports(options, io()), { kind: 'starts', runs: [SEQUENTIAL_RUN] }, io());
}

function refusal(options: ExportFiles): BenchError {
  try {
    planExports(options, io());
  } catch (error) {
    if (error instanceof BenchError) return error;
  }
  throw new Error('expected a BenchError');
}

const content = (name: string): string => readFileSync(join(folder, name), 'utf8');

describe('exporting to files', () => {
  it('writes a file for every export, says which, and what is not in them', () => {
    exported({
      hyperfine: 'h.json',
      gobench: 'g.txt',
      githubBenchmark: 'gh.json',
      bencher: 'b.json',
      csv: 's.csv',
    });
    expect(readdirSync(folder).sort()).toEqual(['b.json', 'g.txt', 'gh.json', 'h.json', 's.csv']);
    expect(readHyperfine(content('h.json'))).toHaveLength(3);
    expect(err.split('\n').slice(0, 6)).toEqual([
      'hyperfine JSON: h.json',
      'Go benchmark text: g.txt',
      'github-action-benchmark JSON: gh.json',
      'Bencher Metric Format: b.json',
      'CSV of all samples: s.csv',
      'export: made-up/x86_64/fake/before: 1 failed container left out, because failures have no time; --export-csv has every sample',
    ]);
    expect(out).toBe('');
  });

  it('says nothing of what is left out where every sample is written', () => {
    exported({ csv: 's.csv' });
    expect(err).toBe('CSV of all samples: s.csv\n');
  });

  it('replaces a file whole, keeps its permissions and follows a link to it', () => {
    writeFileSync(join(folder, 'real.csv'), 'x'.repeat(1_000_000));
    chmodSync(join(folder, 'real.csv'), 0o640);
    symlinkSync('real.csv', join(folder, 'link.csv'));
    exported({ csv: 'link.csv' });
    expect(readlinkSync(join(folder, 'link.csv'))).toBe('real.csv');
    expect(readCsv(content('real.csv'))).toHaveLength(SEQUENTIAL_SAMPLES.length);
    expect(statSync(join(folder, 'real.csv')).mode & 0o777).toBe(0o640);
    expect(readdirSync(folder).sort()).toEqual(['link.csv', 'real.csv']);
  });

  it('writes to a pipe and never replaces it', () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const pipe = openSync(join(folder, 'pipe'), 'r+');
    exported({ csv: 'pipe' });
    const read = Buffer.alloc(65_536);
    expect(readCsv(read.toString('utf8', 0, readSync(pipe, read)))).toHaveLength(SEQUENTIAL_SAMPLES.length);
    closeSync(pipe);
    expect(statSync(join(folder, 'pipe')).isFIFO()).toBe(true);
  });

  it('leaves neither a draft nor half a file where writing fails', () => {
    const plan = planExports({ csv: 'sub.csv' }, io());
    mkdirSync(join(folder, 'sub.csv'));
    // The place became a folder while the run went on.
    const errors = writeExports(plan, { kind: 'starts', runs: [SEQUENTIAL_RUN] }, io());
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^--export-csv: could not write .*sub\.csv: is a directory$/),
    ]);
    expect(readdirSync(folder)).toEqual(['sub.csv']);
  });

  it('costs no other export where one cannot be written', () => {
    const plan = planExports({ csv: 'sub.csv', gobench: 'b.txt' }, io());
    mkdirSync(join(folder, 'sub.csv'));
    expect(writeExports(plan, { kind: 'starts', runs: [SEQUENTIAL_RUN] }, io())).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['b.txt', 'sub.csv']);
  });
});

describe('what cannot be exported to', () => {
  it('is a folder', () => {
    mkdirSync(join(folder, 'there'));
    const { code, message, hint } = refusal({ bencher: 'there' });
    expect([code, message, hint]).toEqual([
      'input',
      `--export-bencher: expected a file, got the folder ${folder}/there`,
      `Give a file in it: --export-bencher ${folder}/there/FILE.`,
    ]);
  });

  it('is a file in no folder', () => {
    const { code, message, hint } = refusal({ gobench: 'none/out.txt' });
    expect([code, message, hint]).toEqual([
      'input',
      `--export-gobench: folder ${folder}/none does not exist`,
      `Create it first: mkdir -p ${folder}/none`,
    ]);
  });

  it('is a file below a file', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(refusal({ csv: 'file/out.csv' }).message).toMatch(/^--export-csv: .*not a directory$/);
  });

  it('is nothing', () => {
    expect(refusal({ csv: '' }).message).toBe('--export-csv: expected a file, or - for standard output, got nothing');
  });

  it('is the place of another export', () => {
    expect(refusal({ hyperfine: 'a.json', bencher: './a.json' }).message).toBe(
      '--export-hyperfine and --export-bencher both write to ./a.json',
    );
    expect(refusal({ csv: '-', gobench: '-' }).message).toBe(
      '--export-gobench and --export-csv both write to standard output',
    );
  });
});

describe('bench report with exports', () => {
  const bench = (...argv: readonly string[]): Promise<number> => runProgram(argv, io());

  beforeEach(() => {
    using writer = createResultFolder(join(folder, 'results'), planOf(sequential(26)), HOST);
    writer.append(SEQUENTIAL_SAMPLES);
  });

  it('exports along with the report', async () => {
    expect(await bench('report', '--export-hyperfine', 'h.json', '--export-github-benchmark', 'gh.json')).toBe(0);
    expect(readHyperfine(content('h.json')).map(({ times }) => times.length)).toEqual([25, 25, 25]);
    expect(existsSync(join(folder, 'gh.json'))).toBe(true);
    expect(out).toContain('Report: ');
  });

  it.each(['-', '/dev/stdout'])('leaves standard output to the export that goes to %s', async (place) => {
    expect(await bench('report', '--export-csv', place)).toBe(0);
    expect(readCsv(out)).toHaveLength(SEQUENTIAL_SAMPLES.length);
    expect(err).toContain('Report: ');
    expect(err).not.toContain('\u001b[');
  });

  it('makes no report where an export has no place to go', async () => {
    await expect(bench('report', '--export-csv', 'none/s.csv')).rejects.toThrow(
      /^--export-csv: folder .*none does not exist$/,
    );
    expect(existsSync(join(folder, 'reports'))).toBe(false);
  });
});
