import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseMargin } from '../../../src/cli/options/gate.js';
import { runProgram } from '../../../src/cli/program.js';
import { BenchError } from '../../../src/errors.js';
import type { Io } from '../../../src/model/io.js';
import type { Scenario } from '../../../src/model/run/scenario.js';
import type { Summary } from '../../../src/report/index.js';
import { createResultFolder } from '../../../src/results/index.js';
import { failedSample, HOST, planOf, sequential, sequentialRun } from '../results/runs.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-report-command-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface Ended {
  readonly code: number;
  readonly out: string;
}

/** `bench ARGV` in the test's folder. */
async function bench(...argv: readonly string[]): Promise<Ended> {
  let out = '';
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: () => undefined,
    stdin: () => Promise.resolve(Buffer.alloc(0)),
    columns: 80,
    outColumns: 80,
    colour: false,
    env: {},
    cwd: folder,
    commandLine: argv,
    signal: new AbortController().signal,
  };
  return { code: await runProgram(argv, io), out };
}

const refusal = async (...argv: readonly string[]): Promise<BenchError> => {
  const error: unknown = await bench(...argv).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof BenchError) return error;
  throw new Error(`expected a BenchError, got ${String(error)}`);
};

/** A results folder in which after takes exactly half the CPU time of before; gives its name. */
function halved(id: string, startedAt: string, scenario: Scenario = sequential(40, { warmup: 0 })): string {
  using writer = createResultFolder(join(folder, 'results'), { ...planOf(scenario), id, startedAt }, HOST);
  writer.append(sequentialRun(40, (arm, block) => (arm === 'after' ? 20 : 40) + 0.001 * (block % 7)));
  return writer.name;
}

const summaryIn = (...path: readonly string[]): Summary =>
  JSON.parse(readFileSync(join(folder, ...path, 'summary.json'), 'utf8')) as Summary;

describe('bench report', () => {
  it('makes the report of the newest result, named after it, from its samples', async () => {
    halved('old1', '2026-11-20T01:02:03.000Z');
    const newest = halved('new1', '2026-11-21T01:02:03.000Z');
    const { code, out } = await bench('report');
    expect(code).toBe(0);
    expect(out.trimEnd().split('\n').slice(-2)).toEqual([
      `Report: reports/${newest}/index.html`,
      'All reports: reports/index.html',
    ]);
    const [run] = summaryIn('reports', newest).runs;
    expect(run?.verdicts.map(({ arm, verdict }) => [arm, verdict])).toEqual([['after', 'faster']]);
    expect(run?.comparisons[0]?.effect?.percent.toFixed(1)).toBe('-50.0');
  });

  it('merges several results into one report named after the newest', async () => {
    const old = halved('old1', '2026-11-20T01:02:03.000Z');
    const newest = halved('new1', '2026-11-21T01:02:03.000Z');
    const { out } = await bench('report', join('results', newest), join('results', old));
    expect(summaryIn('reports', `merged-2-${newest}`).runs.map(({ name }) => name)).toEqual([newest, old]);
    expect(out.match(/Faster: after is faster than before/g)).toHaveLength(2);
    // Whoever reads two runs looks at the rows of both.
    const families = summaryIn('reports', `merged-2-${newest}`).runs.map(({ comparisons }) =>
      comparisons.flatMap(({ family }) => (family === null ? [] : [family.rows])),
    );
    expect(new Set(families.flat())).toEqual(new Set([families.flat().length]));
    expect(families.map(({ length }) => length)).toEqual([families[0]?.length, families[0]?.length]);
  });

  it('puts the report under the folder and name that were given', async () => {
    halved('one1', '2026-11-20T01:02:03.000Z');
    await bench('report', '--reports', 'elsewhere', '--name', 'mine');
    expect(existsSync(join(folder, 'elsewhere/mine/index.html'))).toBe(true);
    expect(existsSync(join(folder, 'reports'))).toBe(false);
  });

  it('judges by the margin it is given', async () => {
    const name = halved('one1', '2026-11-20T01:02:03.000Z');
    await bench('report', '--margin', '2.5%');
    expect(summaryIn('reports', name).runs[0]?.margin).toBe(0.025);
  });

  it('shows failed containers by arm and cause', async () => {
    using writer = createResultFolder(join(folder, 'results'), planOf(sequential(2, { warmup: 0 })), HOST);
    writer.append([failedSample('before', 0), failedSample('before', 1)]);
    writer.close();
    const { out } = await bench('report');
    expect(out).toContain('before: 2 x exit code 1');
    expect(readFileSync(join(folder, 'reports', writer.name, 'summary.md'), 'utf8')).toContain(
      '| before | 2 | run | – | exit code 1 | no such file |',
    );
  });

  it('says what to do where there is no result', async () => {
    const { code, message, hint } = await refusal('report');
    expect([code, message, hint]).toEqual([
      'input',
      'no results folder in results',
      'Measure first (bench sequential), or give one: bench report results/NAME.',
    ]);
  });

  it('refuses the same result twice, for it would look like two that agree', async () => {
    const name = halved('one1', '2026-11-20T01:02:03.000Z');
    const { code, message } = await refusal('report', `results/${name}`, `./results/${name}/`);
    expect([code, message]).toEqual(['usage', `results folder given twice: ${join(folder, 'results', name)}`]);
  });

  it.each(['../up', 'a/b', '', '.hidden', 'a b'])('refuses the name "%s"', async (name) => {
    halved('one1', '2026-11-20T01:02:03.000Z');
    expect((await refusal('report', '--name', name)).message).toBe(
      `--name: expected at most 128 letters, digits, dots, dashes and underscores, got "${name}"`,
    );
    expect(existsSync(join(folder, 'reports'))).toBe(false);
  });
});

describe('the margin', () => {
  it.each([
    ['1%', 0.01],
    ['0.5 %', 0.005],
    ['2', 0.02],
  ])('reads %s', (text, value) => {
    expect(parseMargin({ margin: text })).toBeCloseTo(value, 12);
  });

  it.each(['0%', '-1%', '100%', 'one', '', '1%%'])('refuses "%s"', (text) => {
    expect(() => parseMargin({ margin: text })).toThrow(
      `--margin: expected a percentage above 0 and below 100, got "${text}"`,
    );
  });
});
