import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entries, hashOf } from '../unit/history/entries.js';
import { FAKE, PrivateSandbox, ROOT } from './bench.js';

const sandbox = new PrivateSandbox();
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const git = (...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=Nobody', '-c', 'user.email=nobody@example.org', ...args], {
    cwd: sandbox.folder,
    encoding: 'utf8',
  }).trim();

const write = (name: string, all: readonly object[]): void => {
  writeFileSync(join(sandbox.folder, name), all.map((one) => `${JSON.stringify(one)}\n`).join(''));
};

beforeAll(() => {
  const runtime = `#!/bin/sh\nexec ${FAKE} "$@"\n`;
  writeFileSync(join(sandbox.folder, 'runtime.sh'), runtime);
  writeFileSync(join(sandbox.folder, 'make.sh'), 'cp runtime.sh runc && chmod 755 runc\n');
  writeFileSync(join(sandbox.folder, '.gitignore'), 'results\nreports\ntmp\n*.jsonl\n');
  git('init', '--quiet', '--initial-branch=main');
  git('add', '.');
  git('commit', '--quiet', '--message', 'one');
  git('tag', '1.2.0');
  writeFileSync(join(sandbox.folder, 'runtime.sh'), `${runtime}# two\n`);
  git('commit', '--quiet', '--all', '--message', 'two');
});

