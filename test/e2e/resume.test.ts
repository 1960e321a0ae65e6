import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { readResultFolder, verifyChecksums } from '../../src/results/index.js';
import { planBlocks } from '../../src/scenario/index.js';
import type { RunResult } from '../../src/model/results/result.js';
import { CLI, FAKE, needs, needsRoot, PrivateSandbox } from './bench.js';

const sandbox = new PrivateSandbox();
afterAll(() => {
  sandbox[Symbol.dispose]();
});
afterEach(() => {
  sandbox.clear();
});

/** Starts a run and waits until it has so many lines of samples. */
const startedUntil = (lines: number, args: readonly string[]): ReturnType<PrivateSandbox['startUntil']> =>
  sandbox.startUntil(lines, [...args, '--no-report', '--quiet']);

/** Whether the measured blocks have the order that the seed alone gives, and every container once. */
function expectWhole({ plan, samples }: RunResult): void {
  const { scenario, seed } = plan;
  const blocks = scenario.kind === 'sequential' ? scenario.count : scenario.rounds;
  const names = scenario.arms.map(({ name }) => name);
  const first = samples.filter((sample) => !sample.warmup && sample.kind === 'container' && sample.index === 0);
  const order = Array.from({ length: blocks }, (_, block) =>
    first
      .filter((sample) => sample.block === block)
      .sort((a, b) => a.position - b.position)
      .map(({ arm }) => arm),
  );
  expect(order).toEqual([...planBlocks(names, blocks, seed)]);
  const perTurn = scenario.kind === 'sequential' ? 1 : scenario.count + 1;
  expect(samples.filter(({ warmup }) => !warmup)).toHaveLength(blocks * names.length * perTurn);
}

describe('a run killed by SIGKILL', () => {
  for (const [engine, kind, args, lines] of [
    ['namespaces', 'sequential', ['sequential', '--count', '12', '--warmup', '1'], 10],
    // With both versions of cgroups mounted, bench hides one from crun, and is still on the same host.
    ['crun', 'sequential', ['sequential', '--count', '10', '--warmup', '1'], 10],
    ['runc', 'parallel', ['parallel', '--count', '2', '--blocks', '4', '--warmup', '1'], 15],
  ] as const)
    it(`goes on with the block after its last whole one, in the order of its seed (${engine}, ${kind})`, async (context) => {
      needsRoot(context);
      if (engine !== 'namespaces') needs(context, engine);
      const { pid, end } = await startedUntil(lines, [...args, '--engine', engine]);
      // Stopped, it lives on without getting to its end.
      process.kill(pid, 'SIGSTOP');
      const path = sandbox.results();
      const refused = sandbox.bench(['resume', path]);
      expect(refused.status).toBe(2);
      expect(refused.stderr).toMatch(/^bench: the run of results\/\S+ still goes on\n/);
      expect(sandbox.bench(['report', path]).stderr).toContain('the run still goes on; these are the results so far');
      process.kill(pid, 'SIGKILL');
      await end;
      sandbox.bench(['clean']);
      expect(sandbox.workspaces()).toEqual([]);
      appendFileSync(join(path, 'samples.jsonl'), '{"kind":"contain');
      const killed = sandbox.bench(['report', path]);
      expect(killed.stdout).toMatch(/Warning: The run was killed: \d+ of \d+ blocks are complete\./);
      expect(killed.stderr).toMatch(/: the run was killed; continue it with: bench resume results\/\S+\n/);
      const { status, stderr } = sandbox.bench(['resume', path]);
      expect([status, stderr.includes('resuming a run that was killed: ')]).toEqual([0, true]);
      const whole = readResultFolder(path);
      expectWhole(whole);
      expect([whole.ledger?.ended, whole.warnings]).toEqual(['complete', []]);
      expect(verifyChecksums(path)).toBeGreaterThan(8);
      expect(readFileSync(join(path, 'resumed-1/samples.jsonl.tail'), 'utf8')).toBe('{"kind":"contain');
      expect(readFileSync(join(sandbox.folder, 'reports', whole.name, 'summary.md'), 'utf8')).toContain(
        'Where the run was resumed',
      );
      expect(sandbox.workspaces()).toEqual([]);
      expect(sandbox.bench(['resume', path])).toMatchObject({ status: 2 });
    });

  it('does not need its profile any more, and is refused where its runtime is another one', async (context) => {
    needsRoot(context);
    const profile = join(sandbox.folder, 'mine.json');
    const exact = spawnSync(process.execPath, [CLI, 'convert', '--policy', 'all'], { encoding: 'utf8' });
    appendFileSync(profile, exact.stdout);
    const runtime = sandbox.runtime(':');
    const engine = ['--engine', 'oci', '--runtime', runtime];
    const arms = ['--arms', 'unconfined', '--arm', 'mine=mine.json'];
    const { pid, end } = await startedUntil(8, ['sequential', '--count', '40', ...arms, ...engine]);
    process.kill(pid, 'SIGKILL');
    await end;
    const path = sandbox.results();
    rmSync(profile);
    sandbox.runtime('case "$*" in *--version*) echo "another 9.9"; exit 0 ;; esac');
    const refused = sandbox.bench(['resume', path]);
    expect([refused.status, refused.stderr]).toEqual([
      2,
      expect.stringContaining('bench: this is not the runtime that the run began with: version '),
    ]);
    expect(existsSync(join(path, 'resumed-1'))).toBe(false);
    sandbox.runtime(':');
    expect(sandbox.bench(['resume', path, '--no-report']).status).toBe(0);
    expectWhole(readResultFolder(path));
  });
});

describe('a run on a disk that fills up', () => {
  it('goes on once there is space again, and has every sample once', (context) => {
    needsRoot(context);
    needs(context, 'unshare', 'mount');
    const disk = join(sandbox.folder, 'disk');
    mkdirSync(disk);
    const script = `mount -t tmpfs -o size=64k tmpfs disk || exit 99
"$@" sequential --count 60 --engine oci --runtime ${FAKE} --results disk --no-report --quiet; echo "first $?"
df --output=avail disk | tail -1
mount -o remount,size=8m disk || exit 99
"$@" resume disk/* --no-report --quiet; echo "second $?"
mkdir results && cp -r disk/* results/`;
    const { stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', process.execPath, CLI], {
      cwd: sandbox.folder,
      encoding: 'utf8',
      env: { ...process.env, TMPDIR: sandbox.tmp },
    });
    expect(stdout).toContain('first 2');
    expect(stderr).toContain('no space left on device');
    expect(stdout).toContain('second 0');
    const run = readResultFolder(sandbox.results());
    expectWhole(run);
    const [only] = run.breaks ?? [];
    expect([run.ledger?.ended, run.breaks?.length, only?.kind]).toEqual(['complete', 1, 'resumed']);
    expect(only?.block).toBeGreaterThan(2);
    expect(verifyChecksums(sandbox.results())).toBeGreaterThan(8);
  });
});
