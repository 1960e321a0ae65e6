import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FAKE, ROOT } from './bench.js';
import { FakeForge } from './fake-forge.js';

interface Step {
  readonly name: string;
  readonly id?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, string>>;
}
interface Action {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

const ACTION = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as Action;
const EXAMPLE = join(ROOT, 'results/example-x86_64-runc');

let folder = '';
let forge = new FakeForge();
let address = '';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bench-action-'));
  for (const name of ['work', 'temp']) mkdirSync(join(folder, name));
  for (const name of ['output', 'path', 'summary']) writeFileSync(join(folder, name), '');
  writeFileSync(join(folder, 'event.json'), JSON.stringify({ pull_request: { number: 5 } }));
  forge = new FakeForge();
  address = await forge.listen();
});
afterEach(async () => {
  await forge.close();
  rmSync(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);
const inWork = (name: string): string => readFileSync(at(`work/${name}`), 'utf8');

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end; not synchronously, because the forge answers from this process. */
const call = (file: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> =>
  new Promise((done) => {
    const child = spawn(file, args, {
      cwd: at('work'),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    child.on('close', (code) => {
      done({ code, output });
    });
  });

/** The variables that the runner sets for every step. */
const runner = (): Record<string, string> => ({
  GITHUB_ACTIONS: 'true',
  GITHUB_WORKSPACE: at('work'),
  GITHUB_STEP_SUMMARY: at('summary'),
  GITHUB_OUTPUT: at('output'),
  GITHUB_PATH: at('path'),
  GITHUB_EVENT_PATH: at('event.json'),
  GITHUB_API_URL: address,
  GITHUB_REPOSITORY: 'own/repo',
  RUNNER_TEMP: at('temp'),
});

/** `name<<delimiter` and `name=value`, as the runner reads them. */
function outputsIn(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const [, name, delimiter] = /^([\w-]+)<<(.+)$/.exec(lines[index]!) ?? [];
    if (name !== undefined) {
      const end = lines.indexOf(delimiter!, index + 1);
      values[name] = lines.slice(index + 1, end).join('\n');
      index = end;
    } else {
      const [, plain, value = ''] = /^([\w-]+)=(.*)$/.exec(lines[index]!) ?? [];
      if (plain !== undefined) values[plain] = value;
    }
  }
  return values;
}

interface Done {
  /** Of each step that ran, by its name. */
  readonly steps: Readonly<Record<string, Ended>>;
  readonly outputs: Readonly<Record<string, string>>;
  /** Inputs of the actions that would run. */
  readonly used: readonly { readonly uses: string; readonly with: Readonly<Record<string, string>> }[];
  readonly failed: boolean;
}

/** Runs the steps of action.yml as the runner does, in a faked environment of GitHub. */
async function act(given: Readonly<Record<string, string>>): Promise<Done> {
  const unknown = Object.keys(given).filter((name) => !(name in ACTION.inputs));
  expect(unknown).toEqual([]);
  const inputs = {
    ...Object.fromEntries(Object.entries(ACTION.inputs).map(([name, one]) => [name, one.default])),
    ...given,
  };
  const produced: Record<string, Record<string, string>> = {};
  const steps: Record<string, Ended> = {};
  const used: Done['used'][number][] = [];
  let failed = false;
  const valueOf = (expression: string): string => {
    const one = expression.trim();
    const [, input] = /^inputs\.([\w-]+)$/.exec(one) ?? [];
    if (input !== undefined) return evaluated(inputs[input] ?? '');
    const [, step, output] = /^steps\.(\w+)\.outputs\.(\w+)$/.exec(one) ?? [];
    if (step !== undefined) return produced[step]?.[output!] ?? '';
    if (one.includes('||'))
      return (
        one
          .split('||')
          .map(valueOf)
          .find((value) => value !== '') ?? ''
      );
    const known: Record<string, string> = { 'github.action_path': ROOT, 'github.token': 'ghs_secret' };
    if (known[one] === undefined) throw new Error(`expression ${one}`);
    return known[one];
  };
  const evaluated = (text: string): string => text.replace(/\$\{\{(.+?)\}\}/g, (_, one: string) => valueOf(one));
  const holds = (condition: string | undefined): boolean => {
    const parts = (condition ?? 'success()').split('&&').map((part) => part.trim());
    if (!parts.includes('always()') && failed) return false;
    return parts
      .filter((part) => !part.endsWith('()'))
      .every((part) => {
        const [, left, sign, right] = /^(.+?) (==|!=) '(.*)'$/.exec(part) ?? [];
        return (valueOf(left ?? '') === right) === (sign === '==');
      });
  };
  for (const step of ACTION.runs.steps) {
    if (!holds(step.if)) continue;
    if (step.uses !== undefined) {
      const values = Object.entries(step.with ?? {}).map(([name, value]) => [name, evaluated(value)]);
      used.push({ uses: step.uses, with: Object.fromEntries(values) as Record<string, string> });
      continue;
    }
    writeFileSync(at('output'), '');
    const env = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, value]) => [name, evaluated(value)]));
    const added = readFileSync(at('path'), 'utf8').trim().split('\n').reverse().join(':');
    const path = `${added}:${process.env['PATH'] ?? ''}`;
    const ended = await call('bash', ['-eo', 'pipefail', '-c', step.run ?? ''], { ...runner(), ...env, PATH: path });
    steps[step.name] = ended;
    failed ||= ended.code !== 0;
    if (step.id !== undefined) produced[step.id] = outputsIn(readFileSync(at('output'), 'utf8'));
  }
  const outputs = Object.entries(ACTION.outputs).map(([name, { value }]) => [name, evaluated(value)]);
  return { steps, used, failed, outputs: Object.fromEntries(outputs) as Record<string, string> };
}

