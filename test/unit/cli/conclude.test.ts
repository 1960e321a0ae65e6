import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { conclude, concludeFolders, kindOf } from '../../../src/cli/output/conclude.js';
import { NO_GATE, planOutput } from '../../../src/cli/output/plan.js';
import type { OutputRequest } from '../../../src/cli/output/plan.js';
import type { BenchError } from '../../../src/errors.js';
import type { Io } from '../../../src/model/io.js';
import type { ActionSample } from '../../../src/model/results/percall/action-price.js';
import { adviceFolder, callsFolder, startsFolder } from '../reporting/folders.js';
import { actionRun } from '../statistics/actions.fixtures.js';

let folder = '';
let out = '';
let err = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-conclude-'));
  out = '';
  err = '';
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const io = (signal: AbortSignal = new AbortController().signal): Io => ({
  out: (text) => {
    out += text;
  },
  err: (text) => {
    err += text;
  },
  stdin: () => Promise.resolve(Buffer.alloc(0)),
  columns: 80,
  outColumns: 80,
  colour: false,
  env: {},
  cwd: folder,
  commandLine: [],
  signal,
});

const request = (change: Partial<OutputRequest> = {}): OutputRequest => ({
  kind: 'starts',
  margin: 0.01,
  gate: NO_GATE,
  reportsFolder: 'reports',
  resultsFolder: null,
  exports: {},
  inputs: [],
  json: false,
  showCalls: true,
  ...change,
});

const concluded = (folders: readonly string[], change: Partial<OutputRequest> = {}, signal?: AbortSignal) =>
  conclude({ folders, failed: 0, notRemoved: null }, planOutput(request(change), io()), io(signal));

const refusal = (change: Partial<OutputRequest>): BenchError => {
  try {
    planOutput(request(change), io());
  } catch (error) {
    return error as BenchError;
  }
  throw new Error('expected a refusal');
};

describe('the conclusion of an experiment', () => {
  it('is report, summary, exports and the exit code of the gate', async () => {
    const starts = startsFolder(folder);
    const code = await concluded([starts], {
      exports: { csv: 's.csv' },
      gate: { ...NO_GATE, failIfSlower: 0, strict: true },
    });
    expect([code, err]).toEqual([0, 'CSV of all samples: s.csv\n']);
    expect(out).toContain('after    CPU   −50.00 %');
    expect(readdirSync(join(folder, 'reports')).sort()).toEqual([
      starts.slice(starts.lastIndexOf('/') + 1),
      'index.html',
    ]);
  });

  it('is exit code 1 where a container failed', async () => {
    const plan = planOutput(request({ reportsFolder: null }), io());
    expect(await conclude({ folders: [startsFolder(folder)], failed: 1, notRemoved: null }, plan, io())).toBe(1);
  });

  it.each(['one run', 'a sweep'])('prints the summary of %s although the report cannot be written', async (what) => {
    const folders = [startsFolder(folder), ...(what === 'a sweep' ? [startsFolder(folder, '3c4d')] : [])];
    const plan = planOutput(request({ reportsFolder: 'taken' }), io());
    writeFileSync(join(folder, 'taken'), '');
    await expect(conclude({ folders, failed: 0, notRemoved: null }, plan, io())).rejects.toMatchObject({
      code: 'input',
      message: expect.stringMatching(/^could not write the report to .*taken is not a folder$/) as string,
      hint: expect.stringContaining(`bench report ${folders.join(' ')} --report FOLDER`) as string,
    });
    expect(out).toMatch(/\bafter\b.*−50\.00 %/);
    expect(out).not.toContain('Report: ');
  });

  it('prints the summary although an export cannot be written', async () => {
    const starts = startsFolder(folder);
    const plan = planOutput(request({ exports: { csv: 's.csv' } }), io());
    mkdirSync(join(folder, 's.csv'));
    await expect(conclude({ folders: [starts], failed: 0, notRemoved: null }, plan, io())).rejects.toThrow(
      /^--export-csv: could not write /,
    );
    expect(out).toMatch(/\bafter\b.*−50\.00 %/);
  });

  it('throws what could not be removed once all is printed', async () => {
    const notRemoved = new Error('still there');
    const plan = planOutput(request({ reportsFolder: null }), io());
    const folders = [startsFolder(folder)];
    await expect(conclude({ folders, failed: 0, notRemoved }, plan, io())).rejects.toBe(notRemoved);
    expect(out).toMatch(/\bafter\b.*−50\.00 %/);
  });

  it('prints the summary as JSON where that is wanted', async () => {
    expect(await concluded([startsFolder(folder)], { json: true, reportsFolder: null })).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ formatVersion: 1, kind: 'runs', runs: [{ margin: 0.01 }] });
  });

  it.each([
    ['starts', startsFolder],
    ['priced calls', callsFolder],
    ['advice', adviceFolder],
  ] as const)('writes no report of %s that were stopped', async (_, make) => {
    const stop = new AbortController();
    stop.abort();
    const path = make(folder);
    expect(await concluded([path], { kind: kindOf([path]) }, stop.signal)).toBe(130);
    expect(out).not.toBe('');
    const next = kindOf([path]) === 'calls' ? '' : `bench resume ${path} continues the run, `;
    expect(err).toBe(`stopped; the results so far are kept: ${next}bench report ${path} makes a report of them\n`);
    expect(existsSync(join(folder, 'reports'))).toBe(false);
  });
});

