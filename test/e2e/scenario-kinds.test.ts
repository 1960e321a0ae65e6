import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { AttachDocument } from '../../src/cli/output/documents.js';
import type { PercallPlan } from '../../src/model/results/percall/percall.js';
import type { RunPlan } from '../../src/model/results/result.js';
import { needs, needsRoot, PrivateSandbox, ROOT } from './bench.js';

const sandbox = new PrivateSandbox();
afterEach(() => {
  const left = sandbox.workspaces();
  sandbox.clear();
  expect(left).toEqual([]);
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const scenario = (name: string, content: object): void => {
  writeFileSync(join(sandbox.folder, `${name}.json`), JSON.stringify(content));
};
const ran = (...args: readonly string[]): void => {
  const { status, stderr } = sandbox.bench(args);
  expect(status, stderr).toBe(0);
};
/** The plan, and then nothing of the run. */
function planThenGone(): unknown {
  const plan: unknown = sandbox.plan();
  sandbox.clear();
  return plan;
}

describe('bench run of a scenario of kind percall', () => {
  it('plans and measures what the command does with the same options', (ctx) => {
    needsRoot(ctx);
    scenario('calls', {
      kind: 'percall',
      name: 'ours',
      title: 'Our calls',
      arms: ['native', 'stacked-2', { name: 'own', policy: 'all' }],
      calls: ['getppid', 'personality'],
      actions: ['trace'],
      blocks: 9,
      repeats: 3,
      loops: 100,
      warmup: 0,
    });
    ran('run', 'calls', '--blocks', '2', '--seed', '7', '--export-csv', 'calls.csv');
    const [folder = ''] = readdirSync(join(sandbox.folder, 'results'));
    const page = readFileSync(join(sandbox.folder, 'reports', folder, 'index.html'), 'utf8');
    expect([folder.split('-')[1], page.includes('<h1>Our calls</h1>')]).toEqual(['ours', true]);
    const csv = readFileSync(join(sandbox.folder, 'calls.csv'), 'utf8');
    expect(csv).toContain(',stacked-2,ok,');
    const fromFile = planThenGone() as PercallPlan;
    ran(
      ...['percall', '--arms', 'native,stacked-2', '--arm', 'own=policy=all', '--calls', 'getppid,personality'],
      ...['--actions', 'trace', '--blocks', '2', '--repeats', '3', '--loops', '100', '--warmup', '0', '--seed', '7'],
      '--no-report',
    );
    const fromOptions = planThenGone() as PercallPlan;
    expect(fromFile.scenario).toEqual({ name: 'ours', title: 'Our calls' });
    expect(fromOptions.scenario).toBeUndefined();
    const measured = ({ id, startedAt, command, scenario: own, programs, ...plan }: PercallPlan): object => plan;
    expect(measured(fromFile)).toEqual(measured(fromOptions));
  });

  it("prices a listener, a log line and a tracer, as the package's scenario says", (ctx) => {
    needsRoot(ctx);
    ran('run', 'notified-calls', '--engine', 'namespaces', '--blocks', '1', '--no-report');
    const plan = planThenGone() as PercallPlan;
    expect([plan.actions?.actions, plan.arms.map(({ name }) => name), plan.blocks]).toEqual([
      ['notify', 'log', 'trace'],
      ['unconfined', 'after', 'control'],
      1,
    ]);
    expect(plan.calls.map(({ name }) => name)).toEqual(['getppid', 'unknown']);
  });
});

describe('bench run of a scenario of kind attach', () => {
  it('measures the filter that the command does with the same options, and names its report', () => {
    scenario('load', { kind: 'attach', title: 'Our load', policy: 'native', form: 'tree', rounds: 10 });
    const read = (...args: readonly string[]): AttachDocument => {
      const { status, stdout, stderr } = sandbox.bench([...args, '--seed', '3', '--json']);
      expect([status, stderr]).toEqual([0, '']);
      return JSON.parse(stdout) as AttachDocument;
    };
    const fromFile = read('run', 'load', '--kernel', '6.1');
    const page = readFileSync(join(sandbox.folder, 'reports/load/index.html'), 'utf8');
    expect([page.includes('<h1>Our load</h1>'), existsSync(join(sandbox.folder, 'results'))]).toEqual([true, false]);
    const command = ['attach', '--policy', 'native', '--form', 'tree', '--rounds', '10', '--kernel', '6.1'];
    const fromOptions = read(...command, '--no-report');
    const known = ({ name, sha256, instructions, rounds, seed, notSwitched }: AttachDocument): object => {
      return { name, sha256, instructions, rounds, seed, notSwitched };
    };
    expect(known(fromFile)).toEqual(known(fromOptions));
    expect(fromFile.parts.map(({ part }) => part)).toEqual(fromOptions.parts.map(({ part }) => part));
    expect(fromFile.report).toBe('reports/load/index.html');
  });

  it("measures the package's default filter, and refuses a form of a filter that is built already", () => {
    const { status, stdout } = sandbox.bench(['run', 'attach-default', '--quiet', '--no-report']);
    expect([status, stdout.includes('60 rounds, each load in a task of its own')]).toEqual([0, true]);
    ran('build', '--quiet', '-o', 'filter.bpf');
    scenario('raw', { kind: 'attach', profile: 'filter.bpf', form: 'tree' });
    expect(sandbox.bench(['run', 'raw'])).toMatchObject({
      status: 2,
      stderr:
        'bench: form of scenario raw cannot be combined with a raw BPF filter\n' +
        '  The layout is chosen when a profile is built.\n',
    });
  });
});

describe('bench run of a scenario of kind workload', () => {
  it('plans what the command does with the same options', (ctx) => {
    needsRoot(ctx);
    scenario('run', {
      kind: 'workload',
      blocks: 2,
      arms: ['native', 'unconfined'],
      program: { args: ['true'], bindHost: true },
      explain: false,
      touch: [{ mib: 1, order: 'random' }],
    });
    ran('run', 'run', '--engine', 'namespaces', '--seed', '3', '--no-report');
    const fromFile = planThenGone() as RunPlan;
    ran(
      ...['workload', '--bind-host', '--blocks', '2', '--arms', 'native,unconfined', '--no-explain'],
      ...['--touch', '1:random', '--engine', 'namespaces', '--seed', '3', '--no-report', '--', 'true'],
    );
    const fromOptions = planThenGone() as RunPlan;
    expect(fromFile.scenario).toEqual({ ...fromOptions.scenario, name: 'run' });
    expect(fromFile.asked).toEqual(fromOptions.asked);
    expect(fromFile.asked).toMatchObject({ findings: { explain: false, touch: [{ mib: 1, order: 'random' }] } });
  });

  it("measures redis, as the package's scenario says, here with fewer requests", (ctx) => {
    needsRoot(ctx);
    needs(ctx, 'runc', 'redis-server', 'redis-benchmark');
    const packaged = readFileSync(join(ROOT, 'scenarios/server-redis.json'), 'utf8');
    writeFileSync(join(sandbox.folder, 'server-redis.json'), packaged.replace('-n 40000', '-n 2000'));
    ran('run', 'server-redis', '--engine', 'runc', '--blocks', '1', '--no-explain', '--no-report');
    const requests = sandbox.containers().map((one) => (one.state === 'ok' ? one.load?.requests : one.cause));
    expect([requests.length >= 6, new Set(requests)]).toEqual([true, new Set([2000])]);
  });
});

describe('scenarios of other kinds than starts', () => {
  it.each([
    ['notified-calls', 'percall', '--env', 'A=1'],
    ['notified-calls', 'percall', '--duet'],
    ['notified-calls', 'percall', '--stages'],
    ['notified-calls', 'percall', '--until', '1%'],
    ['notified-calls', 'percall', '--touch', '1'],
    ['attach-default', 'attach', '--engine', 'runc'],
    ['attach-default', 'attach', '--results', 'there'],
    ['attach-default', 'attach', '--export-csv', 'x.csv'],
    ['filter-memory', 'capacity', '--blocks', '3'],
  ])('bench run %s, of kind %s, refuses %s', (name, kind, ...option) => {
    expect(sandbox.bench(['run', name, ...option])).toMatchObject({
      status: 2,
      stdout: '',
      stderr:
        `bench: ${option[0] ?? ''} cannot be combined with scenario ${name}\n` +
        `  It is of kind ${kind}: it takes the options that bench ${kind} has.\n`,
    });
  });

  it('are refused by what takes starts alone', () => {
    const refusal = (...args: readonly string[]): unknown => {
      const { status, stdout, stderr } = sandbox.bench(args);
      return [status, stdout, stderr.split('\n')[0]?.replace(/.*\//, '')];
    };
    expect(refusal('ci', 'notified-calls')).toEqual([
      2,
      '',
      'notified-calls.json is of kind percall, which times system calls',
    ]);
    expect(refusal('plan', 'attach-default', '--detect', '1%')).toEqual([
      2,
      '',
      'attach-default.json is of kind attach, which starts no container',
    ]);
    expect(refusal('fleet', '--swarm', '--', 'run', 'filter-memory')).toEqual([
      2,
      '',
      'filter-memory.json is of kind capacity, which starts no container',
    ]);
    expect(existsSync(join(sandbox.folder, 'results'))).toBe(false);
  });

  it('are named by completions', () => {
    const { stdout } = sandbox.bench(['completion', 'bash']);
    for (const name of ['notified-calls', 'attach-default', 'server-redis']) expect(stdout).toContain(name);
  });
});
