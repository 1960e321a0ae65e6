import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { countInstructions } from '../../src/process/instructions.js';
import { FAKE, needs, needsRoot, Sandbox } from './bench.js';

const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const counted = (...args: readonly string[]) =>
  sandbox.bench(['sequential', '--engine', 'oci', '--runtime', FAKE, '--counters', '--warmup', '0', ...args]);
const ARMS = ['before', 'after', 'control'];
const told = (): unknown => sandbox.plan().counters;

describe('--counters', () => {
  it('counts the instructions of every start, or says once in the report why not', () => {
    const { status, stderr } = counted('--count', '3');
    expect([status, stderr.includes('Failures')]).toEqual([0, false]);
    const counting = countInstructions();
    if (counting.state === 'counted') counting[Symbol.dispose]();
    const { state } = counting;
    expect(told()).toMatchObject({ state });
    for (const sample of sandbox.containers()) {
      const instructions = 'kernelInstructions' in sample ? sample.kernelInstructions : undefined;
      expect(instructions === undefined).toBe(state === 'none');
    }
    const page = readFileSync(join(sandbox.folder, 'reports', basename(sandbox.results()), 'summary.md'), 'utf8');
    expect(page.split('not counted: ').length - 1).toBe(state === 'none' ? 1 : 0);
  });

  it('says in the terminal once why nothing is counted, or has a row of them, also without a report', () => {
    const { status, stdout } = counted('--count', '3', '--no-report');
    expect(status).toBe(0);
    const { state } = told() as { readonly state: string };
    expect(stdout.split('Instructions not counted: ').length - 1).toBe(state === 'none' ? 1 : 0);
    expect(stdout.includes('user instr.')).toBe(state === 'counted');
  });

  it.each([
    [['sequential', '--stages'], '--counters cannot be combined with --stages'],
    [['parallel'], 'bench parallel cannot be combined with --counters'],
    [['parallel', '--concurrency', '1,2'], 'bench parallel cannot be combined with --counters'],
  ])('is refused where it cannot tell starts apart: %s', (args, words) => {
    const { status, stderr } = sandbox.bench([...args, '--engine', 'oci', '--runtime', FAKE, '--counters']);
    expect([status, stderr.includes(words)]).toEqual([2, true]);
  });

  it.each([['percall'], ['capacity', 'default'], ['attach', 'default']])('is no option of %s', (...args) => {
    const { status, stderr } = sandbox.bench([...args, '--counters']);
    expect([status, /unknown option.*--counters/.test(stderr)]).toEqual([2, true]);
  });

  it.for<readonly [string, string, readonly string[]]>([
    ['exec', 'runc', ['--count', '2']],
    ['ab', 'namespaces', ['--a', 'form=plain', '--b', 'form=tree', '--count', '2']],
  ])('is taken by %s', ([command, engine, args], context) => {
    if (engine !== 'namespaces') needs(context, engine);
    needsRoot(context);
    const { status, stderr } = sandbox.bench([command, '--engine', engine, '--counters', '--warmup', '0', ...args]);
    expect(status, stderr).toBe(0);
    const counting = countInstructions();
    if (counting.state === 'counted') counting[Symbol.dispose]();
    expect(told()).toMatchObject({ state: counting.state });
  });

  it('has no count in a scenario whose containers run at once, and says so', () => {
    const scenario = join(sandbox.folder, 'at-once.json');
    writeFileSync(scenario, JSON.stringify({ name: 'at-once', kind: 'parallel', count: 2, rounds: 2, arms: ARMS }));
    const { status, stdout } = sandbox.bench(['run', scenario, '--engine', 'oci', '--runtime', FAKE, '--counters']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('Instructions not counted: several containers run')]);
    expect(told()).toEqual({ state: 'none', reason: 'parallel' });
  });

  it.each<[object, readonly string[], string | null]>([
    [{ counters: true }, [], null],
    [{ counters: true, stages: true }, [], 'counters of scenario counted cannot be combined with stages'],
    [{ counters: true }, ['--stages'], 'counters of scenario counted cannot be combined with --stages'],
    [{ stages: true }, ['--counters'], '--counters cannot be combined with stages'],
    [
      { kind: 'parallel', count: 2, concurrency: [1, 2], stages: undefined },
      ['--counters'],
      'scenario counted cannot be combined with --counters',
    ],
  ])('is asked for by a scenario file, too: %j with %j', (properties, args, refusal) => {
    const written = { kind: 'sequential', blocks: 2, warmup: 0, ...properties };
    writeFileSync(join(sandbox.folder, 'counted.json'), JSON.stringify(written));
    const { status, stderr } = sandbox.bench(['run', 'counted', '--engine', 'oci', '--runtime', FAKE, ...args]);
    if (refusal === null) {
      expect(status, stderr).toBe(0);
      expect(told()).toBeDefined();
      expect(sandbox.plan().asked).toMatchObject({ counters: true });
    } else expect([status, stderr.includes(refusal)], stderr).toEqual([2, true]);
  });

  it('is not in the plan of a run without it', () => {
    sandbox.bench(['sequential', '--engine', 'oci', '--runtime', FAKE, '--count', '2', '--warmup', '0']);
    expect(told()).toBeUndefined();
  });
});
