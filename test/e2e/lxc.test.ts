import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { machine } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { callsOf } from '../../src/filter/index.js';
import type { Inspection } from '../../src/model/filter/inspection.js';
import { loadSameFilter } from '../../src/model/run/evidence.js';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import type { SummaryRun } from '../../src/report/run/summary.js';
import { needs, needsRoot, ROOT, Sandbox, workspaces } from './bench.js';

const CALLS = callsOf('x86_64').map(({ name }) => name);
const FAKE_LXC = join(ROOT, 'test/fixtures/fake-lxc/lxc-start');
const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const summary = (): SummaryRun =>
  (
    JSON.parse(readFileSync(join(sandbox.folder, 'reports', basename(sandbox.results()), 'summary.json'), 'utf8')) as {
      runs: SummaryRun[];
    }
  ).runs[0]!;
const evidence = (): Record<string, ArmEvidence> =>
  Object.fromEntries(
    (JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as ArmEvidence[]).map((arm) => [
      arm.arm,
      arm,
    ]),
  );
const isOfRun = (name: string): boolean => name.includes(`sb-${sandbox.plan().id}`);
// Not readdir: others' cgroups come and go under it.
const cgroupsLeft = (): string[] =>
  spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `sb-${sandbox.plan().id}*`], { encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean);

describe('an LXC policy', () => {
  const POLICIES = {
    'version 1': ['1', 'allowlist', ...Array.from({ length: 335 }, (_, nr) => String(nr))],
    'version 2, all kinds of rules': [
      '2',
      'denylist',
      '# a comment',
      '[x86]',
      'swapon errno 2',
      '[x86_64]',
      'swapoff trap',
      '[arm64]',
      'acct errno 4',
      '[all]',
      'reject_force_umount',
      'kexec_load errno 5',
      'clone errno 1 [0,0x10000000,SCMP_CMP_MASKED_EQ,0x10000000]',
      'socket errno 97 [0,40,==] [1,3,>=]',
      'socketcall errno 6',
      'no_such_call errno 7',
    ],
    'version 2, what is allowed': ['2', 'whitelist errno 38', ...CALLS.filter((name) => name !== 'kexec_load')],
  };

  it.for(Object.entries(POLICIES))('of %s is loaded as bench builds it, byte for byte', ([, lines], context) => {
    needsRoot(context);
    needs(context, 'lxc-start');
    if (machine() !== 'x86_64') context.skip('the numbers in these policies are those of x86_64');
    writeFileSync(join(sandbox.folder, 'policy.seccomp'), `${lines.join('\n')}\n`);
    const { status, stdout, stderr } = sandbox.bench(['inspect', 'policy.seccomp', '--engine', 'lxc', '--json']);
    expect([status, stderr]).toEqual([0, '']);
    const { agreement, filters } = JSON.parse(stdout) as Inspection;
    const [loaded, built] = filters.map(({ programs }) => programs.map(({ sha256 }) => sha256));
    expect([agreement, loaded]).toEqual(['same', built]);
  });

  it('is an arm, written byte for byte for every container', (context) => {
    needsRoot(context);
    needs(context, 'lxc-start');
    const text = '2\ndenylist\n# kept as it is\n[all]\nkexec_load errno 1\n';
    writeFileSync(join(sandbox.folder, 'deny.seccomp'), text);
    const args = ['--arms', 'unconfined', '--arm', 'deny=deny.seccomp', '--count', '3', '--warmup', '0'];
    const { status, stdout } = sandbox.bench(['sequential', ...args]);
    expect([status, stdout]).toEqual([0, expect.stringMatching(/sequential · lxc/)]);
    const { deny } = evidence();
    expect([deny!.given, deny!.predicted.state, deny!.written]).toEqual([
      { kind: 'lxc', form: 'lxc-2', name: 'deny.seccomp' },
      'built',
      { bytes: text.length, lines: 5, sections: 1 },
    ]);
    expect(readFileSync(join(sandbox.results(), 'specs/deny.seccomp'), 'utf8')).toBe(text);
  });

  it('that LXC refuses ends the run before any container, with the line at fault', (context) => {
    needsRoot(context);
    needs(context, 'lxc-start');
    writeFileSync(join(sandbox.folder, 'bad.seccomp'), '2\nallowlist errno 1\nread\nkexec_load errno 1\n');
    const args = ['--engine', 'lxc', '--arms', 'unconfined', '--arm', 'bad=bad.seccomp', '--count', '3'];
    const { status, stderr } = sandbox.bench(['sequential', ...args]);
    const reason =
      'bad.seccomp:4: expected a rule that LXC can load, got one for kexec_load (it has the default action)';
    expect([status, stderr]).toEqual([2, expect.stringContaining(`bench: ${reason}\n`)]);
  });

  it('is refused by other engines before any container', (context) => {
    needs(context, 'runc');
    writeFileSync(join(sandbox.folder, 'deny.seccomp'), '2\ndenylist\nkexec_load errno 1\n');
    const args = ['--engine', 'runc', '--arms', 'unconfined', '--arm', 'deny=deny.seccomp'];
    const { status, stderr } = sandbox.bench(['sequential', ...args]);
    expect([status, stderr]).toEqual([
      2,
      'bench: --engine runc cannot load deny.seccomp, an LXC policy, version 2\n  Use --engine lxc.\n',
    ]);
  });
});

