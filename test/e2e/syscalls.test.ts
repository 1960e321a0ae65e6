import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import type { CallAnalysis } from '../../src/model/analysis/call-analysis.js';
import type { ArmCounts, PartCounts, SyscallCounts } from '../../src/model/results/syscalls.js';
import type { Summary } from '../../src/report/run/summary.js';
import { FAKE, needs, needsRoot, ROOT, Sandbox, workspaces } from './bench.js';
import type { CliResult } from './bench.js';
import { ask, startDocker, startPodman } from './daemons.js';
import type { DaemonHere, RealDaemon } from './daemons.js';

const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const FIXTURES = join(ROOT, 'test/fixtures/strace');
const counts = (file = join(sandbox.results(), 'syscalls.json')): SyscallCounts =>
  JSON.parse(readFileSync(file, 'utf8')) as SyscallCounts;
const runsOf = (arm: ArmCounts | undefined): readonly (readonly PartCounts[])[] =>
  arm?.state === 'counted' ? arm.runs : [];
const part = (run: readonly PartCounts[] | undefined, name: string): PartCounts | undefined =>
  run?.find((one) => one.part === name);
const sum = (run: readonly PartCounts[] | undefined, name: string): number =>
  part(run, name)?.calls.reduce((all, one) => all + one.calls, 0) ?? 0;
/** Filters loaded by a runtime: each call that was asked to and did. */
const loads = (run: readonly PartCounts[] | undefined): number =>
  part(run, 'runtime')
    ?.operations.filter(({ name }) => /SET_MODE_FILTER|PR_SET_SECCOMP/.test(name))
    .reduce((all, one) => all + one.calls - (one.errors ?? 0), 0) ?? -1;
const longest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));
/** What the payload does inside: one write, then its end. */
const PAYLOAD = [
  ['exit_group', 1],
  ['write', 1],
];

function needsStrace(context: TestContext): void {
  needs(context, 'strace');
  if (spawnSync('strace', ['-o', '/dev/null', 'true']).status !== 0) context.skip('strace may not trace here');
}

describe.each([
  ['namespaces', 'unshare'],
  ['bwrap', 'bwrap'],
  ['runc', 'runc'],
  ['crun', 'crun'],
  ['lxc', 'lxc-start'],
])('counting on engine %s', (engine, program) => {
  const own = new Sandbox();
  afterAll(() => {
    own[Symbol.dispose]();
  });
  let ran: CliResult | undefined;

  /** One run that counts and times; all tests of an engine look at it. */
  function counted(context: TestContext): CliResult {
    needsStrace(context);
    needs(context, program);
    if (engine !== 'namespaces') needsRoot(context);
    ran ??= own.bench([
      'sequential',
      '--engine',
      engine,
      '--count',
      '2',
      '--warmup',
      '0',
      '--arms',
      'before,unconfined',
      '--count-syscalls',
      '--count-repeats',
      '2',
    ]);
    return ran;
  }
  const countsHere = (): SyscallCounts => counts(join(own.results(), 'syscalls.json'));
  const report = (name: string): string =>
    readFileSync(join(own.folder, 'reports', own.results().split('/').at(-1) ?? '', name), 'utf8');

  it('counts every arm with strace, in untimed runs', (context) => {
    const { status, stderr, stdout } = counted(context);
    expect([status, stderr.includes('counting system calls with strace')]).toEqual([0, true]);
    const { arms, counter } = countsHere();
    expect([counter.name, counter.split, arms.map(({ arm, state }) => [arm, state])]).toEqual([
      'strace',
      'exec',
      [
        ['before', 'counted'],
        ['unconfined', 'counted'],
        ['control', 'counted'],
      ],
    ]);
    for (const arm of arms)
      if (arm.state === 'counted')
        expect([
          arm.countedNs.length,
          arm.uncountedNs.length,
          Math.min(...arm.countedNs, ...arm.uncountedNs) > 0,
        ]).toEqual([2, 2, true]);
    // Counting runs are no samples.
    expect(own.samples().length).toBe(6);
    expect(stdout).toContain('unconfined against before');
  });

  it('tells runtime and container apart at the exec of the payload', (context) => {
    counted(context);
    const { arms } = countsHere();
    for (const arm of arms) {
      expect(runsOf(arm).map((run) => run.map((one) => one.part))).toEqual([
        ['runtime', 'container'],
        ['runtime', 'container'],
      ]);
      for (const run of runsOf(arm))
        expect(part(run, 'container')?.calls.map(({ name, calls }) => [name, calls])).toEqual(PAYLOAD);
    }
    // The exec that starts the payload is the runtime's.
    expect(part(runsOf(arms[0])[0], 'runtime')?.calls.some(({ name }) => name.startsWith('execve'))).toBe(true);
    expect([loads(runsOf(arms[0])[0]), loads(runsOf(arms[1])[0])]).toEqual([1, 0]);
  });

  it('leaves nothing behind', (context) => {
    counted(context);
    expect(workspaces().filter((name) => name === `sb-${own.plan().id}`)).toEqual([]);
  });

  it('compares its results folder with itself', (context) => {
    counted(context);
    const itself = own.bench(['syscalls', 'diff', own.results(), own.results()]);
    expect([
      itself.status,
      itself.stdout.includes('Container: 2 of 2 calls have the same count in every run of both.'),
    ]).toEqual([0, true]);
  });

  it('reports what differs between the arms', (context) => {
    counted(context);
    const summary = JSON.parse(report('summary.json')) as Summary;
    const difference = summary.runs[0]?.calls?.comparisons.find(({ arm }) => arm === 'unconfined');
    expect(difference?.calls.filter((one) => one.part === 'container').map(({ state }) => state)).toEqual([
      'same',
      'same',
    ]);
    expect(
      difference?.operations.some(
        ({ name: asked, state }) => /SET_MODE_FILTER|PR_SET_SECCOMP/.test(asked) && state === 'differs',
      ),
    ).toBe(true);
    expect(report('index.html')).toContain('System calls of before');
    expect(report('summary.md')).toContain('System calls: unconfined against before');
  });
});

