import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { readResultFolder } from '../../src/results/index.js';
import { blocksOf } from '../../src/model/run/scenario.js';
import { planDuetBlocks } from '../../src/scenario/index.js';
import { allowedCpus } from '../../src/process/affinity.js';
import type { OkSample } from '../../src/model/results/sample.js';
import { CLI, needs, needsRoot, PrivateSandbox } from './bench.js';

const sandbox = new PrivateSandbox();
afterAll(() => {
  sandbox[Symbol.dispose]();
});
afterEach(() => {
  sandbox.clear();
});

const ENDS = ['--no-report', '--quiet', '--warmup', '1'];

/** The results folder of the only run, and its pairs by block and position. */
function recorded(): { run: ReturnType<typeof readResultFolder>; pairs: readonly (readonly OkSample[])[] } {
  const [name] = readdirSync(join(sandbox.folder, 'results'));
  const run = readResultFolder(join(sandbox.folder, 'results', name!));
  const pairs = new Map<string, OkSample[]>();
  for (const sample of run.samples) {
    if (sample.kind !== 'container' || sample.state !== 'ok' || sample.partner === undefined) continue;
    const key = `${String(sample.warmup)} ${sample.block} ${sample.position}`;
    pairs.set(key, [...(pairs.get(key) ?? []), sample]);
  }
  return { run, pairs: [...pairs.values()] };
}

/** What every measured block ran in its order: an arm, or a pair with its cores. */
function orderOf({ plan, samples }: ReturnType<typeof readResultFolder>): readonly unknown[] {
  const { scenario } = plan;
  const measured = samples.filter((sample): sample is OkSample => sample.kind === 'container' && !sample.warmup);
  return Array.from({ length: blocksOf(scenario) }, (_, block) => {
    const turns = new Map<number, OkSample[]>();
    for (const sample of measured.filter((one) => one.block === block))
      turns.set(sample.position, [...(turns.get(sample.position) ?? []), sample]);
    return [...turns]
      .sort(([one], [other]) => one - other)
      .map(([, turn]) => (turn.length === 1 ? turn[0]!.arm : turn.sort(byArm).map(({ arm, core }) => ({ arm, core }))));
  });
}
const byArm = (one: { readonly arm: string }, other: { readonly arm: string }): number =>
  one.arm < other.arm ? -1 : 1;

describe('bench resume of a run with duet blocks', () => {
  it.for(['runc', 'namespaces'])(
    'keeps whole blocks and gives the others the pairs of its seed (%s)',
    async (engine, context) => {
      needsRoot(context);
      if (engine === 'runc') needs(context, 'runc');
      if (allowedCpus().length < 2) context.skip('one core');
      const blocks = 16;
      const args = ['sequential', '--duet', 'always', '--engine', engine, '--blocks', String(blocks), '--seed', '5'];
      // The warm-up has six containers, and so has a duet block.
      const { pid, end } = await sandbox.startUntil(15, [...args, ...ENDS]);
      process.kill(pid, 'SIGKILL');
      await end;
      const path = sandbox.results();
      const { samples: before } = readResultFolder(path);
      expect(sandbox.bench(['clean']).status).toBe(0);
      const { status, stderr } = sandbox.bench(['resume', path, '--no-report']);
      expect([status, stderr.includes('resuming a run that was killed: ')], stderr).toEqual([0, true]);
      const { run } = recorded();
      expect([run.ledger?.ended, run.warnings, run.plan.duet?.cores.length]).toEqual(['complete', [], 2]);
      const { plan } = run;
      const planned = planDuetBlocks({ arms: plan.scenario.arms, cores: plan.duet!.cores, blocks, seed: 5 });
      expect(orderOf(run)).toEqual(
        [...planned].map((block) => block.map((turn) => (typeof turn === 'string' ? turn : [...turn].sort(byArm)))),
      );
      // A whole block is not run again: its samples are those of the first part.
      const first = before.filter(({ block, warmup }) => !warmup && block === 0);
      expect(run.samples.filter(({ block, warmup }) => !warmup && block === 0)).toEqual(first);
      expect(sandbox.workspaces()).toEqual([]);
    },
  );
});

