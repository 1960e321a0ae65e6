import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ActionSample } from '../../src/model/results/percall/action-price.js';
import type { PercallPlan, PercallSample, SimulatedCall } from '../../src/model/results/percall/percall.js';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import { needs, needsRoot, Sandbox, workspaces } from './bench.js';

const sandbox = new Sandbox();
afterEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});
const QUICK = ['--blocks', '2', '--repeats', '3', '--loops', '100', '--warmup', '1', '--seed', '7'];
const json = (name: string): unknown => JSON.parse(readFileSync(join(sandbox.results(), name), 'utf8'));

describe('bench percall', () => {
  it('times calls of every arm, proves tree and stack, keeps its settings, and makes the report again', (ctx) => {
    needsRoot(ctx);
    const { status, stdout, stderr } = sandbox.bench([
      'percall',
      '--arms',
      'native,tree,stacked-3',
      '--calls',
      'getppid,personality,kexec_load',
      ...QUICK,
    ]);
    expect([status, stderr]).toEqual([0, expect.stringContaining('engine namespaces') as string]);
    expect(stdout).toMatch(/^unconfined +– /m);
    const plan = json('plan.json') as PercallPlan;
    expect(workspaces().filter((name) => name === `sb-${plan.id}`)).toEqual([]);
    expect([plan.kind, plan.arms.map(({ name }) => name), plan.calls.map(({ name }) => name)]).toEqual([
      'percall',
      ['unconfined', 'native', 'tree', 'stacked-3', 'control'],
      ['getppid', 'personality', 'kexec_load', 'unknown'],
    ]);
    const samples = readFileSync(join(sandbox.results(), 'samples.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as PercallSample);
    expect(samples).toHaveLength(15);
    expect(
      samples.every((sample) => sample.state === 'ok' && sample.emptyNs.length === 3 && sample.calls.length === 4),
    ).toBe(true);
    const modes = new Map(samples.map((sample) => [sample.arm, sample.state === 'ok' ? sample.seccompMode : -1]));
    expect(Object.fromEntries(modes)).toEqual({ unconfined: 0, native: 2, tree: 2, 'stacked-3': 2, control: 0 });
    const loaded = (json('evidence.json') as ArmEvidence[]).map((arm) =>
      arm.loaded.state === 'seen' ? arm.loaded.programs.map(({ sha256 }) => sha256) : [],
    );
    expect(loaded.map((programs) => programs.length)).toEqual([0, 1, 1, 3, 0]);
    expect(new Set(loaded[3]).size).toBe(1);
    const work = (arm: string, call: string): SimulatedCall =>
      (json('simulation.json') as SimulatedCall[]).find((one) => one.arm === arm && one.call === call)!;
    expect([
      work('native', 'getppid').cached,
      work('native', 'personality').cached,
      work('native', 'kexec_load').action,
      work('stacked-3', 'getppid').cached,
    ]).toEqual([true, false, 'ERRNO(EPERM)', true]);
    expect(work('tree', 'personality').instructions).toBeLessThan(work('native', 'personality').instructions ?? 0);
    const again = sandbox.bench(['percall', '--from', sandbox.results()]);
    const byReport = sandbox.bench(['report']);
    expect([again.status, again.stdout, byReport.stdout]).toEqual([0, stdout, stdout]);
  });

  it('runs in containers of runc', (ctx) => {
    needs(ctx, 'runc');
    needsRoot(ctx);
    const { status, stdout } = sandbox.bench([
      'percall',
      '--engine',
      'runc',
      '--calls',
      'getppid',
      '--arms',
      'after',
      '--json',
      '--no-report',
      ...QUICK,
    ]);
    const summary = JSON.parse(stdout) as {
      engine: { name: string };
      prices: { arm: string; call: string; cached: boolean; ns: { value: number } }[];
    };
    expect([status, summary.engine.name]).toEqual([0, 'runc']);
    expect(
      summary.prices
        .filter(({ call }) => call === 'getppid')
        .map(({ arm, cached, ns }) => [arm, cached, Number.isFinite(ns.value)]),
    ).toEqual([
      ['unconfined', false, true],
      ['after', true, true],
    ]);
  });

  it('gives crun a tree and an order finished, which it would not build itself', (ctx) => {
    needs(ctx, 'crun');
    needsRoot(ctx);
    const { status, stdout } = sandbox.bench([
      ...['percall', '--engine', 'crun', '--arms', 'after,tree', '--arm', 'ordered=first=personality'],
      ...['--calls', 'personality,kexec_load', '--json', '--no-report', ...QUICK],
    ]);
    expect(status).toBe(0);
    const evidence = json('evidence.json') as ArmEvidence[];
    expect(evidence.map(({ filterGiven }) => filterGiven?.kind)).toEqual([
      undefined,
      undefined,
      'annotation',
      'annotation',
      undefined,
    ]);
    for (const { loaded, filterGiven } of evidence)
      if (filterGiven?.kind === 'annotation')
        expect(loaded).toMatchObject({ state: 'seen', programs: [{ sha256: filterGiven.sha256 }] });
    const { prices } = JSON.parse(stdout) as { prices: { arm: string; call: string; ns: { value: number } }[] };
    expect(prices.filter(({ ns }) => Number.isFinite(ns.value)).map(({ arm, call }) => `${arm} ${call}`)).toEqual(
      expect.arrayContaining(['tree personality', 'tree kexec_load', 'ordered personality']),
    );
    const work = (arm: string): number =>
      (json('simulation.json') as SimulatedCall[]).find((one) => one.arm === arm && one.call === 'personality')
        ?.instructions ?? NaN;
    expect([work('tree') < work('after'), work('ordered') < work('after')]).toEqual([true, true]);
  });

  it('refuses what it cannot measure, before a container is started', (ctx) => {
    needs(ctx, 'runc');
    needsRoot(ctx);
    const refused = (args: readonly string[], words: string | RegExp): void => {
      const { status, stderr } = sandbox.bench(['percall', ...args]);
      expect([status, stderr]).toEqual([2, expect.stringMatching(words) as string]);
    };
    // runc builds no tree before 1.2, and only trees of this profile from then on.
    refused(
      ['--arms', 'after,tree', '--engine', 'runc'],
      /bench: (?:arm tree: runc|arms tree and after load the same filter: runc) /,
    );
    refused(['--arms', 'stacked-2', '--engine', 'runc'], 'loads one filter into a container');
    refused(['--calls', 'reboot'], '--calls: expected arguments for reboot, which may change something');
    refused(['--blocks', '0'], '--blocks: expected a whole number from 1 to 1,000,000, got "0"');
    refused(['--loops', '99999999999'], '--loops: expected a whole number from 1 to 999,999, got "99999999999"');
    refused(['--engine', 'namespaces', '--calls', 'no_such_call()'], '"no_such_call" is not a system call of');
    const killing = join(sandbox.folder, 'killing.json');
    writeFileSync(
      killing,
      JSON.stringify({
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['kexec_load'], action: 'SCMP_ACT_KILL_PROCESS' }],
      }),
    );
    refused(
      ['--engine', 'namespaces', '--profile', killing, '--arms', 'native', '--calls', 'kexec_load'],
      'kexec_load cannot be timed under native: the filter answers KILL_PROCESS',
    );
    const blind = join(sandbox.folder, 'blind.json');
    writeFileSync(
      blind,
      JSON.stringify({
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['clock_gettime'], action: 'SCMP_ACT_ERRNO' }],
      }),
    );
    refused(
      ['--engine', 'namespaces', '--profile', blind, '--arms', 'native'],
      'arm native: clock_gettime is not allowed, and the program that times calls needs it',
    );
    const ending = sandbox.bench(['percall', '--engine', 'namespaces', '--arms', 'native', '--calls', 'exit_group(0)']);
    expect([ending.status, ending.stderr]).toEqual([
      1,
      expect.stringContaining(
        'This arm has no filter, so a call (exit_group) ends or stops the program that times it: leave that call out.',
      ) as string,
    ]);
    expect(ending.stderr).not.toContain('The filter must allow');
  });

  it('leaves out default arms that a profile makes equal, and refuses them where they were asked for', (ctx) => {
    needsRoot(ctx);
    const own = process.arch === 'arm64' ? 'SCMP_ARCH_AARCH64' : 'SCMP_ARCH_X86_64';
    const profiles = [
      ['plain', {}, ['native', 'after']],
      ['two', { architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_AARCH64'] }, ['native', 'after']],
      ['own', { architectures: [own] }, ['native']],
    ] as const;
    for (const [name, more, kept] of profiles) {
      const profile = join(sandbox.folder, `${name}.json`);
      writeFileSync(
        profile,
        JSON.stringify({
          defaultAction: 'SCMP_ACT_ALLOW',
          ...more,
          syscalls: [{ names: ['kexec_load'], action: 'SCMP_ACT_ERRNO' }],
        }),
      );
      const quick = [
        'percall',
        '--engine',
        'namespaces',
        '--profile',
        profile,
        '--calls',
        'getppid',
        '--no-report',
        ...QUICK,
      ];
      const { status, stdout, stderr } = sandbox.bench(quick);
      expect([status, stderr]).toEqual([
        0,
        expect.stringContaining(
          `left out: arm before: same spec and filter as ${kept.at(-1) ?? ''} with this profile`,
        ) as string,
      ]);
      expect(['native', 'after', 'before'].filter((arm) => new RegExp(`^${arm} `, 'm').test(stdout))).toEqual(kept);
      const asked = sandbox.bench([...quick, '--arms', 'after,before']);
      expect([asked.status, asked.stderr]).toEqual([
        2,
        expect.stringContaining('With this profile the two arms are the same: price only one of them.') as string,
      ]);
    }
  });
});