describe.each([
  ['docker', startDocker],
  ['podman', startPodman],
] as const)('counting on engine %s, a real daemon', (engine, start) => {
  let here: DaemonHere = { missing: 'not started' };
  beforeAll(async () => {
    here = await start();
  });
  afterAll(async () => {
    if ('stop' in here) await here.stop();
  });

  const daemonFor = (context: TestContext): RealDaemon => {
    if ('missing' in here) context.skip(here.missing);
    return here;
  };

  it('traces the daemon and tells it, its shim, the runtime and the container apart', async (context) => {
    const { host } = daemonFor(context);
    needsStrace(context);
    const file = join(sandbox.folder, `${engine}.json`);
    const { status, stdout, stderr } = sandbox.bench([
      'syscalls',
      'count',
      '--engine',
      engine,
      '--host',
      host,
      '--arms',
      'before,unconfined',
      '--count-repeats',
      '1',
      '--output',
      file,
    ]);
    expect(status, stderr).toBe(0);
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /Traced as a whole while containers were counted: (?:dockerd|podman) \(process \d+\)[^.]*\. That slows down/,
    );
    const { arms } = counts(file);
    for (const arm of arms) {
      const [run] = runsOf(arm);
      expect(run?.map((one) => one.part)).toEqual(['daemon', 'shim', 'runtime', 'container']);
      expect(part(run, 'container')?.calls.map(({ name, calls }) => [name, calls])).toEqual(PAYLOAD);
      expect(Math.min(sum(run, 'daemon'), sum(run, 'shim'), sum(run, 'runtime'))).toBeGreaterThan(100);
    }
    expect([loads(runsOf(arms[0])[0]), loads(runsOf(arms[1])[0])]).toEqual([1, 0]);
    expect(await ask(host, '/containers/json?all=true')).toEqual([]);
  });
});

