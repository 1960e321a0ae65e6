import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  analyseFolder,
  analysePercall,
  analyseResults,
  callsRequest,
  explainAttach,
  loadScenario,
  loadScenarioFile,
  makeScenario,
  measureAttach,
  measureCapacity,
  readPercallResults,
  runExperiment,
  startsRequest,
  writeAttachReport,
  writeReport,
} from '../../src/index.js';
import type { Scenario } from '../../src/index.js';
import { needs, needsRoot } from './bench.js';

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'bench-library-'));
  chmodSync(cwd, 0o755);
});
afterEach(() => {
  rmSync(cwd, { recursive: true });
});

const target = () => ({ directory: join(cwd, 'reports') });

describe('the library measures', () => {
  it('what a load takes, part by part, and writes its report', async () => {
    const measured = await measureAttach({ profile: 'docker', form: 'tree', rounds: 10, seed: 7 }, { cwd });
    const { attach, loads } = measured;
    expect(attach).toMatchObject({ rounds: 10, seed: 7, name: expect.stringContaining('moby') as string });
    expect(attach.parts.map(({ part }) => part)).toEqual(expect.arrayContaining(['copy', 'translate', 'walk']));
    expect(loads.files[0]?.whole).toHaveLength(10);
    const [answer = ''] = explainAttach(attach);
    const { page } = await writeAttachReport(measured, { ...target(), name: 'tree' });
    expect(page).toBe(join(cwd, 'reports/tree/index.html'));
    expect(readFileSync(page, 'utf8')).toContain(answer.split(' [')[0]);
  });

  it.each([
    ['rounds', { rounds: 9 }],
    ['seed', { seed: -1 }],
  ])('no load with %s out of bounds', async (name, request) => {
    await expect(measureAttach(request, { cwd })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(`${name}: expected a whole number`) as string,
    });
  });

  it('the memory of a filter, from values and from a scenario file', async () => {
    const resultsFolder = 'memory';
    const { folders } = await measureCapacity({ tasks: 10, stacked: 2, resultsFolder }, { cwd });
    const paths = folders.map((folder) => join(cwd, folder));
    const analysed = analyseResults(paths);
    if (analysed.kind !== 'capacity') throw new Error(analysed.kind);
    expect(analysed.run.plan.scenario).toMatchObject({ kind: 'capacity', tasks: 10, stacked: 2, untilRefused: false });
    expect(analysed.capacity.stack.loaded).toBeGreaterThan(1);
    const { page } = await writeReport(paths, target());
    expect(readFileSync(page, 'utf8')).toContain('kernel memory');
    expect(loadScenarioFile('filter-memory')).toMatchObject({
      kind: 'capacity',
      scenario: { kind: 'capacity', untilRefused: true },
    });
    await expect(measureCapacity({ tasks: 5 }, { cwd })).rejects.toMatchObject({ code: 'usage' });
  });

  it('the prices of answers', async (ctx) => {
    needsRoot(ctx);
    const request = callsRequest({
      engine: 'namespaces',
      calls: ['getppid'],
      arms: ['native'],
      actions: ['notify', 'trace'],
      ...{ blocks: 2, warmup: 0, rounds: 2, loops: 20 },
    });
    const { folders } = await runExperiment(request, { cwd });
    const [prices] = folders.map((folder) => analysePercall(readPercallResults(join(cwd, folder))).actions?.prices);
    expect(prices?.map(({ name }) => name)).toEqual(expect.arrayContaining(['allow', 'notify', 'trace']));
  });

  it('execs in waiting containers, with probes and counters', async (ctx) => {
    needsRoot(ctx);
    needs(ctx, 'runc');
    const scenario = makeScenario({ kind: 'exec', count: 2, warmup: 0, probes: { containers: 100, everyMs: 10_000 } });
    const { folders } = await runExperiment(startsRequest({ engine: 'runc', scenario, counters: true }), { cwd });
    const [run] = folders.map((folder) => analyseFolder(join(cwd, folder)).run);
    expect(run?.plan.scenario).toMatchObject({ unit: 'exec', probes: { containers: 100, everyMs: 10_000 } });
    expect(run?.plan.counters).toBeDefined();
  });

  it('a server with its load, what its calls cost, and the same from a scenario file', async (ctx) => {
    needsRoot(ctx);
    needs(ctx, 'redis-server', 'redis-benchmark', 'strace');
    const arms = [
      { name: 'none', policy: 'unconfined' },
      { name: 'docker', policy: 'host' },
    ] as const;
    const scenario: Scenario = {
      ...makeScenario({ kind: 'sequential', count: 2, warmup: 0, arms }),
      program: {
        args: ['redis-server', '--port', '6379', '--save', ''],
        env: [],
        cwd: '/',
        bindHost: true,
        binds: [],
        via: 'run',
        service: { ready: { kind: 'port', port: 6379 }, load: 'redis-benchmark -p 6379 -n 500 -t get --csv' },
      },
    };
    const { program } = loadScenario(join(import.meta.dirname, '../../examples/servers/redis.json'));
    expect(program).toMatchObject({ args: scenario.program?.args, service: { ready: { kind: 'port', port: 6379 } } });
    const request = startsRequest({ engine: 'namespaces', scenario, findings: { explain: true } });
    const { folders } = await runExperiment(request, { cwd });
    const [first] = folders.map((folder) => analyseFolder(join(cwd, folder)));
    expect(first?.analysis.workload?.service).toBeDefined();
    expect(first?.analysis.comparisons.map(({ arm }) => arm)).toContain('docker');
    const { page } = await writeReport(
      folders.map((folder) => join(cwd, folder)),
      target(),
    );
    expect(readFileSync(page, 'utf8')).toContain('request');
  });
});