describe('engine lxc', () => {
  it('writes a file for every container, loads the same filter from it for both arms, and leaves nothing behind', (context) => {
    needsRoot(context);
    needs(context, 'lxc-start');
    const { status, stdout, stderr } = sandbox.bench([
      'sequential',
      '--engine',
      'lxc',
      '--count',
      '20',
      '--warmup',
      '1',
      '--arms',
      'before,after,unconfined',
    ]);
    expect([status, stderr.includes('Failures')]).toEqual([0, false]);
    expect(stdout).toMatch(/20 of 20 blocks/);
    const { before, after, unconfined, control } = evidence();
    expect(loadSameFilter(before!, after!)).toBe(true);
    expect([before!.loaded.state, before!.seccompMode, after!.seccompMode, unconfined!.seccompMode]).toEqual([
      'seen',
      2,
      2,
      0,
    ]);
    expect([before!.written!.sections, after!.written!.sections]).toEqual([
      before!.architectures!.length,
      after!.architectures!.length,
    ]);
    expect([control!.written, unconfined!.written]).toEqual([before!.written, { bytes: 0, lines: 0, sections: 0 }]);
    expect(before!.leftOut.filter(({ kind }) => kind === 'rule').map(({ what }) => what)).toEqual(['clone3']);

    const { exact, warnings, comparisons } = summary();
    expect(
      exact
        .filter(({ arm, quantity }) => arm === 'after' && quantity !== 'architectures')
        .map(({ quantity, verdict }) => [quantity, verdict]),
    ).toEqual([
      ['specBytes', 'fewer'],
      ['filterInstructions', 'same'],
      ['writtenBytes', 'fewer'],
      ['writtenLines', 'fewer'],
      ['writtenSections', 'fewer'],
    ]);
    const [given, filtered] = [before!.written!, after!.written!];
    const [from, to] = [given, filtered].map(({ bytes }) => bytes.toLocaleString('en-US'));
    expect(warnings.find((line) => line.startsWith('after loads'))).toBe(
      'after loads the same filter as before. Filtering makes the file written at every start smaller ' +
        `(${from} \u2192 ${to} bytes, ${given.sections} \u2192 ${filtered.sections} sections), ` +
        'not the loaded filter. Only their files differ, so only the cost of writing and reading them can differ.',
    );
    expect(comparisons.filter(({ arm, verdict }) => arm === 'after' && verdict === 'invalid')).toEqual([]);
    for (const sample of sandbox.containers()) {
      if (sample.state !== 'ok' || sample.stagesNs === undefined)
        throw new Error(`expected stages, got ${JSON.stringify(sample)}`);
      expect(Object.keys(sample.stagesNs)).toEqual(['write', 'start']);
      expect(Math.abs(Object.values(sample.stagesNs).reduce((sum, ns) => sum + ns, 0) - sample.wallNs)).toBeLessThan(1);
      expect(sample.stagesNs.write === 0).toBe(sample.arm === 'unconfined');
    }
    expect([
      workspaces().filter(isOfRun),
      cgroupsLeft(),
      readFileSync('/proc/self/mounts', 'utf8').includes(sandbox.plan().id),
    ]).toEqual([[], [], false]);
  });

  it("shows the container's life as a stage with --stages, and runs batches", (context) => {
    needsRoot(context);
    needs(context, 'lxc-start');
    expect(
      sandbox.bench(['sequential', '--engine', 'lxc', '--count', '1', '--warmup', '0', '--stages', '--no-report'])
        .status,
    ).toBe(0);
    expect(sandbox.containers().map((sample) => sample.state === 'ok' && Object.keys(sample.stagesNs ?? {}))).toEqual(
      Array.from({ length: 3 }, () => ['write', 'start', 'exit']),
    );
    sandbox.clear();
    expect(
      sandbox.bench([
        'parallel',
        '--engine',
        'lxc',
        '--count',
        '6',
        '--concurrency',
        '3',
        '--rounds',
        '1',
        '--warmup',
        '0',
        '--no-report',
      ]).status,
    ).toBe(0);
    const batches = sandbox.samples().filter((sample) => sample.kind === 'batch');
    expect(batches.map(({ ok, planned }) => [ok, planned])).toEqual([
      [6, 6],
      [6, 6],
      [6, 6],
    ]);
    for (const batch of batches) {
      const ends = sandbox
        .containers()
        .filter(({ arm }) => arm === batch.arm)
        .map((sample) => (sample.state === 'ok' ? sample.startNs + sample.wallNs : NaN));
      expect(Math.abs(Math.max(...ends) - batch.startNs - (batch.makespanNs ?? NaN))).toBeLessThan(1);
    }
    expect([workspaces().filter(isOfRun), cgroupsLeft()]).toEqual([[], []]);
  });
});