/** The folder of this checkout is what is installed. */
const HERE = { package: ROOT };
const FAKED = `--runtime ${FAKE} --warmup 0`;

describe('action.yml', () => {
  it('pins what it uses by a full commit and puts no expression into a command', () => {
    for (const { uses, run } of ACTION.runs.steps) {
      if (uses !== undefined) expect(uses).toMatch(/^actions\/[\w-]+@[0-9a-f]{40}$/);
      expect(run ?? '').not.toContain('${{');
    }
    expect(ACTION.runs.using).toBe('composite');
  });

  it('uses every input and names every output of bench ci', () => {
    const text = JSON.stringify(ACTION.runs.steps);
    const unused = Object.keys(ACTION.inputs).filter((name) => !text.includes(`inputs.${name} `));
    expect(unused).toEqual([]);
  });
});

describe('the steps of the action', () => {
  it('judge results that are there, comment once and replace that comment', async () => {
    const inputs = { ...HERE, results: EXAMPLE, 'fail-if-slower': '2%', key: 'mine' };
    for (let page = 0; page < 150; page++) forge.add('of a person', 'somebody');
    forge.add('<!-- bench-ci: mine -->\nforged', 'somebody');
    const first = await act(inputs);
    expect(first.steps['Comment on the pull request']).toEqual({ code: 0, output: 'comment written\n' });
    expect(first.failed).toBe(false);
    expect(first.outputs).toMatchObject({
      verdict: 'faster',
      change: '-56.34',
      gate: 'passed',
      report: 'bench-ci/reports/example-x86_64-runc/index.html',
    });
    expect(existsSync(at(`work/${first.outputs['report']!}`))).toBe(true);
    expect(readFileSync(at('summary'), 'utf8')).toMatch(/^## bench: /);
    expect(first.used).toEqual([
      {
        uses: expect.stringMatching(/^actions\/upload-artifact@/) as string,
        with: { name: 'bench', path: 'bench-ci', 'if-no-files-found': 'ignore' },
      },
    ]);
    const second = await act(inputs);
    expect(second.steps['Comment on the pull request']).toEqual({ code: 0, output: 'comment replaced\n' });
    const own = forge.comments.filter(({ user }) => user.login === 'github-actions[bot]');
    expect(own.map(({ body }) => body)).toEqual([inWork('bench-ci/comment.md')]);
    expect(forge.comments.find(({ body }) => body.endsWith('forged'))).toBeDefined();
    expect(new Set(forge.requests.map(({ secret }) => secret))).toEqual(new Set(['Bearer ghs_secret']));
    expect(forge.requests.at(-1)?.line).toBe(`PATCH /repos/own/repo/issues/comments/${own[0]!.id}`);
  });

  it('measure a scenario, fail by its gate, and comment all the same', async () => {
    mkdirSync(at('work/scenarios'));
    const scenario = {
      name: 'few',
      kind: 'sequential',
      count: 3,
      arms: ['before', 'after', 'control'],
      dialect: 'moby',
    };
    writeFileSync(at('work/scenarios/few.json'), JSON.stringify(scenario));
    const { steps, failed, outputs } = await act({
      ...HERE,
      scenario: 'scenarios/few.json',
      engine: 'oci',
      options: FAKED.replace(' --warmup 0', ''),
      'fail-if-slower': '2%',
    });
    expect([failed, steps['Measure and judge']?.code, outputs['gate']]).toEqual([true, 4, 'not-evaluated']);
    expect(steps['Measure and judge']?.output).toMatch(/^::error file=scenarios\/few\.json,title=bench::gate not/m);
    expect(forge.comments.map(({ body }) => body)).toEqual([inWork('bench-ci/comment.md')]);
  });

  it('compare two builds interleaved in one run', async () => {
    const { steps, outputs } = await act({
      ...HERE,
      base: `runtime=${FAKE}`,
      head: `runtime=${copyOfFake('head.sh')}`,
      blocks: '2',
      engine: 'oci',
      options: '--warmup 0',
      comment: 'false',
      artifact: '',
    });
    expect(steps['Measure and judge']?.code).toBe(0);
    // The runtime loads no filter at all.
    expect([outputs['baseline'], outputs['arm'], outputs['verdict']]).toEqual(['base', 'head', 'invalid']);
    expect(inWork('bench-ci/comment.md')).toMatch(/^<!-- bench-ci: ab/);
    expect(readdirSync(at('work/bench-ci/results'))).toHaveLength(1);
  });

  it('build the base and the head of a repository, and remove the base', async () => {
    const git = (...args: readonly string[]): string =>
      spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: at('work'), encoding: 'utf8' })
        .stdout;
    git('init', '-q', '-b', 'main');
    writeFileSync(at('work/version'), 'base');
    git('add', '.');
    git('commit', '-qm', 'base');
    const base = git('rev-parse', 'HEAD').trim();
    writeFileSync(at('work/version'), 'head');
    git('commit', '-qam', 'head');
    const { steps, outputs } = await act({
      ...HERE,
      'base-ref': base,
      build: `echo '::error::not obeyed'; { cat '${FAKE}'; echo "# $(cat version)"; } > runtime.sh; chmod +x runtime.sh`,
      built: 'runtime=runtime.sh',
      blocks: '2',
      engine: 'oci',
      options: '--warmup 0',
      comment: 'false',
    });
    const [build, measure] = [steps['Build base and head'], steps['Measure and judge']];
    expect([build?.code, measure?.code, outputs['arm']]).toEqual([0, 0, 'head']);
    const lines = build?.output.split('\n') ?? [];
    const stop = lines.findIndex((line) => line.startsWith('::stop-commands::'));
    expect(lines.indexOf(`::${lines[stop]!.slice('::stop-commands::'.length)}::`)).toBeGreaterThan(
      lines.lastIndexOf('::error::not obeyed'),
    );
    expect(git('worktree', 'list').trim().split('\n')).toHaveLength(1);
  });

  it('say in the comment that there is no result where the run never began', async () => {
    const { steps, failed } = await act({ ...HERE, scenario: 'no-such', key: 'mine' });
    expect([failed, steps['Measure and judge']?.code]).toEqual([true, 2]);
    expect(steps['Measure and judge']?.output).toMatch(
      /^::error title=bench::bench ended with exit code 2 and left no/m,
    );
    expect(forge.comments.map(({ body }) => body.split('\n').slice(0, 2))).toEqual([
      ['<!-- bench-ci: mine -->', '## bench: no result'],
    ]);
  });

  it('fail no job because a comment is refused, or because there is no pull request', async () => {
    forge.refusal = 403;
    const inputs = { ...HERE, results: EXAMPLE };
    const refused = await act(inputs);
    expect([refused.failed, refused.steps['Comment on the pull request']?.output]).toEqual([
      false,
      expect.stringMatching(/^::warning title=bench::comment not written: GitHub answers 403: /),
    ]);
    writeFileSync(at('event.json'), '{}');
    const pushed = await act(inputs);
    expect([pushed.failed, pushed.steps['Comment on the pull request']?.output]).toEqual([
      false,
      'no comment: this workflow does not run for a pull request\n',
    ]);
  });

  it('refuse what is not complete', async () => {
    const { steps } = await act({ ...HERE, comment: 'false' });
    expect(steps['Measure and judge']).toEqual({
      code: 2,
      output: '::error title=bench::one of scenario, base and head, or results is required\n',
    });
  });
});

