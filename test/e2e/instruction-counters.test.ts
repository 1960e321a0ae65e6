import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { countInstructions } from '../../src/process/instructions.js';
import { FAKE, Sandbox } from './bench.js';

const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const counted = (...args: readonly string[]) =>
  sandbox.bench(['sequential', '--engine', 'oci', '--runtime', FAKE, '--counters', '--warmup', '0', ...args]);
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

  it('is asked for by a scenario file, too, as stages are', () => {
    writeFileSync(
      join(sandbox.folder, 'counted.json'),
      JSON.stringify({ kind: 'sequential', blocks: 2, warmup: 0, counters: true, stages: true }),
    );
    const { status, stderr } = sandbox.bench(['run', 'counted', '--engine', 'oci', '--runtime', FAKE]);
    expect(status, stderr).toBe(0);
    // Both were asked for: the stages are timed, and nothing is counted then.
    expect(told()).toEqual({ state: 'none', reason: 'stages' });
    expect(sandbox.plan().asked).toMatchObject({ counters: true, staged: true });
  });

  it('counts nothing where stages are timed apart, and says so', () => {
    expect(counted('--count', '2', '--stages').status).toBe(0);
    expect(told()).toEqual({ state: 'none', reason: 'stages' });
  });

  it('is not in the plan of a run without it', () => {
    sandbox.bench(['sequential', '--engine', 'oci', '--runtime', FAKE, '--count', '2', '--warmup', '0']);
    expect(told()).toBeUndefined();
  });
});
