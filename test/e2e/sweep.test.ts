import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunPlan } from '../../src/model/results/result.js';
import type { Sample } from '../../src/model/results/sample.js';
import type { Summary } from '../../src/report/run/summary.js';
import { FAKE, Sandbox, reportsIn } from './bench.js';

const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const sweep = (args: readonly string[], env: Record<string, string> = {}) =>
  sandbox.bench(
    [
      'parallel',
      '--engine',
      'oci',
      '--runtime',
      FAKE,
      '--warmup',
      '1',
      '--count',
      '4',
      '--rounds',
      '3',
      '--seed',
      '5',
      '--concurrency',
      '2,4',
      ...args,
    ],
    env,
  );

const folders = (): string[] =>
  readdirSync(join(sandbox.folder, 'results'))
    .sort()
    .map((name) => join(sandbox.folder, 'results', name));
const planIn = (folder: string): RunPlan => JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')) as RunPlan;
const samplesIn = (folder: string): Sample[] =>
  readFileSync(join(folder, 'samples.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sample);
const lastReport = (): string => join(sandbox.folder, 'reports', reportsIn(join(sandbox.folder, 'reports'))[0]!);
const summaryIn = (folder: string): Summary =>
  JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as Summary;

describe('bench parallel --concurrency with several levels', () => {
  it('makes one run per level, 1 included, whose rounds take turns in an order the seed decides', () => {
    expect(sweep(['--no-report']).status).toBe(0);
    const plans = folders().map(planIn);
    expect(
      plans.map(({ scenario, sweep: part }) => [
        scenario.name,
        scenario.kind === 'parallel' ? scenario.concurrency : 0,
        part?.levels,
      ]),
    ).toEqual([
      ['parallel-4-c1', 1, [1, 2, 4]],
      ['parallel-4-c2', 2, [1, 2, 4]],
      ['parallel-4-c4', 4, [1, 2, 4]],
    ]);
    expect(new Set(plans.map(({ sweep: part }) => part?.id)).size).toBe(1);
    const order = (): string =>
      folders()
        .flatMap((folder) =>
          samplesIn(folder).flatMap((sample) =>
            sample.kind === 'batch'
              ? [
                  {
                    at: sample.startNs,
                    round: `${sample.warmup ? 'w' : 'b'}${sample.block}`,
                    level: folder.split('-c')[1]!.slice(0, 1),
                    arm: sample.arm,
                  },
                ]
              : [],
          ),
        )
        .sort((a, b) => a.at - b.at)
        .map(({ round, level, arm }) => `${round} ${level} ${arm}`)
        .join('\n');
    const first = order();
    const batches = first.split('\n');
    expect(batches).toHaveLength(4 * 3 * 3);
    // Round by round, each with every level once, each level with every arm.
    for (const [index, round] of ['w0', 'b0', 'b1', 'b2'].entries()) {
      const own = batches.slice(9 * index, 9 * index + 9);
      expect(own.every((line) => line.startsWith(round))).toBe(true);
      for (const turn of [0, 3, 6]) {
        const block = own.slice(turn, turn + 3).map((line) => line.split(' '));
        expect([new Set(block.map(([, level]) => level)).size, new Set(block.map(([, , arm]) => arm))]).toEqual([
          1,
          new Set(['before', 'after', 'control']),
        ]);
      }
    }
    sandbox.clear();
    sweep(['--no-report']);
    expect(order()).toBe(first);
  });

  it('is what bench run makes of a scenario with several levels, and refuses rules there too', () => {
    const file = join(sandbox.folder, 'scenario.json');
    writeFileSync(
      file,
      JSON.stringify({ kind: 'parallel', name: 'parallel-4', count: 4, concurrency: [2, 4], rounds: 3, warmup: 1 }),
    );
    const run = (...args: readonly string[]) =>
      sandbox.bench(['run', file, '--engine', 'oci', '--runtime', FAKE, '--seed', '5', '--no-report', ...args]);
    expect(run().status).toBe(0);
    const plans = folders().map(planIn);
    expect(
      plans.map(({ scenario, sweep: part }) => [
        scenario.name,
        scenario.kind === 'parallel' && [scenario.concurrency, scenario.levels],
        part?.levels,
      ]),
    ).toEqual([1, 2, 4].map((level) => [`parallel-4-c${level}`, [level, [1, 2, 4]], [1, 2, 4]]));
    expect(folders().map((folder) => samplesIn(folder).filter(({ kind }) => kind === 'batch').length)).toEqual([
      12, 12, 12,
    ]);
    for (const args of [
      ['--until', 'decided'],
      ['--budget', '10s'],
    ]) {
      expect(run(...args)).toMatchObject({
        status: 2,
        stderr: expect.stringContaining(
          'bench: scenario parallel-4 cannot be combined with --for, --until or --budget',
        ) as unknown,
      });
    }
    expect(sandbox.bench(['plan', file, '--detect', '1%']).stderr).toContain(
      `bench: scenario ${file} has several levels of concurrency: 1, 2, 4`,
    );
  });

  it('shows throughput, latency and efficiency of every arm and level, in 100 columns and in one report', () => {
    const { status, stdout } = sweep([]);
    expect([status, stdout.split('\n')[0]]).toEqual([
      0,
      expect.stringMatching(/^Sweep over concurrency: batches of 4, C in flight, \d+ CPUs$/),
    ]);
    expect(stdout).toMatch(/\narm +C +makespan +\/s +p50 ms +p90 ms +p99 ms +max ms +effic\.\n/);
    expect(stdout.match(/\n(before|after|control) +[124] .* %(?=\n)/g)).toHaveLength(9);
    expect(stdout).toContain('* from fewer than 100\ncontainers: between the two largest.');
    expect(stdout.split('\n').filter((line) => line.length > 100 && !line.startsWith('Report: '))).toEqual([]);
    const { sweeps, runs } = summaryIn(lastReport());
    expect(sweeps).toHaveLength(1);
    expect(runs.map(({ concurrency }) => concurrency)).toEqual([1, 2, 4]);
    for (const { arm, concurrency, efficiency, perSecond, makespanSeconds, latency } of sweeps[0]!.points) {
      const alone = sweeps[0]!.points.find((point) => point.arm === arm && point.concurrency === 1)!.perSecond;
      expect(perSecond).toBeCloseTo(4 / makespanSeconds, 9);
      expect(efficiency).toBeCloseTo(perSecond / (concurrency * alone), 9);
      expect([latency?.count, latency!.max >= latency!.p99 && latency!.p99 >= latency!.p90]).toEqual([12, true]);
    }
    expect(readFileSync(join(lastReport(), 'summary.md'), 'utf8')).toContain('### Sweep over concurrency\n');
    const page = readFileSync(join(lastReport(), 'index.html'), 'utf8');
    expect(page).toMatch(/<figure data-chart="sweep[^"]*">[^]*?<img\s+alt="[^"]*efficiency/i);
    for (const picture of ['sweep.png', 'sweep.svg']) expect(existsSync(join(lastReport(), picture))).toBe(true);
  });

  it('is the same report when it is made again from the folders, and says nothing of a level that is missing', () => {
    sweep([]);
    const made = summaryIn(lastReport()).sweeps;
    expect(sandbox.bench(['report', ...folders(), '--name', 'again']).status).toBe(0);
    expect(summaryIn(join(sandbox.folder, 'reports/again')).sweeps).toEqual(made);
    expect(sandbox.bench(['report', ...folders().slice(1), '--name', 'without']).status).toBe(0);
    expect(
      summaryIn(join(sandbox.folder, 'reports/without')).sweeps[0]!.points.map(({ efficiency }) => efficiency),
    ).toEqual([null, null, null, null, null, null]);
  });

  it('counts a failure in its level, which makes the exit code 1, and ends all levels by --max-failures', () => {
    expect(sweep([], { FAKE_FAIL: '*-c2-b1-0-0' }).status).toBe(1);
    expect(summaryIn(lastReport()).runs.map(({ failures }) => failures.length)).toEqual([0, 1, 0]);
    sandbox.clear();
    const { status, stderr } = sweep(['--no-report', '--max-failures', '0'], { FAKE_FAIL: '*-b0-0-0' });
    expect([status, stderr]).toEqual([
      1,
      expect.stringContaining(
        '\nended early: 1 container failed, more than --max-failures 0; the results so far are kept\n',
      ),
    ]);
    for (const folder of folders())
      expect(JSON.parse(readFileSync(join(folder, 'ledger.json'), 'utf8'))).toMatchObject({
        ended: 'maxFailures',
        after: { state: 'listed', ids: [] },
      });
  });

  it('refuses levels that are none, and rules that would end one level and not the others', () => {
    for (const args of [
      ['--concurrency', '2,'],
      ['--concurrency', '2,2'],
      ['--concurrency', '0,2'],
      ['--concurrency', '2,5'],
      ['--until', 'decided'],
      ['--budget', '10s'],
    ]) {
      expect([args, sweep(args).status]).toEqual([args, 2]);
    }
    expect(existsSync(join(sandbox.folder, 'results'))).toBe(false);
  });
});
