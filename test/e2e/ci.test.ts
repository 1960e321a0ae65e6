import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { FAKE, ROOT, Sandbox, type CliResult } from './bench.js';

const sandbox = new Sandbox();
const EXAMPLE = join(ROOT, 'results/example-x86_64-runc');
const at = (name: string): string => join(sandbox.folder, name);
const read = (name: string): string => readFileSync(at(name), 'utf8');

beforeEach(() => {
  sandbox.clear();
  for (const name of ['bench-ci', 'summary', 'output']) rmSync(at(name), { recursive: true, force: true });
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

/** The variables that a runner of GitHub sets, with files of the sandbox. */
const github = (): Record<string, string> => ({
  GITHUB_ACTIONS: 'true',
  GITHUB_STEP_SUMMARY: at('summary'),
  GITHUB_OUTPUT: at('output'),
  GITHUB_WORKSPACE: sandbox.folder,
  GITHUB_SERVER_URL: 'https://forge.example',
  GITHUB_REPOSITORY: 'own/repo',
  GITHUB_RUN_ID: '17',
});
const NOWHERE = { GITHUB_ACTIONS: '', GITLAB_CI: '' };
const ci = (args: readonly string[], env: Record<string, string>): CliResult =>
  sandbox.bench(['ci', ...args], { ...NOWHERE, ...env });

/** Outputs as the runner reads them. */
function outputs(): Record<string, string> {
  const lines = read('output').split('\n');
  const values: Record<string, string> = {};
  for (let index = 0; index + 2 < lines.length; index += 3) {
    const [, name = '', delimiter] = /^([\w-]+)<<(bench_[\w-]{36})$/.exec(lines[index]!) ?? [];
    expect(lines[index + 2]).toBe(delimiter);
    values[name] = lines[index + 1]!;
  }
  return values;
}

/** A scenario whose arms are containers of the fake runtime. */
function scenario(name: string, count: number): string {
  mkdirSync(at('scenarios'), { recursive: true });
  writeFileSync(
    at(`scenarios/${name}.json`),
    JSON.stringify({
      name,
      kind: 'sequential',
      count,
      warmup: 0,
      arms: ['before', 'after', 'control'],
      dialect: 'moby',
    }),
  );
  return `scenarios/${name}.json`;
}
const ENGINE = ['--engine', 'oci', '--runtime', FAKE, '--no-report'];

describe('bench ci on GitHub', () => {
  it('tells results of earlier runs: summary, outputs, comment, report', () => {
    writeFileSync(at('summary'), 'of another step');
    const { status, stdout, stderr } = ci(['--from', EXAMPLE, '--fail-if-slower', '2%'], github());
    expect(status).toBe(0);
    expect(stdout).toContain('change against before');
    expect(stderr).toMatch(/^::warning title=bench::after: .*about 5 %25 too small/m);
    expect(read('summary')).toMatch(/^of another step\n\n## bench: x86_64 sequential\n\n\*\*Gate passed\*\*: /);
    expect(read('bench-ci/comment.md')).toMatch(/^<!-- bench-ci: sequential-100 -->\n## bench: /);
    expect(statSync(at('bench-ci/comment.md')).size).toBeLessThan(60_000);
    expect(read('bench-ci/comment.md')).toContain('](https://forge.example/own/repo/actions/runs/17)\n');
    const report = 'reports/example-x86_64-runc/index.html';
    expect(outputs()).toEqual({
      verdict: 'faster',
      arm: 'after',
      baseline: 'before',
      metric: 'cpu',
      change: '-56.34',
      low: '-56.90',
      high: '-55.78',
      gate: 'passed',
      report,
      results: EXAMPLE,
      comment: 'bench-ci/comment.md',
    });
    expect(existsSync(at(report))).toBe(true);
  });

  it('annotates the file of the scenario, and passes no gate with an invalid run', () => {
    const file = scenario('few', 3);
    const { status, stderr } = ci([file, ...ENGINE, '--fail-if-slower', '2%'], github());
    expect(status).toBe(4);
    // The runtime loads no filter at all.
    const why = 'gate not evaluated: CPU time of after: No filter was loaded in the containers of before.';
    expect(stderr).toContain(`\n::error file=${file},title=bench::${why}`);
    expect(outputs()).toMatchObject({ gate: 'not-evaluated', verdict: 'invalid', report: '' });
    expect(read('bench-ci/comment.md')).toContain(
      `**Gate not evaluated**: ${why.slice('gate not evaluated: '.length)}`,
    );
  });

  it('warns in place of failing where undecided runs are allowed', () => {
    const args = [scenario('few', 3), ...ENGINE, '--fail-if-slower', '2%', '--allow-undecided'];
    const { status, stderr } = ci(args, github());
    expect([status, stderr]).toEqual([0, expect.stringMatching(/^::warning file=.*::gate not evaluated: /m)]);
  });

  it('fails by failed containers, also of results that are there', () => {
    const args = [scenario('broken', 3), ...ENGINE];
    expect(ci(args, { ...github(), FAKE_FAIL: '*-b1-0-*' }).status).toBe(1);
    const { status, stderr } = ci(['--from', sandbox.results(), '--no-report'], github());
    expect([status, stderr]).toEqual([1, expect.stringMatching(/^::error title=bench::1 containers? failed/m)]);
  });

  it('tells an error, in the comment too, and obeys no text in it', () => {
    const { status, stderr } = ci(
      [scenario('x', 3), '--engine', 'oci', '--runtime', './a##[error]b', '--no-report'],
      github(),
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(/^::error file=scenarios\/x\.json,title=bench::/m);
    expect(stderr.split('\n').filter((line) => !line.startsWith('::error '))).not.toContain('##[');
    expect(read('bench-ci/comment.md')).toMatch(/^<!-- bench-ci: x -->\n## bench: no result\n/);
  });

  it('prints one object alone with --json', () => {
    const { stdout } = ci(['--from', EXAMPLE, '--no-report', '--json', '--fail-if-slower', '2%'], github());
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'ci',
      system: 'github',
      gate: 'passed',
      decisive: { arm: 'after', verdict: 'faster', metric: 'cpu' },
      files: { comment: 'bench-ci/comment.md' },
      report: null,
    });
  });

  it('writes nothing into a summary that is full', () => {
    writeFileSync(at('summary'), 'x'.repeat(2 ** 20 - 500));
    expect(ci(['--from', EXAMPLE, '--no-report'], github()).status).toBe(0);
    expect(statSync(at('summary')).size).toBe(2 ** 20 - 500);
  });
});

describe('bench ci elsewhere', () => {
  it('writes metrics on GitLab', () => {
    const { status, stderr } = ci(['--from', EXAMPLE, '--no-report'], { GITLAB_CI: 'true' });
    expect([status, stderr]).toEqual([0, '']);
    expect(read('bench-ci/metrics.txt')).toMatch(
      /^bench_change_percent\{scenario="sequential-100",machine="x86_64",arm="after",metric="cpu"\} -56\.34$/m,
    );
  });

  it('prints Markdown where it knows no system', () => {
    const { status, stdout } = ci(['--from', EXAMPLE, '--no-report', '--files', 'out', '--key', 'mine'], {});
    expect([status, stdout]).toEqual([0, expect.stringMatching(/^## bench: x86_64 sequential\n\n\*\*Faster\*\*: /)]);
    expect(read('out/comment.md')).toMatch(/^<!-- bench-ci: mine -->\n/);
  });

  it('refuses what makes no sense before it does anything', () => {
    const refused = (...args: readonly string[]): string => {
      const { status, stderr } = ci(args, {});
      expect(status).toBe(2);
      return stderr.split('\n')[0] ?? '';
    };
    expect(refused()).toBe('bench: a scenario or --from is required');
    expect(refused('quick', '--from', EXAMPLE)).toBe('bench: --from cannot be combined with a scenario');
    expect(refused('--from', EXAMPLE, '--engine', 'runc')).toBe('bench: --from cannot be combined with --engine');
    expect(refused('--from', EXAMPLE, '--key', '--')).toMatch(/^bench: --key: expected a name/);
    expect(refused('--from', join(ROOT, 'results/study-2026-runc-calls'))).toBe(
      'bench: --from: expected results of container starts, got priced calls',
    );
    expect(refused('--from', EXAMPLE, '--files', EXAMPLE)).toMatch(/^bench: --files: .* is in the results folder /);
  });
});
