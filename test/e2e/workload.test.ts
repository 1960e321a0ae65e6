import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import type { SyscallCounts } from '../../src/model/results/syscalls.js';
import type { WorkloadFindings } from '../../src/model/results/workload-findings.js';
import type { Summary } from '../../src/report/run/summary.js';
import { needs, needsRoot, PrivateSandbox, reportsIn } from './bench.js';
import type { CliResult } from './bench.js';
import { emptiedBox } from './emptied-box.js';

const box = emptiedBox();

const findings = (sandbox = box): WorkloadFindings =>
  JSON.parse(readFileSync(join(sandbox.results(), 'workload.json'), 'utf8')) as WorkloadFindings;
const HOST = ['workload', '--bind-host', '--count', '2', '--warmup', '0'];

describe('bench workload of a program of the host', () => {
  const own = new PrivateSandbox();
  afterAll(() => {
    own[Symbol.dispose]();
  });
  let ran: CliResult | undefined;

  /** One run with everything that can be found out; all tests here look at it. */
  function measured(ctx: TestContext): CliResult {
    needsRoot(ctx);
    needs(ctx, 'runc');
    ran ??= own.bench([...HOST, '--engine', 'runc', '--touch', '0,1:random', '--', 'sh', '-c', 'exit 0']);
    return ran;
  }
  const summary = (): Summary => {
    const [name = ''] = reportsIn(join(own.folder, 'reports'));
    return JSON.parse(readFileSync(join(own.folder, 'reports', name, 'summary.json'), 'utf8')) as Summary;
  };

  it('runs it under each arm, and leaves nothing behind', (ctx) => {
    const { status, stderr, stdout } = measured(ctx);
    expect([status, stderr.includes('workload-sh-2: 6 containers')], stderr).toEqual([0, true]);
    expect(stdout).toContain('Under default');
    expect(own.plan().scenario).toMatchObject({
      program: { args: ['sh', '-c', 'exit 0'], bindHost: true, via: 'run' },
      arms: [{ name: 'unconfined' }, { name: 'default', policy: 'host' }, { name: 'control', copyOf: 'unconfined' }],
    });
    expect(own.containers().map(({ state }) => state)).toEqual(Array(6).fill('ok'));
    expect(own.workspaces()).toEqual([]);
  });

  it('measures what a start alone costs, and a call after touching memory', (ctx) => {
    measured(ctx);
    const found = findings(own);
    expect([
      found.program.args,
      found.starts.map(({ arm, cpuNs }) => [arm, cpuNs.length]),
      found.touch.map(({ arm, mib }) => `${arm} ${mib}`),
    ]).toEqual([
      ['/usr/bin/sh', '-c', 'exit 0'],
      [
        ['unconfined', 30],
        ['default', 30],
        ['control', 30],
      ],
      ['unconfined 0', 'default 0', 'control 0', 'unconfined 1', 'default 1', 'control 1'],
    ]);
  });

  it('tells which calls the bitmap of the kernel answers', (ctx) => {
    measured(ctx);
    const { prices } = findings(own);
    expect(prices?.classes.find(({ call }) => call === 'personality')).toMatchObject({ arm: 'default', cached: false });
    expect(prices?.classes.find(({ call }) => call === 'getppid')).toMatchObject({ arm: 'default', cached: true });
  });

  it('reports what its calls should cost and what was measured', (ctx) => {
    measured(ctx);
    const [run] = summary().runs;
    expect(
      run?.workload?.costs.map(({ arm, baseline, metric, predicted }) => [arm, baseline, metric, predicted !== null]),
    ).toEqual([['default', 'unconfined', 'cpu', true]]);
    expect(run?.arms.map(({ evidence }) => evidence?.task?.seccompFilters)).toEqual([0, 1, 0]);
    expect(summary().files).toContain('overhead.png');
  });

  it('can be reported again from its results folder', (ctx) => {
    measured(ctx);
    const again = own.bench(['report', own.results()]);
    expect([again.status, again.stdout.includes('Under default')], again.stderr).toEqual([0, true]);
  });
});