describe('bench syscalls count', () => {
  const base = ['syscalls', 'count', '--engine', 'namespaces', '--count-repeats', '1'];

  it('prints a table as strace -c does, keeps the counts in a file that diff reads, and times nothing', (context) => {
    needsStrace(context);
    needs(context, 'unshare');
    const file = join(sandbox.folder, 'counts.json');
    const { status, stdout } = sandbox.bench([...base, '--output', file]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/before: container\n% time +seconds usecs\/call +calls +errors +syscall\n/);
    expect(longest(stdout)).toBeLessThanOrEqual(100);
    expect([counts(file).arms.map(({ arm }) => arm), existsSync(join(sandbox.folder, 'results'))]).toEqual([
      ['before', 'after'],
      false,
    ]);
    const diff = sandbox.bench(['syscalls', 'diff', file, file, '--json']);
    const { comparisons, doubts } = JSON.parse(diff.stdout) as {
      comparisons: CallAnalysis['comparisons'];
      doubts: unknown[];
    };
    expect([
      comparisons.length,
      comparisons.flatMap(({ calls }) => calls).every(({ state }) => state === 'same'),
      doubts,
    ]).toEqual([2, true, []]);
  });

  it('fits a terminal of 80 columns', (context) => {
    needsStrace(context);
    needs(context, 'unshare', 'script');
    const text = sandbox.onTerminal(80, base);
    expect(text).toMatch(/before: container\n% time +seconds usecs\/call +calls +errors +syscall\n/);
    expect(longest(text.slice(text.indexOf('System calls, counted')))).toBeLessThanOrEqual(80);
  });

  it('says what --count-with lacks, and names the command that would change it', (context) => {
    needs(context, 'unshare');
    const programs = join(sandbox.folder, 'programs');
    mkdirSync(programs, { recursive: true });
    const unshare = spawnSync('sh', ['-c', 'command -v unshare'], { encoding: 'utf8' }).stdout.trim();
    if (!existsSync(join(programs, 'unshare'))) symlinkSync(unshare, join(programs, 'unshare'));
    const { status, stderr } = sandbox.bench([...base, '--count-with', 'perf-stat'], { PATH: programs });
    expect(status).toBe(2);
    expect(stderr).toContain('system calls cannot be counted on this machine: perf-stat: not found');
    expect(stderr).toMatch(/To allow it: \S/);
  });

  it('loses no other arm and no run to a container that fails while it is counted, and says so with exit code 1', (context) => {
    needsStrace(context);
    const fake = ['--engine', 'oci', '--runtime', FAKE, '--count-repeats', '2'];
    const faults = { FAKE_FAIL: '*-count-after-*' };
    const { status, stdout } = sandbox.bench(['syscalls', 'count', ...fake, '--json'], faults);
    const { arms, notCounted } = JSON.parse(stdout) as CallAnalysis;
    expect([status, arms.map(({ arm, repeats }) => [arm, repeats]), notCounted.map(({ arm }) => arm)]).toEqual([
      1,
      [['before', 2]],
      ['after'],
    ]);
    expect(notCounted[0]?.reason).toBe(
      'a container of arm after failed while its calls were counted: exit code 1: fake-runtime: cannot create the cgroup',
    );
    const run = sandbox.bench(
      ['sequential', ...fake, '--count', '2', '--warmup', '0', '--no-report', '--count-syscalls'],
      faults,
    );
    expect([run.status, sandbox.samples().length, counts().arms.map(({ state }) => state)]).toEqual([
      0,
      6,
      ['counted', 'notCounted', 'counted'],
    ]);
  });

  it('gives up on a container that hangs while it is counted', (context) => {
    needsStrace(context);
    const { status, stderr } = sandbox.bench(
      ['syscalls', 'count', '--engine', 'oci', '--runtime', FAKE, '--count-repeats', '1', '--timeout', '1'],
      { FAKE_FAIL: '*-count-after-*', FAKE_HOW: 'hang' },
    );
    expect([
      status,
      stderr.includes(
        'not counted: after: a container of arm after failed while its calls were counted: no end within 1 s',
      ),
    ]).toEqual([1, true]);
  });

  it('counts with the perf ones where tracefs is mounted', (context) => {
    needsRoot(context);
    needs(context, 'perf', 'unshare');
    const [trace, stat] = ['perf-trace', 'perf-stat'].map((counter) =>
      sandbox.benchWithTracefs([...base, '--json', '--count-with', counter]),
    );
    if (/tracefs is not mounted|mount:|does not run/.test(trace!.stderr))
      context.skip(`perf cannot count here: ${trace!.stderr.trim().split('\n').at(-1) ?? ''}`);
    const analyses = [trace, stat].map((one) => JSON.parse(one!.stdout) as CallAnalysis);
    expect(
      analyses.map(({ counter, arms }) => [counter.name, counter.split, arms[0]?.parts.map((one) => one.part)]),
    ).toEqual([
      ['perf-trace', 'thread', ['runtime', 'container']],
      ['perf-stat', 'none', ['all']],
    ]);
    const totalOf = ({ arms }: CallAnalysis): number =>
      arms[0]?.parts.reduce((all, { total }) => all + total.calls.max, 0) ?? 0;
    // perf trace leaves out the calls that never return and now and then some others, and a runtime of many threads
    // does not make the same calls twice; who counts one process of several, or one call twice, is far off.
    const [traced, counted] = [totalOf(analyses[0]!), totalOf(analyses[1]!)];
    expect(Math.abs(traced - counted) / counted, `${traced} and ${counted}`).toBeLessThan(0.25);
  });

  it.each([
    ['--count-repeats', '0', '--count-repeats: expected a whole number from 1 to 1,000, got "0"\n'],
    ['--count-repeats', 'x', '--count-repeats: expected a whole number from 1 to 1,000, got "x"\n'],
    ['--count-with', 'ltrace', '"ltrace" is not a counter; did you mean "strace"?\n'],
  ])('refuses %s %s', (option, value, message) => {
    const { status, stderr } = sandbox.bench(['syscalls', 'count', option, value]);
    expect([status, stderr.startsWith(`bench: ${message}`)], stderr).toEqual([2, true]);
  });
});