describe('engine lxc on an lxc-start that misbehaves', () => {
  const fake = (args: readonly string[], env: Record<string, string> = {}) =>
    sandbox.bench(
      ['sequential', '--engine', 'lxc', '--runtime', FAKE_LXC, '--no-report', '--warmup', '0', '--count', '2', ...args],
      env,
    );

  it("writes every container's file anew and removes it", (context) => {
    needsRoot(context);
    const log = join(sandbox.folder, 'log');
    expect(fake([], { FAKE_LOG: log }).status).toBe(0);
    const sizes = new Map(
      readFileSync(log, 'utf8')
        .trim()
        .split('\n')
        .map((line) => line.split(' ') as [string, string]),
    );
    const run = `sb-${sandbox.plan().id}`;
    const bytes = Object.values(evidence()).map((arm) => arm.written!.bytes);
    for (const { arm, block, position } of sandbox.containers())
      expect(Number(sizes.get(`${run}-b${block}-${position}-0`))).toBe(evidence()[arm]!.written!.bytes);
    expect([new Set(bytes).size, workspaces().filter(isOfRun)]).toEqual([2, []]);
  });

  it('sees one that exits with 0 without running anything', (context) => {
    needsRoot(context);
    expect(fake([], { FAKE_FAIL: '*-b1-0-*', FAKE_HOW: 'silent' }).status).toBe(1);
    expect(sandbox.containers().filter((sample) => sample.state !== 'ok')).toMatchObject([
      { state: 'failed', cause: "exit code 0, but the payload's output is missing" },
    ]);
  });

  it('counts one that fails with its words, and one that hangs as timed out', (context) => {
    needsRoot(context);
    expect(fake([], { FAKE_FAIL: '*-b0-1-*' }).status).toBe(1);
    expect(sandbox.containers().filter((sample) => sample.state !== 'ok')).toMatchObject([
      { state: 'failed', cause: 'exit code 1', stderr: 'fake-lxc: cannot create the cgroup' },
    ]);
    sandbox.clear();
    expect(fake(['--timeout', '1'], { FAKE_FAIL: '*-b0-1-*', FAKE_HOW: 'hang' }).status).toBe(1);
    expect(sandbox.containers().filter((sample) => sample.state !== 'ok')).toMatchObject([
      { state: 'timedOut', cause: 'no end within 1 s' },
    ]);
    expect(workspaces().filter(isOfRun)).toEqual([]);
  });

  it('names what is missing where lxc-start does not exist or runs nothing', (context) => {
    needsRoot(context);
    const first = ({ status, stderr }: { readonly status: number | null; readonly stderr: string }): unknown => [
      status,
      stderr.split('\n').find((line) => line.startsWith('bench: ')),
    ];
    expect(first(fake(['--runtime', '/nonexistent/lxc-start']))).toEqual([
      2,
      'bench: could not run /nonexistent/lxc-start: no such file, or not executable',
    ]);
    expect(first(fake([], { FAKE_FAIL: '*', FAKE_HOW: 'silent' }))).toEqual([
      2,
      "bench: lxc could not start a container, even without seccomp: exit code 0, but the payload's output is missing",
    ]);
    expect(existsSync(join(sandbox.folder, 'results'))).toBe(false);
  });
});