describe('bench workload', () => {
  it('counts a nonzero exit as a failure of its arm, where another arm has none', (ctx) => {
    needsRoot(ctx);
    needs(ctx, 'runc');
    // Only a filter makes the mode 2, so that only one arm fails.
    const { status, stderr, stdout } = box.bench([
      ...HOST,
      '--engine',
      'runc',
      '--no-explain',
      '--',
      'grep',
      '-q',
      '^Seccomp:.0$',
      '/proc/self/status',
    ]);
    expect([status, stderr.includes('the program fails under default: exit code 1')], stderr).toEqual([1, true]);
    expect(stdout).toContain('default: 2 x exit code 1');
    expect(
      box
        .containers()
        .filter(({ state }) => state === 'ok')
        .map(({ arm }) => arm)
        .sort(),
    ).toEqual(['control', 'control', 'unconfined', 'unconfined']);
  });

  it("says the program's or the runtime's own words where it fails under every arm", (ctx) => {
    needsRoot(ctx);
    needs(ctx, 'runc');
    const own = box.bench([...HOST, '--engine', 'runc', '--', 'sh', '-c', 'echo broken >&2; exit 7']);
    expect([own.status, own.stderr], own.stderr).toEqual([
      1,
      expect.stringContaining('fails under every arm: unconfined: exit code 7: broken') as string,
    ]);
    const root = join(box.folder, 'empty-root');
    mkdirSync(root, { recursive: true });
    const absent = box.bench(['workload', '--rootfs', root, '--engine', 'runc', '--count', '1', '--', '/no/such']);
    expect([absent.status, absent.stderr], absent.stderr).toEqual([
      1,
      expect.stringMatching(/exit code \d+: .*no such file or directory/s) as string,
    ]);
    expect(readdirSync(box.folder)).not.toContain('results');
  });

  it("runs in a root of the user's, into which nothing is written", (ctx) => {
    needsRoot(ctx);
    needs(ctx, 'runc');
    const root = join(box.folder, 'root');
    for (const folder of ['usr', 'proc', 'dev', 'sys', 'tmp']) mkdirSync(join(root, folder), { recursive: true });
    for (const name of ['bin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(root, name));
    writeFileSync(join(root, 'word'), 'inside\n');
    const seen = readdirSync(root, { recursive: true });
    const { status, stderr } = box.bench([
      'workload',
      '--rootfs',
      root,
      '--bind',
      '/usr',
      '--env',
      'WORD=inside',
      '--engine',
      'runc',
      '--count',
      '1',
      '--no-explain',
      '--no-report',
      '--',
      '/bin/sh',
      '-c',
      'test "$(cat /word)" = "$WORD"',
    ]);
    expect([status, readdirSync(root, { recursive: true })], stderr).toEqual([0, seen]);
  });

  it.for(['runc', 'crun'])('execs into running containers of %s, and leaves none', (engine, ctx) => {
    needsRoot(ctx);
    needs(ctx, engine);
    const { status, stderr } = box.bench([
      ...HOST,
      '--engine',
      engine,
      '--via',
      'exec',
      '--no-explain',
      '--no-report',
      '--',
      'true',
    ]);
    expect(status, stderr).toBe(0);
    expect(JSON.parse(readFileSync(join(box.results(), 'ledger.json'), 'utf8'))).toMatchObject({
      before: { state: 'listed', ids: [] },
      left: { state: 'listed', ids: [] },
    });
  });

  it('counts a program that calls the kernel often once, and not with strace where perf can', (ctx) => {
    needsRoot(ctx);
    needs(ctx, 'runc', 'perf', 'unshare');
    const { status, stderr } = box.benchWithTracefs([
      ...HOST,
      '--engine',
      'runc',
      '--count',
      '1',
      '--no-report',
      '--',
      'dd',
      'if=/dev/zero',
      'of=/dev/null',
      'bs=1',
      'count=60000',
    ]);
    if (stderr.includes('mount:')) ctx.skip('this machine does not let tracefs be mounted');
    expect(status, stderr).toBe(0);
    if (findings().rates.length === 0 || stderr.includes('cannot count with perf-trace'))
      ctx.skip('perf cannot count system calls here');
    expect(stderr).toContain('counting system calls with perf-trace');
    const counts = JSON.parse(readFileSync(join(box.results(), 'syscalls.json'), 'utf8')) as SyscallCounts;
    expect(counts.arms.map((arm) => (arm.state === 'counted' ? arm.runs.length : arm.reason))).toEqual([1, 1, 1]);
    const own = counts.arms.flatMap((arm) =>
      arm.state === 'counted' ? arm.runs.flat().filter(({ part }) => part === 'container') : [],
    );
    // perf trace itself misses some in ten thousand, and does not say so.
    const writes = own.map(({ calls }) => calls.find(({ name }) => name === 'write')?.calls ?? 0);
    expect(writes.filter((count) => count < 0.999 * 60_000)).toEqual([]);
  });

  it('keeps profiles of Python programs, and gives the reason for other programs', (ctx) => {
    needsRoot(ctx);
    needs(ctx, 'runc', '/usr/bin/python3');
    const python = box.bench([
      ...HOST,
      '--engine',
      'runc',
      '--no-explain',
      '--no-report',
      '--profile-with',
      'cprofile',
      '--',
      'python3',
      '-c',
      'import math\nfor i in range(1000): math.sqrt(i)',
    ]);
    expect(python.status, python.stderr).toBe(0);
    expect(findings().profiles.map(({ arm, state }) => [arm, state])).toEqual([
      ['unconfined', 'kept'],
      ['default', 'kept'],
    ]);
    expect(readFileSync(join(box.results(), 'profiles/default.cprofile.txt'), 'utf8')).toMatch(/1000 .*math\.sqrt/);
    box.clear();
    const other = box.bench([
      ...HOST,
      '--engine',
      'runc',
      '--no-explain',
      '--no-report',
      '--profile-with',
      'cprofile',
      '--',
      'true',
    ]);
    expect([other.status, other.stderr], other.stderr).toEqual([
      0,
      expect.stringContaining('no profiles: a profile by cProfile requires a Python program') as string,
    ]);
  });

  it.each<[readonly string[], string]>([
    [['--bind-host'], '-- COMMAND: expected a program, got nothing'],
    [['--', 'true'], "--bind-host mounts this machine's /usr, /bin and /lib read-only, and with them /usr/bin/true."],
    [['--bind-host', '--', 'no-such-program'], 'no-such-program not found in the container'],
    [['--bind-host', '--', '/no/such'], '/no/such not found in the container: nothing is mounted there'],
    [['--rootfs', '/no/such', '--', 'true'], '/no/such: expected a folder, got no such folder'],
    [['--bind', '/no/such', '--', 'true'], '/no/such: no such file or folder to bind into the container'],
    [
      ['--bind-host', '--rootfs', '/', '--', 'true'],
      "--rootfs: expected either a root folder or the host's own folders, got both",
    ],
    [['--bind-host', '--touch', '3x', '--', 'true'], '--touch: expected a list of MIB, MIB:random'],
    [['--bind-host', '--stages', '--', 'true'], 'stages require the payload, but this scenario has a program'],
    [
      ['--bind-host', '--via', 'exec', '--engine', 'namespaces', '--', 'true'],
      '--engine namespaces cannot start /usr/bin/true in a running container',
    ],
  ])('refuses %j before anything is measured', (args, message) => {
    const { status, stderr } = box.bench(['workload', ...args]);
    expect([status, stderr.includes(message), readdirSync(box.folder).includes('results')], stderr).toEqual([
      2,
      true,
      false,
    ]);
  });

  it('refuses an engine that runs the payload alone', (ctx) => {
    needsRoot(ctx);
    needs(ctx, 'lxc-start');
    const { status, stderr } = box.bench(['workload', '--bind-host', '--engine', 'lxc', '--', 'true']);
    expect([status, stderr.includes('--engine lxc cannot run /usr/bin/true')], stderr).toEqual([2, true]);
  });
});

describe('bench run of a program', () => {
  const short = (ctx: TestContext, ...more: readonly string[]): string => {
    needsRoot(ctx);
    needs(ctx, 'runc', '/usr/bin/python3');
    writeFileSync(
      join(box.folder, 'short.json'),
      JSON.stringify({
        kind: 'sequential',
        count: 2,
        warmup: 0,
        published: 'python-control-loop',
        arms: ['unconfined', 'default'],
        program: {
          args: ['python3', '-c', 'import os\nfor i in range(int(os.environ["ROUNDS"])): pass'],
          env: ['ROUNDS=5'],
          bindHost: true,
        },
      }),
    );
    const { status, stderr } = box.bench(['run', 'short', '--engine', 'runc', '--no-explain', ...more]);
    expect(status, stderr).toBe(0);
    const [report = ''] = reportsIn(join(box.folder, 'reports'));
    return readFileSync(join(box.folder, 'reports', report, 'summary.md'), 'utf8');
  };

  it('shows the published pair next to the run', (ctx) => {
    expect(short(ctx)).toContain('| published | the run | 0.72 s | 1.08 s | 1.50 |');
  });

  it('accepts other variables, and is then no longer the published case', (ctx) => {
    expect(short(ctx, '--env', 'ROUNDS=10')).not.toContain('| published |');
    expect(box.plan().scenario.program?.env).toEqual(['ROUNDS=10']);
  });

  it('has no variables for the payload', () => {
    const { status, stderr } = box.bench(['run', 'quick', '--env', 'A=1']);
    expect([status, stderr.includes('--env requires a scenario with a program; quick has none')], stderr).toEqual([
      2,
      true,
    ]);
  });
});
