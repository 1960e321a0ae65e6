import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import type { ArmDefinition } from '../../src/model/run/scenario.js';
import { FAKE, ROOT, Sandbox, reportsIn } from './bench.js';
import { startPodman } from './daemons.js';
import type { CliResult } from './bench.js';

const CACHING = join(ROOT, 'test/fixtures/caching-runtime.sh');
const sandbox = new Sandbox();
const temporary = join(sandbox.folder, 'tmp');
beforeEach(() => {
  sandbox.clear();
  mkdirSync(temporary, { recursive: true });
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const bench = (args: readonly string[], env: Record<string, string> = {}): CliResult => {
  const result = sandbox.bench(args, { ...env, TMPDIR: temporary });
  expect(readdirSync(temporary)).toEqual([]);
  return result;
};
const started = (args: readonly string[], env: Record<string, string> = {}): CliResult =>
  bench(['sequential', '--engine', 'oci', '--runtime', CACHING, '--warmup', '0', ...args], env);
const shapes = (arms: readonly ArmDefinition[]): readonly string[] =>
  arms.map(({ name, cache, against }) => [name, cache ?? '-', against ?? '-'].join(' '));
const evidence = (): readonly ArmEvidence[] =>
  JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as ArmEvidence[];
/** The state of every arm, and the containers that were shown to be in it, of all. */
const seen = (): readonly string[] =>
  evidence().map(({ arm, cache }) =>
    cache === undefined ? `${arm} -` : `${arm} ${cache.state} ${cache.shown}/${cache.containers}`,
  );

const BOTH = [
  'before warm -',
  'after warm -',
  'control warm -',
  'before-cold cold before-cold',
  'after-cold cold before-cold',
];

interface JsonRun {
  readonly verdicts: readonly { readonly arm: string; readonly baseline: string; readonly cache: string | null }[];
  readonly comparisons: readonly { readonly arm: string; readonly baseline: string; readonly invalid: string | null }[];
  readonly arms: readonly { readonly arm: string; readonly cache: string | null }[];
}
const runIn = ({ stdout }: CliResult): JsonRun => (JSON.parse(stdout) as { readonly runs: readonly [JsonRun] }).runs[0];

describe('a runtime that keeps compiled filters', () => {
  it('is measured warm, with the cold twins in the same blocks, and each container is shown to be so', () => {
    const result = started(['--blocks', '3', '--no-report', '--json']);
    expect(result.status).toBe(0);
    expect(result.stderr).toContain("warm (the runtime's cache holds the compiled filter): before, after, control\n");
    expect(result.stderr).toContain('cold (every start compiles it): before-cold, after-cold\n');
    expect(shapes(sandbox.plan().scenario.arms)).toEqual(BOTH);
    // Besides the blocks: the 32-bit probe, and of cold arms the first start.
    expect(seen()).toEqual([
      'before warm 4/4',
      'after warm 4/4',
      'control warm 4/4',
      'before-cold cold 5/5',
      'after-cold cold 5/5',
    ]);
    const run = runIn(result);
    expect(run.verdicts).toMatchObject([
      { arm: 'after', baseline: 'before', cache: 'warm' },
      { arm: 'after-cold', baseline: 'before-cold', cache: 'cold' },
    ]);
    expect(new Set(run.comparisons.map(({ arm, baseline }) => `${arm} / ${baseline}`))).toEqual(
      new Set(['after / before', 'after-cold / before-cold']),
    );
    expect(run.arms.map(({ cache }) => cache)).toEqual(['warm', 'warm', 'warm', 'cold', 'cold']);
  });

  it.each(['cold', 'warm'] as const)('is measured %s alone with --cache', (state) => {
    expect(started(['--blocks', '2', '--no-report', '--cache', state]).status).toBe(0);
    expect(shapes(sandbox.plan().scenario.arms)).toEqual(
      ['before', 'after', 'control'].map((arm) => `${arm} ${state} -`),
    );
  });

  it('tells warm first and cold next to it, in the report and in its summary', () => {
    expect(started(['--blocks', '20', '--seed', '1']).status).toBe(0);
    const [name = ''] = reportsIn(join(sandbox.folder, 'reports'));
    const report = (file: string): string => readFileSync(join(sandbox.folder, 'reports', name, file), 'utf8');
    const markdown = report('summary.md');
    const [warm, cold] = [markdown.indexOf('(warm starts)'), markdown.indexOf('(cold starts)')];
    expect([warm > 0, cold > warm]).toEqual([true, true]);
    expect(markdown).toMatch(/\| before-cold +\|.*cold in 22 of 22 containers/);
    expect(report('index.html')).toContain('warm in 21 of 21 containers');
    expect((JSON.parse(report('summary.json')) as { readonly runs: readonly [JsonRun] }).runs[0].verdicts).toHaveLength(
      2,
    );
  });

  it('has both in batches, at every level of a sweep, and where stages are timed', () => {
    const runtime = ['--engine', 'oci', '--runtime', CACHING, '--warmup', '0', '--no-report'];
    expect(bench(['parallel', '--count', '3', '--blocks', '2', ...runtime]).status).toBe(0);
    expect(seen()).toEqual([
      'before warm 7/7',
      'after warm 7/7',
      'control warm 7/7',
      'before-cold cold 8/8',
      'after-cold cold 8/8',
    ]);
    sandbox.clear();
    mkdirSync(temporary, { recursive: true });
    expect(bench(['parallel', '--count', '2', '--blocks', '2', '--concurrency', '1,2', ...runtime]).status).toBe(0);
    for (const folder of readdirSync(join(sandbox.folder, 'results'))) {
      const plan = JSON.parse(readFileSync(join(sandbox.folder, 'results', folder, 'plan.json'), 'utf8')) as {
        readonly scenario: { readonly arms: readonly ArmDefinition[] };
      };
      expect(shapes(plan.scenario.arms)).toEqual(BOTH);
    }
    sandbox.clear();
    mkdirSync(temporary, { recursive: true });
    expect(started(['--blocks', '2', '--no-report', '--stages']).status).toBe(0);
    expect(seen()).toContain('after-cold cold 4/4');
  });

  it('is compared with another runtime warm and cold', () => {
    const args = ['--blocks', '2', '--warmup', '0', '--no-report'];
    expect(bench(['ab', '--a', `runtime=${FAKE}`, '--b', `runtime=${CACHING}`, ...args]).status).toBe(0);
    expect(shapes(sandbox.plan().scenario.arms)).toEqual([
      'fake-runtime.sh - -',
      'caching-runtime.sh warm -',
      'control - -',
      'caching-runtime.sh-cold cold -',
    ]);
  });

  it('is measured as a scenario file says, and --cache goes before it', () => {
    writeFileSync(
      join(sandbox.folder, 'own.json'),
      JSON.stringify({ kind: 'sequential', count: 2, warmup: 0, cache: 'cold' }),
    );
    const run = ['run', 'own.json', '--engine', 'oci', '--runtime', CACHING, '--no-report'];
    expect(bench(run).status).toBe(0);
    expect(shapes(sandbox.plan().scenario.arms)[0]).toBe('before cold -');
    rmSync(join(sandbox.folder, 'results'), { recursive: true });
    expect(bench([...run, '--cache', 'warm']).status).toBe(0);
    expect(shapes(sandbox.plan().scenario.arms)[0]).toBe('before warm -');
  });

  it('is not shown to be warm where it makes the file again', () => {
    started(['--blocks', '3', '--no-report'], { FAKE_CACHE: 'ignored' });
    expect(seen()).toEqual([
      'before warm 0/4',
      'after warm 0/4',
      'control warm 0/4',
      'before-cold cold 5/5',
      'after-cold cold 5/5',
    ]);
  });
});

describe('what cannot be had', () => {
  it.each([
    ['unwritable', 'mkdir .cache/seccomp: Read-only file system'],
    ['silent', 'it left no file there'],
  ])('is said in one line where the folder is %s', (how, words) => {
    const { status, stderr } = started(['--blocks', '2', '--no-report'], { FAKE_CACHE: how });
    expect(status).toBe(2);
    expect(stderr).toContain(`bench: ${CACHING} could not keep a compiled filter: ${words}\n`);
    expect(readdirSync(sandbox.folder)).not.toContain('results');
  });

  it.each(['warm', 'both'])('is said in one line where the runtime keeps none, for --cache %s', (state) => {
    const { status, stderr } = bench(['sequential', '--engine', 'oci', '--runtime', FAKE, '--cache', state]);
    expect([status, stderr.split('\n').filter((line) => line.startsWith('bench:'))]).toEqual([
      2,
      [`bench: --cache ${state} requires a runtime that keeps compiled filters; fake-runtime version 1.0.0 keeps none`],
    ]);
    expect(readdirSync(sandbox.folder)).not.toContain('results');
  });

  it('is nothing for --cache cold: such a runtime compiles at every start anyway', () => {
    const args = ['--cache', 'cold', '--blocks', '1', '--warmup', '0', '--no-report'];
    expect(bench(['sequential', '--engine', 'oci', '--runtime', FAKE, ...args]).status).toBe(0);
    expect(shapes(sandbox.plan().scenario.arms)).toEqual(['before - -', 'after - -', 'control - -']);
  });

  it('is said for commands, and for a word that is no state', () => {
    const both = bench(['ab', '--cache', 'both', '--', 'true', '---', 'false']);
    expect([both.status, both.stderr]).toEqual([
      2,
      'bench: --cache both cannot be combined with commands\n  bench does not see what a command starts.\n',
    ]);
    const wrong = bench(['sequential', '--cache', 'hot']);
    expect([wrong.status, wrong.stderr.includes('hot')]).toEqual([2, true]);
  });
});

/** Skips the test where crun keeps no compiled filters here. */
function needCachingCrun(ctx: TestContext): void {
  const { status, stdout } = spawnSync('crun', ['--version'], { encoding: 'utf8' });
  if (status !== 0) ctx.skip('crun is not installed');
  const tried = bench([
    'sequential',
    '--engine',
    'crun',
    '--cache',
    'warm',
    '--blocks',
    '1',
    '--warmup',
    '0',
    '--no-report',
  ]);
  if (tried.stderr.includes('requires a runtime that keeps'))
    ctx.skip(`${stdout.split('\n')[0] ?? ''} keeps no compiled filters`);
  if (tried.status !== 0) ctx.skip(`crun starts no container here: ${tried.stderr}`);
}

describe('crun', () => {
  it('loads the filter of its cache, warm and cold', (ctx) => {
    needCachingCrun(ctx);
    rmSync(join(sandbox.folder, 'results'), { recursive: true });
    expect(bench(['sequential', '--engine', 'crun', '--blocks', '5', '--no-report']).status).toBe(0);
    expect(shapes(sandbox.plan().scenario.arms)).toEqual(BOTH);
    for (const { cache, loaded } of evidence()) {
      expect(cache?.shown).toBe(cache?.containers);
      if (loaded.state === 'seen') expect(loaded.programs[0]?.sha256).toBe(cache?.file?.sha256);
    }
  });
});

describe('Podman over crun', () => {
  it('is warm, and shown to be; cold starts cannot be had there', async (ctx) => {
    needCachingCrun(ctx);
    rmSync(join(sandbox.folder, 'results'), { recursive: true });
    const daemon = await startPodman('crun');
    if ('missing' in daemon) return ctx.skip(daemon.missing);
    try {
      const args = ['sequential', '--engine', 'podman', '--host', daemon.host, '--blocks', '2', '--no-report'];
      const result = bench(args);
      if (result.stderr.includes('could not start a container')) ctx.skip(result.stderr);
      expect(result.status).toBe(0);
      expect(shapes(sandbox.plan().scenario.arms)).toEqual(['before warm -', 'after warm -', 'control warm -']);
      for (const { cache, loaded } of evidence()) {
        expect([cache?.state, cache?.shown]).toEqual(['warm', cache?.containers]);
        if (loaded.state === 'seen') expect(loaded.programs[0]?.sha256).toBe(cache?.file?.sha256);
      }
      const cold = bench([...args, '--cache', 'cold']);
      expect([
        cold.status,
        cold.stderr.includes('bench: --cache cold requires a state folder for each container'),
      ]).toEqual([2, true]);
    } finally {
      await daemon.stop();
    }
  });
});
