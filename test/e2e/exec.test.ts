import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunLedger } from '../../src/model/results/ledger.js';
import type { ArmEvidence, LoadedFilter } from '../../src/model/run/evidence.js';
import { argvOf, killProcess, processesOfRun } from '../../src/process/processes.js';
import { findProgram } from '../../src/process/files/find.js';
import { needs, needsRoot, PrivateSandbox } from './bench.js';

const sandbox = new PrivateSandbox();
afterAll(() => {
  sandbox[Symbol.dispose]();
});
beforeEach(() => {
  sandbox.clear();
});

const evidence = (): readonly ArmEvidence[] =>
  JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as readonly ArmEvidence[];
const lengthOf = (loaded: LoadedFilter | undefined): number =>
  loaded?.state === 'seen' ? loaded.programs.reduce((sum, { instructions }) => sum + instructions, 0) : -1;
const ledger = (): RunLedger => JSON.parse(readFileSync(join(sandbox.results(), 'ledger.json'), 'utf8')) as RunLedger;
const samplesIn = (stderr: string): string => /samples in results\/\S+-([0-9a-f]{8})$/m.exec(stderr)?.[1] ?? '';

/** Waits until a run that was started measures; gives its id. */
async function untilMeasuring(stderr: () => string): Promise<string> {
  for (let waitedMs = 0; waitedMs < 60_000 && samplesIn(stderr()) === ''; waitedMs += 50) await sleep(50);
  return `sb-${samplesIn(stderr())}`;
}

const sleepers = (runId: string): readonly number[] =>
  processesOfRun(runId).filter((pid) => argvOf(pid).join(' ') === '/payload sleep');

describe.each(['runc', 'crun'] as const)('bench exec --engine %s', (engine) => {
  it('times execs in a waiting container of each arm, and proves what filter an exec gets and how', (context) => {
    needsRoot(context);
    needs(context, engine, 'strace');
    const { status, stdout, stderr } = sandbox.bench([
      'exec',
      ...['--engine', engine, '--blocks', '6', '--warmup', '1', '--probes', '100@10s', '--no-report'],
    ]);
    expect(status, stderr).toBe(0);
    expect(sandbox.plan().scenario).toMatchObject({
      kind: 'sequential',
      unit: 'exec',
      name: 'exec-6',
      probes: { containers: 100, everyMs: 10_000 },
    });
    const containers = sandbox.containers();
    // A block within which something stood still is run again.
    expect(containers.length).toBeGreaterThanOrEqual(28);
    for (const sample of containers)
      expect(sample.state === 'ok' && sample.userNs + sample.systemNs).toBeGreaterThan(0);
    const [before, after, unconfined, control] = evidence();
    expect([before?.arm, after?.arm, unconfined?.arm, control?.arm]).toEqual([
      'before',
      'after',
      'unconfined',
      'control',
    ]);
    expect(lengthOf(before?.loaded)).toBeGreaterThan(lengthOf(after?.loaded));
    expect(lengthOf(after?.loaded)).toBeGreaterThan(0);
    expect([lengthOf(unconfined?.loaded), unconfined?.exec?.seccompMode]).toEqual([0, 0]);
    expect(after?.exec).toMatchObject({ seccompMode: 2, container: { state: 'seen' } });
    expect(lengthOf(after?.exec?.container)).toBe(lengthOf(after?.loaded));
    // The filter is read out of the very process that the exec started, which has one filter and no more.
    expect([after?.loaded.state === 'seen' && after.loaded.via, after?.task?.seccompFilters]).toEqual(['ptrace', 1]);
    expect(evidence().map(({ exec }) => exec?.origin.kind)).toEqual(
      engine === 'runc' ? ['built', 'built', 'none', 'built'] : ['stored', 'stored', 'none', 'stored'],
    );
    // Six blocks with a disturbed one among them can leave the share of the filter unknown, which is said then.
    const said = stdout.replace(/\s+/g, ' ');
    expect(said).toMatch(/A probe every 10 s in 100 containers costs [\d.]+ % of one CPU \[[−\d., ]+\] under after;/);
    expect(said).toMatch(/under after; (the filter is [\d.]+ % of that|no share of the filter is told from chance)/);
    expect(ledger()).toMatchObject({
      before: { state: 'listed', ids: [] },
      after: { state: 'listed', ids: [] },
      left: { state: 'listed', ids: [] },
    });
    expect(sandbox.workspaces()).toEqual([]);
  });

  it('tells an exec apart at the first instruction of its program with --stages', (context) => {
    needsRoot(context);
    needs(context, engine);
    const { status, stderr } = sandbox.bench([
      'exec',
      ...['--engine', engine, '--blocks', '3', '--warmup', '0', '--arms', 'after', '--stages', '--no-report'],
    ]);
    expect(status, stderr).toBe(0);
    for (const sample of sandbox.containers()) {
      if (sample.state !== 'ok') throw new Error(`expected an exec that is ok, got ${JSON.stringify(sample)}`);
      const { start = 0, exit = 0, ...others } = sample.stagesNs ?? {};
      expect([start > 0, exit > 0, others, start + exit]).toEqual([true, true, {}, sample.wallNs]);
    }
  });
});

