import { cpSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import type { Io } from '../../../src/model/io.js';
import { FORMAT_VERSION, FORMAT_VERSIONS } from '../../../src/model/results/format.js';
import { readCsv } from '../report/export-formats.js';

const FORMATS = resolve(import.meta.dirname, '../../fixtures/formats');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-formats-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What `bench ARGV` prints, with its exit code. */
async function bench(...argv: readonly string[]): Promise<{ readonly code: number; readonly out: string }> {
  let out = '';
  const io: Io = {
    out: (text) => {
      out += text;
    },
    err: () => undefined,
    stdin: () => Promise.resolve(Buffer.alloc(0)),
    columns: null,
    outColumns: null,
    colour: false,
    env: {},
    cwd: folder,
    commandLine: argv,
    signal: new AbortController().signal,
  };
  return { code: await runProgram(argv, io), out };
}

interface Kept {
  readonly format: string;
  readonly date: string;
  readonly kind: string;
  readonly runs: readonly string[];
}

const foldersIn = (path: string): readonly string[] =>
  readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);

const KEPT: readonly Kept[] = foldersIn(FORMATS).flatMap((format) =>
  foldersIn(join(FORMATS, format)).flatMap((date) =>
    foldersIn(join(FORMATS, format, date)).map((kind) => {
      const path = join(FORMATS, format, date, kind);
      return { format, date, kind, runs: foldersIn(path).map((run) => join(path, run)) };
    }),
  ),
);
const titled = (kinds: readonly string[]) =>
  KEPT.filter(({ kind }) => kinds.includes(kind)).map(
    (kept) => [`${kept.kind} of ${kept.date} (format ${kept.format})`, kept] as const,
  );

interface Line {
  readonly kind: string;
  readonly arm: string;
  readonly state?: string;
  readonly warmup: boolean;
  readonly wallNs?: number;
}
const linesOf = (run: string): readonly Line[] =>
  readFileSync(join(run, 'samples.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

/** Mean wall nanoseconds of an arm's measured containers. */
function meanOf(run: string, arm: string): number {
  const times = linesOf(run).flatMap((line) =>
    line.kind === 'container' && line.arm === arm && !line.warmup && line.state === 'ok' ? [line.wallNs ?? 0] : [],
  );
  return times.reduce((sum, ns) => sum + ns, 0) / times.length;
}

it('has results of every earlier format, of every kind that it had', () => {
  const kinds = (format: number) =>
    new Set(KEPT.filter((one) => one.format === String(format)).map(({ kind }) => kind));
  for (const format of FORMAT_VERSIONS.filter((one) => one !== FORMAT_VERSION))
    expect([...kinds(format)].sort()).toEqual(['advice', 'counted', 'parallel', 'percall', 'starts', 'workload']);
});

describe('results of an earlier format', () => {
  it.each(titled(['starts', 'counted', 'workload', 'parallel']))(
    'are reported and exported: %s',
    async (_, { runs }) => {
      const { code } = await bench('report', ...runs, '--export-csv', 's.csv', '--export-hyperfine', 'h.json');
      expect(code).toBe(0);
      const [report = ''] = readdirSync(join(folder, 'reports')).filter((name) => name !== 'index.html');
      const summary = JSON.parse(readFileSync(join(folder, 'reports', report, 'summary.json'), 'utf8')) as {
        readonly runs: readonly { readonly name: string }[];
      };
      expect(summary.runs.map(({ name }) => name).sort()).toEqual(runs.map((run) => basename(run)).sort());
      const samples = runs.flatMap(linesOf);
      expect(readCsv(readFileSync(join(folder, 's.csv'), 'utf8'))).toHaveLength(samples.length);
    },
  );

  it.each(titled(['starts']))('give the same times in an export: %s', async (_, { runs: [run = ''] }) => {
    await bench('report', run, '--export-hyperfine', 'h.json');
    const { results } = JSON.parse(readFileSync(join(folder, 'h.json'), 'utf8')) as {
      readonly results: readonly { readonly command: string; readonly mean: number }[];
    };
    for (const arm of ['unconfined', 'after', 'control']) {
      const mean = results.find(({ command }) => command.includes(arm))?.mean ?? 0;
      expect(mean * 1e9).toBeCloseTo(meanOf(run, arm), -1);
    }
  });

  it.each(titled(['percall']))('are reported and exported: %s', async (_, { runs: [run = ''] }) => {
    expect((await bench('percall', '--from', run, '--export-csv', 's.csv')).code).toBe(0);
    expect((await bench('report', run)).code).toBe(0);
    expect(readFileSync(join(folder, 's.csv'), 'utf8')).toContain('getppid');
  });

  it.each(titled(['advice']))('are reported: %s', async (_, { runs }) => {
    const [starts = ''] = runs.filter((run) => run.includes('-advise-'));
    const { code, out } = await bench('report', starts, '--json');
    const { kind, options } = JSON.parse(out) as { readonly kind: string; readonly options?: readonly object[] };
    // The first versions kept no record of the options: the starts are what can be reported.
    const isKept = readdirSync(starts).includes('advice.json');
    expect([code, kind, (options ?? []).length > 2]).toEqual([0, isKept ? 'advice' : 'runs', isKept]);
  });

  it.each(titled(['counted']))('are compared by their counts: %s', async (_, { runs: [run = ''] }) => {
    const { code, out } = await bench('syscalls', 'diff', run, run, '--json');
    expect([code, (JSON.parse(out) as { readonly kind: string }).kind]).toEqual([0, 'syscallDiff']);
  });

  it.each(titled(['starts']))('are compared with later ones: %s', async (_, { runs: [run = ''] }) => {
    const [last] = titled(['starts']).at(-1)?.[1].runs ?? [];
    const copy = join(folder, 'later');
    cpSync(last ?? '', copy, { recursive: true });
    const { code, out } = await bench('compare', run, copy);
    expect(code).toBe(0);
    expect(out).toMatch(/after/);
  });

  it.each(titled(['starts']))('are gathered as a fleet of nodes: %s', async (_, { runs: [run = ''] }) => {
    mkdirSync(join(folder, 'volume/node-1'), { recursive: true });
    cpSync(run, join(folder, 'volume/node-1', basename(run)), { recursive: true });
    const { code, out } = await bench('fleet', '--from', 'volume', '--json');
    const hasChecksums = readdirSync(run).includes('SHA256SUMS');
    const { nodes } = JSON.parse(out) as { readonly nodes: readonly { outcome: { state: string } }[] };
    expect([code, nodes[0]?.outcome.state]).toEqual(hasChecksums ? [0, 'measured'] : [1, 'damaged']);
  });
});