describe('bench sequential --duet', () => {
  for (const engine of ['runc', 'namespaces'])
    it(`runs pairs at the same time, each on a core of its own (${engine})`, (context) => {
      needsRoot(context);
      if (engine === 'runc') needs(context, 'runc');
      if (allowedCpus().length < 2) context.skip('one core');
      const { status, stdout } = sandbox.bench([
        'sequential',
        '--duet',
        '--engine',
        engine,
        '--blocks',
        '20',
        '--seed',
        '3',
        '--json',
        ...ENDS,
      ]);
      expect(status).toBe(0);
      const [summary] = (JSON.parse(stdout) as { runs: { duet: unknown; comparisons: { metric: string }[] }[] }).runs;
      expect(summary?.duet).toMatchObject({ soloBlocks: 5 });
      expect(summary?.comparisons.map(({ metric }) => metric).slice(0, 3)).toEqual(['cpu', 'duetWall', 'wall']);
      const { run, pairs } = recorded();
      const { cores } = run.plan.duet!;
      // 15 of 20 measured blocks and the only one of the warm-up are duet blocks, of three pairs.
      expect(pairs).toHaveLength(16 * 3);
      for (const pair of pairs) {
        expect(pair.map(({ core }) => core).sort()).toEqual([...cores]);
        const [one, other] = pair as [OkSample, OkSample];
        expect([one.partner, other.partner]).toEqual([other.arm, one.arm]);
        expect(one.startNs).toBe(other.startNs);
        expect(Math.min(one.aloneNs!, other.aloneNs!)).toBe(0);
        expect(Math.abs(one.aloneNs! - other.aloneNs!)).toBe(Math.abs(one.wallNs - other.wallNs));
      }
      expect(run.samples.filter(({ warmup, ...own }) => !warmup && !('partner' in own))).toHaveLength(5 * 3);
    });

  it('is refused on one core, and left out by auto with the reason', (context) => {
    needsRoot(context);
    const onOneCore = (choice: string): { status: number | null; stderr: string } =>
      spawnSync(
        'taskset',
        [
          '-c',
          String(allowedCpus()[0]),
          process.execPath,
          CLI,
          'sequential',
          '--duet',
          choice,
          '--engine',
          'namespaces',
          '--blocks',
          '2',
          ...ENDS,
        ],
        { cwd: sandbox.folder, encoding: 'utf8' },
      );
    const refused = onOneCore('always');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('duet blocks require two equally fast cores that bench may use');
    const left = onOneCore('auto');
    expect(left.status).toBe(0);
    expect(left.stderr).toContain('no duet blocks: duet blocks require two equally fast cores');
    expect(recorded().run.plan).not.toHaveProperty('duet');
    expect(recorded().pairs).toEqual([]);
  });

  it('cannot be combined with --pin', (context) => {
    needsRoot(context);
    const args = ['sequential', '--duet', '--engine', 'namespaces', '--blocks', '2', '--pin', ...ENDS];
    const { status, stderr } = sandbox.bench(args);
    expect(status).toBe(2);
    expect(stderr).toContain('a pinned run has one core, and duet blocks require two');
  });

  it('is refused for a parallel scenario', () => {
    writeFileSync(join(sandbox.folder, 'batch.json'), JSON.stringify({ kind: 'parallel', count: 2 }));
    const { status, stderr } = sandbox.bench(['run', 'batch.json', '--duet', ...ENDS.slice(0, 2)]);
    expect(status).toBe(2);
    expect(stderr).toContain('--duet cannot be combined with the parallel scenario batch');
  });

  it('refuses a word it does not know', () => {
    const { status, stderr } = sandbox.bench(['sequential', '--duet', 'sometimes']);
    expect(status).toBe(2);
    expect(stderr).toContain('sometimes');
  });
});
