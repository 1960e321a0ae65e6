import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import type { SummaryRun } from '../../src/report/run/summary.js';
import { FAKE, needs, needsRoot, Sandbox, workspaces } from './bench.js';

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
const fake = (...args: readonly string[]) => [
  'sequential',
  '--engine',
  'oci',
  '--runtime',
  FAKE,
  '--stages',
  '--count',
  '2',
  '--warmup',
  '0',
  ...args,
];

describe.each(['runc', 'crun'])('%s in stages', (engine) => {
  it('tells them apart, adds them up to the wall time and names where the difference lies', (context) => {
    needsRoot(context);
    needs(context, engine);
    const { status, stdout, stderr } = sandbox.bench([
      'sequential',
      '--engine',
      engine,
      '--stages',
      '--count',
      '4',
      '--warmup',
      '1',
    ]);
    expect([status, stderr.includes('Failures')]).toEqual([0, false]);
    const samples = sandbox.containers();
    expect(samples).toHaveLength(15);
    for (const sample of samples) {
      if (sample.state !== 'ok' || sample.stagesNs === undefined)
        throw new Error(`expected stages, got ${JSON.stringify(sample)}`);
      expect(Object.keys(sample.stagesNs)).toEqual(['convert', 'write', 'create', 'start', 'exit', 'remove']);
      expect(Math.abs(Object.values(sample.stagesNs).reduce((sum, ns) => sum + ns, 0) - sample.wallNs)).toBeLessThan(1);
      expect(Math.min(...Object.values(sample.stagesNs))).toBeGreaterThan(0);
    }
    const [after] = summary().stages;
    expect(
      after!.stages.reduce((sum, { differenceNs }) => sum + differenceNs, 0) / after!.total.differenceNs,
    ).toBeCloseTo(1, 9);
    expect(stdout.replace(/\s+/g, ' ')).toContain(after!.sentence);
    expect(existsSync(join(sandbox.folder, 'reports', basename(sandbox.results()), 'stages.png'))).toBe(true);
    const evidence = JSON.parse(readFileSync(join(sandbox.results(), 'evidence.json'), 'utf8')) as ArmEvidence[];
    const build = (name: string): number => evidence.find(({ arm }) => arm === name)?.inProcess?.buildNs ?? 0;
    expect([build('before') > build('after'), build('after') > 0, build('control')]).toEqual([true, true, 0]);
    expect(workspaces().filter((name) => name === `sb-${sandbox.plan().id}`)).toEqual([]);
  });
});

describe('a start that fails in a stage', () => {
  it.each([
    ['create', 'create'],
    ['start', 'start'],
    ['exit', 'exit'],
    ['delete', 'remove'],
  ])("is counted with its stage and the runtime's words: %s", (step, stage) => {
    // What cannot be deleted stays, and must stay in this test's own folder.
    const { status } = sandbox.bench(fake('--no-report'), {
      FAKE_FAIL: '*-b0-0-*',
      FAKE_STAGE: step,
      TMPDIR: sandbox.folder,
    });
    expect(status).toBe(1);
    const failed = sandbox.containers().filter(({ state }) => state !== 'ok');
    expect(failed).toMatchObject([
      { state: 'failed', cause: 'exit code 1', failedIn: stage, stderr: `fake-runtime: cannot ${step} it` },
    ]);
  });
});

describe('stages', () => {
  it('are refused where they cannot be told apart', () => {
    const refusal = (...args: readonly string[]): readonly [number | null, string | undefined] => {
      const { status, stderr } = sandbox.bench(args);
      return [status, stderr.split('\n').find((line) => line.startsWith('bench: '))];
    };
    expect(refusal('parallel', '--stages', '--count', '2')).toEqual([
      2,
      'bench: stages require a sequential scenario; this one is parallel',
    ]);
    expect(refusal('ab', '--stages', '--', 'true', '---', 'true')).toEqual([
      2,
      'bench: stages require containers; commands have none',
    ]);
    expect(refusal('sequential', '--stages', '--engine', 'namespaces', '--count', '2')).toEqual([
      2,
      'bench: --engine namespaces cannot time the stages of a start',
    ]);
  });
});