describe('bench exec', () => {
  it('takes a scenario file of kind exec, and makes reports and exports of it', (context) => {
    needsRoot(context);
    needs(context, 'crun');
    writeFileSync(
      join(sandbox.folder, 'probes.json'),
      JSON.stringify({ kind: 'exec', blocks: 6, warmup: 0, arms: ['after', 'unconfined'], probes: '10@500ms' }),
    );
    const { status, stderr } = sandbox.bench([
      'run',
      'probes.json',
      ...['--engine', 'crun', '--no-report', '--max-failures', '0'],
    ]);
    expect([status, stderr.includes('18 execs (6 blocks of one exec per arm')], stderr).toEqual([0, true]);
    const results = sandbox.results();
    const report = sandbox.bench(['report', results, '--json', '--export-csv', 'out.csv']);
    const [run] = (
      JSON.parse(report.stdout) as { runs: { unit: string; execs: { sentences: string[] }; title: string }[] }
    ).runs;
    expect([run?.unit, run?.title.endsWith(' exec')], report.stderr).toEqual(['exec', true]);
    expect(run?.execs.sentences.join('\n')).toContain('A probe every 500 ms in 10 containers costs');
    expect(readFileSync(join(sandbox.folder, 'out.csv'), 'utf8').split('\n').length).toBeGreaterThanOrEqual(20);
    const page = sandbox.bench(['report', results]);
    expect(page.stdout + page.stderr).not.toContain('Published');
  });

  it('is judged in CI like starts, from a scenario of the package and from results', (context) => {
    needsRoot(context);
    needs(context, 'crun');
    const env = { GITHUB_ACTIONS: '', GITLAB_CI: '' };
    const gate = ['--fail-if-slower', '50%', '--allow-undecided', '--no-report'];
    const measured = sandbox.bench(['ci', 'exec-probes', '--engine', 'crun', '--blocks', '6', ...gate], env);
    expect(measured.stderr).toContain('24 execs (6 blocks of one exec per arm');
    expect(measured.stdout).toContain('A probe every 10 s in 100 containers costs');
    expect(measured.stdout).toContain('6 of 6 blocks complete, no exec failed');
    const judged = sandbox.bench(['ci', '--from', sandbox.results(), ...gate], env);
    expect([measured.status, judged.status], measured.stderr + judged.stderr).toEqual([0, 0]);
    expect(judged.stdout).toContain('A probe every 10 s in 100 containers costs');
  });

  it('refuses duet blocks for a scenario of execs', () => {
    const { status, stderr } = sandbox.bench(['run', 'exec-probes', '--duet', '--engine', 'runc']);
    expect([status, stderr.split('\n')[0]]).toEqual([2, 'bench: kind exec cannot be combined with --duet']);
    expect(sandbox.workspaces()).toEqual([]);
  });

  it('times out an exec that hangs, counts it and never times it', (context) => {
    needsRoot(context);
    needs(context, 'runc');
    // The execs before the first block are as usual.
    const hanging = sandbox.runtime(
      'case " $* " in *" exec "*" --pid-file "*/sb-*-b*.pid*) sleep 30;; esac',
      findProgram('runc', process.env['PATH']),
    );
    const { status, stderr } = sandbox.bench([
      'exec',
      ...['--engine', 'oci', '--runtime', hanging, '--blocks', '4', '--warmup', '0', '--timeout', '3s'],
      ...['--arms', 'after', '--no-report'],
    ]);
    expect([status, stderr.includes('no end within 3 s')], stderr).toEqual([1, true]);
    expect(new Set(sandbox.containers().map(({ state }) => state))).toEqual(new Set(['timedOut']));
    expect(sandbox.workspaces()).toEqual([]);
  });

  it('counts the execs in a container that ended, and ends the run', async (context) => {
    needsRoot(context);
    needs(context, 'runc');
    const { stderr, end } = sandbox.start([
      'exec',
      ...['--engine', 'runc', '--blocks', '2000', '--arms', 'after', '--no-report'],
    ]);
    const runId = await untilMeasuring(stderr);
    for (const pid of sleepers(runId)) killProcess(pid);
    const { status } = await end;
    expect([status, stderr().includes('every exec of 3 blocks in a row failed with runc')], stderr()).toEqual([
      1,
      true,
    ]);
    expect(sandbox.containers().some(({ state }) => state === 'failed')).toBe(true);
    expect([sandbox.workspaces(), processesOfRun(runId)]).toEqual([[], []]);
  });

  it.each(['runc', 'crun'])('leaves nothing behind where Ctrl-C ends it, with %s', async (engine) => {
    const { pid, stderr, end } = sandbox.start([
      'exec',
      ...['--engine', engine, '--blocks', '2000', '--arms', 'after', '--no-report'],
    ]);
    const runId = await untilMeasuring(stderr);
    expect(sleepers(runId).length).toBeGreaterThan(0);
    process.kill(pid, 'SIGINT');
    const { status } = await end;
    expect([status, processesOfRun(runId), sandbox.workspaces()], stderr()).toEqual([130, [], []]);
  });

  it('leaves waiting containers to bench clean where it is killed', async (context) => {
    needsRoot(context);
    needs(context, 'runc');
    const { pid, stderr, end } = sandbox.start([
      'exec',
      ...['--engine', 'runc', '--blocks', '2000', '--arms', 'after', '--no-report'],
    ]);
    const runId = await untilMeasuring(stderr);
    process.kill(pid, 'SIGKILL');
    await end;
    expect(sleepers(runId).length).toBeGreaterThan(0);
    const { status } = sandbox.bench(['clean']);
    expect([status, processesOfRun(runId), sandbox.workspaces()]).toEqual([0, [], []]);
  });

  it.each([
    [['--engine', 'namespaces'], '--engine namespaces cannot start a program in a running container'],
    [['--engine', 'bwrap'], '--engine bwrap cannot start a program in a running container'],
    [['--engine', 'lxc'], '--engine lxc cannot start a program in a running container'],
    [['--engine', 'isulad'], '--engine isulad cannot start a program in a running container'],
    [['--rootfs', 'root'], 'unknown option --rootfs'],
    [['--probes', '100'], '--probes: expected CONTAINERS@INTERVAL'],
    [['--probes', '0@10s'], '--probes: expected CONTAINERS@INTERVAL'],
    [['--probes', '100@10'], '--probes: expected CONTAINERS@INTERVAL'],
    [['--probes', '100@25h'], '--probes: expected CONTAINERS@INTERVAL'],
    [['--probes', '1@0.5ms'], '--probes: expected CONTAINERS@INTERVAL'],
    [['--cache', 'both'], '--cache both cannot be combined with execs'],
    [['--count-syscalls'], 'bench exec cannot be combined with --count-syscalls'],
  ])('refuses %j before anything is started', (args, message) => {
    const { status, stderr } = sandbox.bench(['exec', ...args]);
    expect([status, stderr.split('\n')[0]?.includes(message), sandbox.workspaces()], stderr).toEqual([2, true, []]);
  });

  it('measures other programs in a root that does not hold the payload, and writes nothing there', (context) => {
    needsRoot(context);
    needs(context, 'runc', 'busybox');
    const root = join(sandbox.folder, 'root');
    mkdirSync(join(root, 'bin'), { recursive: true });
    copyFileSync(findProgram('busybox', process.env['PATH']) ?? '', join(root, 'bin/busybox'));
    const { status, stderr } = sandbox.bench([
      'workload',
      ...['--engine', 'runc', '--rootfs', 'root', '--via', 'exec', '--blocks', '2', '--warmup', '0', '--no-report'],
      ...['--', '/bin/busybox', 'true'],
    ]);
    expect(status, stderr).toBe(0);
    expect(readdirSync(root, { recursive: true })).toEqual(['bin', 'bin/busybox']);
    expect(sandbox.workspaces()).toEqual([]);
  });

  it('refuses wrong probes in a scenario file, with their place', () => {
    writeFileSync(join(sandbox.folder, 'bad.json'), JSON.stringify({ kind: 'exec', blocks: 6, probes: 'often' }));
    const { status, stderr } = sandbox.bench(['run', 'bad.json']);
    expect([status, stderr.split('\n')[0]]).toEqual([
      2,
      'bench: bad.json: probes: expected CONTAINERS@INTERVAL, at most 1,000,000 containers and an interval from 1ms ' +
        'to 24h, got "often"',
    ]);
  });
});