describe('bench percall --actions', () => {
  it('counts as many notifications and stops as calls, in the same blocks, and makes the report again', (ctx) => {
    needsRoot(ctx);
    const { status, stdout } = sandbox.bench([
      ...['percall', '--engine', 'namespaces', '--arms', 'after', '--calls', 'getppid'],
      ...['--actions', 'notify,log,trace', ...QUICK],
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^A call that a listener answers /m);
    expect(stdout).toMatch(/^A call that a tracer continues /m);
    const { actions } = json('plan.json') as PercallPlan;
    expect(actions?.actions).toEqual(['notify', 'log', 'trace']);
    expect(actions?.logging).toMatchObject({ tried: 30 });
    const lines = readFileSync(join(sandbox.results(), 'samples.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as PercallSample | ActionSample);
    const answered = lines.filter((line) => 'action' in line);
    expect(answered).toHaveLength(3 * (actions?.turns.length ?? 0));
    const counts = new Map(answered.map((line) => [line.action, line.state === 'ok' ? line.answered : -1]));
    expect([counts.get('notify'), counts.get('trace'), counts.get('log'), counts.get('allow')]).toEqual([
      300, 300, 0, 0,
    ]);
    expect(sandbox.bench(['percall', '--from', sandbox.results()]).stdout).toBe(stdout);
  });

  it('refuses an action that there is not, before any container', () => {
    const { status, stderr } = sandbox.bench(['percall', '--actions', 'notfy']);
    expect([status, stderr]).toEqual([2, expect.stringContaining('did you mean "notify"?') as string]);
  });
});