describe('results of earlier runs', () => {
  const report = (path: string, change: Partial<OutputRequest> = {}): Promise<number> =>
    concludeFolders([path], planOutput(request({ kind: kindOf([path]), ...change }), io()), io());

  it('pass no gate without being judged', async () => {
    const gate = { ...NO_GATE, failIfSlower: 0.02 };
    expect(await report(callsFolder(folder), { gate, reportsFolder: null })).toBe(3);
    expect(await report(startsFolder(folder, 'few1', 12), { gate, reportsFolder: null })).toBe(4);
    expect(err).toMatch(
      /^gate not evaluated: CPU time of after: 12 blocks are too few\. Use `--blocks 20` or more\.$/m,
    );
  });

  it('of advice give the report of advice', async () => {
    expect(await report(adviceFolder(folder))).toBe(0);
    expect(out).toMatch(/^What could be saved · mine\.json/);
    expect(readdirSync(join(folder, 'reports', readdirSync(join(folder, 'reports'))[0] ?? ''))).toContain('advise.png');
  });

  it('of advice name the folder of the prices of actions, whose failed containers count as well', async () => {
    const failing = (action: string): ((all: readonly ActionSample[]) => readonly ActionSample[]) => {
      const place = { state: 'failed', cause: 'exit code 6', stderr: '' } as const;
      return (all) =>
        all.map((one) =>
          one.action === action && one.block === 3
            ? { ...place, action, block: 3, warmup: false, position: one.position, startNs: one.startNs }
            : one,
        );
    };
    expect(await report(adviceFolder(folder, {}, actionRun()), { json: true })).toBe(0);
    expect((JSON.parse(out) as { results: object }).results).toHaveProperty(
      'actions',
      expect.stringMatching(/^results\/[^/]+e5f6$/),
    );
    rmSync(join(folder, 'results'), { recursive: true });
    expect(await report(adviceFolder(folder, {}, actionRun({ samples: failing('log') })))).toBe(1);
  });

  it('of priced calls are exported, every sample and as series', async () => {
    const exports = { csv: 's.csv', githubBenchmark: 'gh.json', bencher: 'b.json' };
    expect(await report(callsFolder(folder), { exports })).toBe(0);
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    // 30 blocks of 4 containers, 4 calls of 3 rounds each.
    expect(read('s.csv').trim().split('\r\n')).toHaveLength(1 + 30 * 4 * 4 * 3);
    expect(read('s.csv').split('\r\n')[1]).toBe(
      '20261121T010203Z-percall-c3d4,x86_64,namespaces,false,0,0,unconfined,ok,0,cpu,getppid,0,1000,82000,2000,7,,,',
    );
    const entries = JSON.parse(read('gh.json')) as { name: string; unit: string; value: number; range?: string }[];
    const of = (name: string) => entries.find((entry) => entry.name === name);
    expect(of('percall/x86_64/namespaces/small/personality: time per call')).toMatchObject({
      unit: 'ns',
      value: 300,
      range: '95 % interval 300 to 300',
    });
    const ratio = of('percall/x86_64/namespaces/small/personality: time per call against unconfined');
    expect([ratio?.unit, ratio?.value.toFixed(6)]).toEqual(['% of unconfined', '150.000000']);
    const bencher = JSON.parse(read('b.json')) as Record<string, { latency: object; ratio?: { value: number } }>;
    expect(bencher['percall/x86_64/namespaces/unconfined/getppid']).toEqual({
      latency: { value: 100, lower_value: 100, upper_value: 100 },
    });
    expect(bencher['percall/x86_64/namespaces/small/personality']?.ratio?.value.toFixed(6)).toBe('1.500000');
  });

  it.each([
    ['hyperfine', '--export-hyperfine'],
    ['gobench', '--export-gobench'],
  ] as const)('of priced calls are not exported to %s', async (format, flag) => {
    const path = callsFolder(folder);
    await expect(async () => report(path, { exports: { [format]: 'x' } })).rejects.toThrow(
      expect.objectContaining({
        code: 'usage',
        message: `${flag} cannot be combined with priced calls`,
        hint: 'Prices of calls can be exported with --export-github-benchmark, --export-bencher, --export-csv.',
      }) as BenchError,
    );
    expect(readdirSync(folder)).toEqual(['results']);
  });
});

describe('places for reports and exports', () => {
  it('are not among the files of a results folder', () => {
    const path = startsFolder(folder);
    symlinkSync(path, join(folder, 'link'));
    for (const place of [
      join(path, 'samples.jsonl'),
      join(path, 'new.csv'),
      'link/samples.jsonl',
      join(path, 'specs/x'),
    ]) {
      const { code, message } = refusal({ exports: { csv: place } });
      expect([code, message]).toEqual(['usage', expect.stringMatching(/^--export-csv: .* is in the results folder /)]);
    }
    expect(refusal({ reportsFolder: path }).message).toBe(`--report: ${path} is in the results folder ${path}`);
  });

  it('are not the folder in which results are made', () => {
    mkdirSync(join(folder, 'data'));
    symlinkSync('data', join(folder, 'same'));
    for (const [reportsFolder, resultsFolder] of [
      ['out', 'out'],
      ['./out/', 'out'],
      ['same', 'data'],
    ] as const)
      expect(refusal({ reportsFolder, resultsFolder }).message).toBe(
        `--report ${reportsFolder} cannot be combined with --results ${reportsFolder}`,
      );
    expect(planOutput(request({ resultsFolder: 'out' }), io()).reportsFolder).toBe('reports');
  });

  it('are not standard output for both JSON and an export', () => {
    expect(refusal({ json: true, exports: { csv: '-' } }).message).toBe(
      '--json cannot be combined with --export-csv -',
    );
  });
});