describe('bench syscalls diff', () => {
  it('compares two saved outputs of strace -c and says of the documented pair that they count the docker client', () => {
    for (const name of ['docker-run-default.txt', 'docker-run-unconfined.txt'])
      copyFileSync(join(FIXTURES, name), join(sandbox.folder, name));
    const { status, stdout } = sandbox.bench([
      'syscalls',
      'diff',
      'docker-run-default.txt',
      'docker-run-unconfined.txt',
    ]);
    expect(status).toBe(0);
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      'docker-run-default.txt and docker-run-unconfined.txt: these are the calls of the docker client, or one like it, ' +
        'not of the container: none of the calls that create a container',
    );
    expect(stdout.replace(/\s+/g, ' ')).toContain(
      '6 differ: clone 5 → 4, futex 197 → 170, mmap 35 → 32, mprotect 5 → 4, and 2 more. One of the two was counted once',
    );
    expect(stdout).toMatch(/^ {2}futex +197 +170 +−27 +1 +10$/m);
  });

  it('says so of followed threads too, by the socket the client connects to', () => {
    const { stdout } = sandbox.bench([
      'syscalls',
      'diff',
      join(FIXTURES, 'docker-run-followed.txt'),
      join(FIXTURES, 'docker-run-default.txt'),
      '--json',
    ]);
    expect(
      (JSON.parse(stdout) as { doubts: { reason: string }[] }).doubts.map(({ reason }) =>
        reason.includes('(connect, socket)'),
      ),
    ).toEqual([true, false]);
  });

  it('refuses a run that counted nothing', () => {
    const { status, stderr } = sandbox.bench([
      'syscalls',
      'diff',
      join(ROOT, 'results/example-x86_64-runc'),
      join(FIXTURES, 'columns-all.txt'),
    ]);
    expect([status, stderr.includes('results/example-x86_64-runc has no system call counts (syscalls.json)')]).toEqual([
      2,
      true,
    ]);
  });

  it('refuses to compare a table of strace -c with counts of bench, which have parts', (context) => {
    needsStrace(context);
    needs(context, 'unshare');
    const file = join(sandbox.folder, 'own.json');
    expect(
      sandbox.bench(['syscalls', 'count', '--engine', 'namespaces', '--count-repeats', '1', '--output', file]).status,
    ).toBe(0);
    const { status, stderr } = sandbox.bench(['syscalls', 'diff', file, join(FIXTURES, 'columns-all.txt')]);
    expect([status, stderr.split('\n')[0]]).toEqual([
      2,
      `bench: ${file} has counts split at the exec, ${join(FIXTURES, 'columns-all.txt')} has a table of another tool: they cannot be compared`,
    ]);
  });

  it.each([
    ['a file that is not there', 'nowhere.txt', null, 'bench: could not read nowhere.txt: no such file or directory\n'],
    ['a file of something else', 'text.txt', 'hello\n', 'bench: text.txt is not a table of system calls\n'],
    [
      'a table that was cut',
      'cut.txt',
      readFileSync(join(FIXTURES, 'docker-run-default.txt'), 'utf8').split('\n').slice(0, 9).join('\n'),
      'bench: cut.txt:9: expected the line "total"',
    ],
    ['JSON of something else', 'json.json', '{"formatVersion": 1}', 'json.json: counter: expected an object'],
  ])('refuses %s', (_, name, content, message) => {
    if (content !== null) writeFileSync(join(sandbox.folder, name), content);
    const { status, stderr } = sandbox.bench(['syscalls', 'diff', name, join(FIXTURES, 'docker-run-default.txt')]);
    expect([status, stderr.includes(message)], stderr).toEqual([2, true]);
  });
});