describe('bench history', () => {
  const results = join(ROOT, 'results/example-x86_64-runc');

  it('adds results with the commit of the current folder, once', () => {
    const first = sandbox.bench(['history', 'add', results, '--json']);
    expect(first.status).toBe(0);
    expect(JSON.parse(first.stdout)).toMatchObject({
      kind: 'historyAdded',
      runs: 1,
      known: [],
      added: [{ name: 'example-x86_64-runc', commit: { id: git('rev-parse', 'HEAD'), label: null, dirty: false } }],
    });
    expect(sandbox.bench(['history', 'add', results]).stdout).toBe(
      'example-x86_64-runc is in the history already\nbench-history.jsonl: 1 run\n',
    );
  });

  it('takes another commit with its tag, a version and an address', () => {
    const { stdout } = sandbox.bench([
      ...['history', 'add', results, '--file', 'other.jsonl', '--commit', '1.2.0'],
      ...['--report-url', 'https://example.org/report', '--json'],
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      added: [{ commit: { id: git('rev-parse', '1.2.0'), label: '1.2.0' }, report: 'https://example.org/report' }],
    });
    const unknown = sandbox.bench(['history', 'add', results, '--commit', 'nothing']);
    expect([unknown.status, unknown.stderr]).toEqual([
      2,
      expect.stringContaining('--commit: nothing is not a commit of the repository'),
    ]);
    expect(sandbox.bench(['history', 'add', results, '--report-url', 'javascript:alert(1)']).status).toBe(2);
  });

  it('shows a change with its version, commit and size, as text and as a page without requests', () => {
    const all = entries(24, [{ from: 15, by: 1.05 }]).map((one, index) => ({
      ...one,
      report: index === 3 ? 'reports/one two/index.html' : index === 4 ? 'javascript:alert(1)' : null,
      commit: { ...one.commit!, label: index === 14 ? '1.3.0' : null },
    }));
    write('history.jsonl', all);
    const { status, stdout } = sandbox.bench(['history', 'show', '--file', 'history.jsonl']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/ {2}since 1\.3\.0 \(commit 000faaaaaa\): \+5\.\d+ % \[\+4\.\d+, \+5\.\d+\] CPU time/);
    expect(stdout).toMatch(/\nReport: reports\/history\/index\.html\nAll reports: reports\/index\.html\n$/);
    expect(readFileSync(join(sandbox.folder, 'reports/index.html'), 'utf8')).toContain('from commit to commit');
    const page = readFileSync(join(sandbox.folder, 'reports/history/index.html'), 'utf8');
    expect(page).toContain('Since 1.3.0 (commit 000faaaaaa)');
    expect(page).toContain('href="../one%20two/index.html"');
    expect(page).not.toContain('href="javascript');
    expect(page).not.toMatch(/(?:src|href)="https?:/);
    expect(readdirSync(join(sandbox.folder, 'reports/history')).sort()).toEqual([
      ...['index.html', 'summary.json', 'summary.md', 'trend-1.png', 'trend-1.svg'],
    ]);
  });

  it('fits into 60 columns', () => {
    write('history.jsonl', entries(24, [{ from: 15, by: 1.05 }]));
    const text = sandbox.onTerminal(60, ['history', 'show', '--file', 'history.jsonl', '--no-report']);
    expect(text).toContain('<- change');
    expect(Math.max(...text.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(60);
  });

  it('fails with 3 where it became slower, with 4 where that is not known, and passes with 0', () => {
    const check = (all: readonly object[], ...more: readonly string[]) => {
      write('history.jsonl', all);
      return sandbox.bench(['history', 'check', '--file', 'history.jsonl', ...more]);
    };
    const slower = check(entries(24, [{ from: 20, by: 1.05 }]));
    expect([slower.status, slower.stderr]).toEqual([
      3,
      expect.stringMatching(/^fails, slower by more than 1 %: quick, runc: after against before, CPU time: since /),
    ]);
    expect(check(entries(24, [{ from: 20, by: 1.05 }]), '--fail-if-slower', '10%').status).toBe(0);
    expect(check(entries(24))).toMatchObject({
      status: 0,
      stdout: 'passed: no change slower by more than 1 % in 1 trend\n',
    });
    const few = check(entries(5));
    expect([few.status, few.stdout, few.stderr]).toEqual([
      4,
      'gate not evaluated\n',
      'not evaluated: quick, runc: after against before, CPU time: 5 of at least 10 runs\n',
    ]);
    expect(check(entries(5), '--allow-undecided').status).toBe(0);
    expect(check(entries(24), '--commit', hashOf(3).slice(0, 8)).status).toBe(0);
    expect(JSON.parse(check(entries(5), '--json').stdout)).toMatchObject({ kind: 'historyCheck', exitCode: 4 });
  });

  it('tells damaged lines, keeps them, and does not pass with them', () => {
    write('history.jsonl', entries(24));
    const path = join(sandbox.folder, 'history.jsonl');
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"broken`);
    const shown = sandbox.bench(['history', 'show', '--file', 'history.jsonl', '--no-report']);
    expect([shown.status, shown.stderr]).toEqual([
      0,
      'history.jsonl: line 25 is damaged, and was left as it is: not JSON\n',
    ]);
    expect(sandbox.bench(['history', 'check', '--file', 'history.jsonl']).status).toBe(4);
    sandbox.bench(['history', 'add', results, '--file', 'history.jsonl']);
    expect(readFileSync(path, 'utf8').split('\n').slice(24)).toMatchObject(
      ['{"broken', /example-x86_64-runc/, ''].map((line) =>
        typeof line === 'string' ? line : (expect.stringMatching(line) as string),
      ),
    );
  });
});

describe('bench ab with two revisions', () => {
  const AB = ['ab', '--a', 'git:1.2.0', '--b', 'git:main', '--count', '3', '--warmup', '0', '--no-report'];
  const trees = (): readonly string[] => git('worktree', 'list').split('\n');

  it('builds both, compares what they made, records the commits and removes the trees', () => {
    const { status, stderr } = sandbox.bench([...AB, '--build', 'sh make.sh']);
    expect([status, stderr]).toEqual([0, expect.stringContaining('building git:main (commit ')]);
    const { arms } = sandbox.plan().scenario;
    expect(arms.map(({ name, revision }) => [name, revision?.given, revision?.commit, revision?.build])).toEqual([
      ['1.2.0', '1.2.0', git('rev-parse', '1.2.0'), 'sh make.sh'],
      ['main', 'main', git('rev-parse', 'main'), 'sh make.sh'],
      ['control', '1.2.0', git('rev-parse', '1.2.0'), 'sh make.sh'],
    ]);
    expect(arms.every(({ runtime }) => runtime !== undefined && !existsSync(runtime))).toBe(true);
    expect([trees().length, sandbox.workspaces()]).toEqual([1, []]);
    const { stdout } = sandbox.bench(['history', 'add', '--file', 'built.jsonl', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ added: [{ commit: { id: git('rev-parse', 'main') } }] });
  });

  it('keeps the output of a build that fails, shows its end and leaves no tree', () => {
    sandbox.clear();
    const { status, stderr } = sandbox.bench([...AB, '--build', 'echo begins; echo wrong >&2; exit 7']);
    const commit = git('rev-parse', '--short=10', '1.2.0');
    expect(status).toBe(1);
    expect(stderr).toContain(`the build of git:1.2.0 (commit ${commit}) failed: exit code 7\n  begins\n  wrong\n`);
    expect(readFileSync(join(sandbox.folder, `results/build-${commit}.log`), 'utf8')).toBe('begins\nwrong\n');
    expect([trees().length, sandbox.workspaces()]).toEqual([1, []]);
  });

  it('stops a build at SIGINT and leaves nothing', async () => {
    sandbox.clear();
    mkdirSync(join(sandbox.folder, 'results'), { recursive: true });
    const mark = join(sandbox.folder, 'results', 'began');
    const run = sandbox.start([...AB, '--build', `touch ${mark}; sleep 100`]);
    while (!existsSync(mark)) await new Promise((done) => setTimeout(done, 20));
    process.kill(run.pid, 'SIGINT');
    expect((await run.end).status).toBe(130);
    expect([trees().length, sandbox.workspaces()]).toEqual([1, []]);
  });

  it.each([
    [['--a', 'git:1.2.0', '--b', 'git:main'], '--build is required'],
    [['--a', 'git:1.2.0', '--b', 'git:nothing', '--build', 'true'], 'git:nothing is not a commit of the repository'],
    [['--a', 'git:main', '--b', 'git:HEAD', '--build', 'true'], 'git:main and git:HEAD are the same commit'],
    [['--a', 'git:main', '--b', 'runtime=runc', '--build', 'true'], '--b: expected git:REVISION'],
    [['--a', 'git:1.2.0', '--b', 'git:main', '--build', 'x', '--built', 'runtime=/x'], 'a path in the tree'],
    [['--a', 'runtime=a', '--b', 'runtime=b', '--build', 'true'], '--build requires --a git:REVISION'],
  ])('refuses %j', (args, message) => {
    const { status, stderr } = sandbox.bench(['ab', ...args]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  it('says what a build did not make', () => {
    const made = sandbox.bench([...AB, '--build', 'true']);
    expect([made.status, made.stderr]).toEqual([1, expect.stringContaining('made none of runc, crun, youki, runsc')]);
    const named = sandbox.bench([...AB, '--build', 'sh make.sh', '--built', 'runtime=other']);
    expect(named.stderr).toContain('made no program other');
  });
});