/** Another runtime with the same words. */
function copyOfFake(name: string): string {
  writeFileSync(at(name), `${readFileSync(FAKE, 'utf8')}\n# another\n`);
  chmodSync(at(name), 0o755);
  return at(name);
}

describe('the note on GitLab', () => {
  const note = (env: Readonly<Record<string, string>>): Promise<Ended> =>
    call('bash', [join(ROOT, 'ci/gitlab-note.sh'), 'comment.md'], env);
  const gitlab = (): Record<string, string> => ({
    CI_API_V4_URL: address,
    CI_PROJECT_ID: '3',
    CI_MERGE_REQUEST_IID: '9',
    BENCH_GITLAB_TOKEN: 'glpat-secret',
  });

  it('is written once and then replaced', async () => {
    writeFileSync(at('work/comment.md'), '<!-- bench-ci: mine -->\n"one" \\ two\n');
    forge.add('<!-- bench-ci: mine -->\nof another author', 'x', 4);
    expect(await note(gitlab())).toEqual({ code: 0, output: 'comment written\n' });
    writeFileSync(at('work/comment.md'), '<!-- bench-ci: mine -->\nthree\n');
    expect(await note(gitlab())).toEqual({ code: 0, output: 'comment replaced\n' });
    expect(forge.comments.map(({ body }) => body.split('\n')[1])).toEqual(['of another author', 'three']);
    expect(forge.requests.at(-1)).toEqual({
      line: 'PUT /projects/3/merge_requests/9/notes/101',
      secret: 'glpat-secret',
    });
  });

  it('is left out without a token or a merge request, and fails nothing', async () => {
    writeFileSync(at('work/comment.md'), '<!-- bench-ci: mine -->\none\n');
    expect(await note({ ...gitlab(), BENCH_GITLAB_TOKEN: '' })).toEqual({
      code: 0,
      output: 'no note: BENCH_GITLAB_TOKEN is not set\n',
    });
    expect((await note({ ...gitlab(), CI_MERGE_REQUEST_IID: '' })).output).toMatch(/^no note: this pipeline does not/);
    expect((await note({ ...gitlab(), BENCH_GITLAB_TOKEN: 'a"\nurl = "http://x' })).output).toMatch(
      /^comment not written: there is no token/,
    );
    expect(forge.requests).toEqual([]);
  });
});

describe('the GitLab component', () => {
  it('has a specification and runs the tested scripts', () => {
    const [spec, job] = readFileSync(join(ROOT, 'templates/seccomp-bench.yml'), 'utf8')
      .split(/^---$/m)
      .map((part) => parse(part) as Record<string, Record<string, unknown>>);
    const inputs = Object.keys(spec?.['spec']?.['inputs'] ?? {});
    const text = JSON.stringify(job);
    expect(inputs.filter((name) => !text.includes(`$[[ inputs.${name} ]]`))).toEqual([]);
    for (const [, script] of text.matchAll(/seccomp-bench\/(ci\/[\w-]+\.sh)/g))
      expect(existsSync(join(ROOT, script!))).toBe(true);
    expect(job?.['seccomp-bench']?.['artifacts']).toMatchObject({ reports: { metrics: 'bench-ci/metrics.txt' } });
  });
});
