import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { reserveMs, timeRule } from '../../src/model/run/stopping.js';
import type { StoppingRule, TimeRule } from '../../src/model/run/stopping.js';
import { spanOf } from '../../src/statistics/planning/span.js';
import { isSpent } from '../../src/statistics/planning/stopping.js';
import { FAKE, needs, needsRoot, Sandbox } from './bench.js';

const sandbox = new Sandbox();
beforeEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const BUSY = 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done';
const ab = (options: readonly string[], b: readonly string[]) =>
  sandbox.bench(['ab', '--warmup', '0', '--no-report', ...options, '--', 'true', '---', ...b]);
const blocks = (): number => new Set(sandbox.containers().map((sample) => sample.block)).size;

describe('a run that a CI job depends on', () => {
  it('exits with 3 where the other command is slower by more than the limit', () => {
    const { status, stderr } = ab(['--count', '25', '--fail-if-slower', '50%'], ['sh', '-c', BUSY]);
    expect([status, stderr]).toEqual([
      3,
      expect.stringMatching(/\ngate failed: sh is slower than true by more than 50 % in CPU time: \+.* %/),
    ]);
  });

  it('exits with 0 where the limit is beyond what was measured', () => {
    expect(ab(['--count', '25', '--fail-if-slower', '100000000%'], ['sh', '-c', BUSY]).status).toBe(0);
  });

  it('passes no gate with too few blocks, unless that is allowed', () => {
    const undecided = ab(['--count', '3', '--fail-if-slower', '1000000%'], ['true']);
    expect([undecided.status, undecided.stderr]).toEqual([
      4,
      expect.stringMatching(/\ngate not evaluated: CPU time of true-b: 3 blocks are too few/),
    ]);
    const allowed = ab(['--count', '3', '--fail-if-slower', '1000000%', '--allow-undecided'], ['true']);
    expect([allowed.status, allowed.stderr]).toEqual([0, expect.stringContaining('\ngate not evaluated: ')]);
  });

  it('fails by the time that --metric names, in its unit', () => {
    const { status, stderr } = ab(['--count', '25', '--fail-if-slower', '50%', '--metric', 'wall'], ['sleep', '0.1']);
    expect([status, stderr]).toEqual([
      3,
      expect.stringMatching(/\ngate failed: sleep is slower than true by more than 50 % in wall time: /),
    ]);
  });

  it('exits with 4 under --strict where nothing could be decided', () => {
    const { status, stderr } = ab(['--count', '3', '--strict'], ['true']);
    expect([status, stderr]).toEqual([
      4,
      expect.stringMatching(/\nfails under --strict: CPU time of true-b: 3 blocks are too few/),
    ]);
  });

  it('exits with 1 where a container failed, regardless of the gate', () => {
    expect(
      sandbox.bench(
        [
          'sequential',
          '--engine',
          'oci',
          '--runtime',
          FAKE,
          '--count',
          '2',
          '--warmup',
          '0',
          '--no-report',
          '--strict',
        ],
        { FAKE_FAIL: '*-b1-0-*' },
      ).status,
    ).toBe(1);
  });

  it('refuses limits and rules that make no sense before it runs anything', () => {
    for (const [option, value] of [
      ['--fail-if-slower', 'x'],
      ['--until', 'soon'],
      ['--until', '0%'],
      ['--budget', '10'],
      ['--budget', '0s'],
      ['--export-csv', '/'],
      ['--export-hyperfine', '/no/such/folder/x'],
    ]) {
      const { status, stderr } = ab(['--count', '2', option!, value!], ['true']);
      expect([option, value, status, stderr.startsWith(`bench: ${option!}`)]).toEqual([option, value, 2, true]);
    }
  });
});

describe('a run that may end early', () => {
  it('ends at the first look where the interval is narrow enough, and records the rule', () => {
    // The same command: no machine is so noisy that its CPU time is not known to ±90 % by then.
    const { status, stderr } = ab(['--until', '±90%'], ['true']);
    expect([status, stderr]).toEqual([
      0,
      expect.stringContaining('ends once the CPU interval is within ±90 % (first look at 100 blocks, then every 50)'),
    ]);
    expect(blocks()).toBe(100);
    expect(sandbox.plan()).toMatchObject({
      stopping: [{ kind: 'halfWidth', width: 0.9 }],
      scenario: { count: 20_000 },
    });
  });

  it('ends by a group sequential test once it is decided, at one of five looks', () => {
    ab(['--until', 'decided', '--count', '100'], ['sh', '-c', BUSY]);
    expect([20, 40, 60, 80, 100]).toContain(blocks());
  });

  it('ends after the first block that leaves no room for another of average length', () => {
    ab(['--budget', '1s'], ['sh', '-c', BUSY]);
    const samples = sandbox.containers();
    const run = blocks();
    const spent = Array.from({ length: run }, (_, last) =>
      isSpent(1000, spanOf(samples.filter(({ block }) => block <= last)).ms, last + 1),
    );
    expect(spent).toEqual([...Array.from({ length: run - 1 }, () => false), true]);
    expect(sandbox.plan()).toMatchObject({
      stopping: [{ kind: 'budget', milliseconds: 1000 }],
      scenario: { count: 100_000 },
    });
  });
});

describe('--for', () => {
  /** The rule as it was recorded, with what was gone before the blocks. */
  const ruleIn = (): TimeRule => {
    const { stopping } = sandbox.plan() as { readonly stopping: readonly StoppingRule[] };
    const rule = timeRule(stopping);
    if (rule === undefined) throw new Error('the rule is not recorded');
    return rule;
  };
  /** When the last block began, another of average length and what comes after it still fitted. */
  const expectLastBlockToFit = (): void => {
    const rule = ruleIn();
    const measured = sandbox.containers().filter(({ warmup }) => !warmup);
    const last = Math.max(...measured.map(({ block }) => block));
    const { ms, endMs } = spanOf(measured.filter(({ block }) => block < last));
    expect(rule.spentMs + endMs + ms / last + reserveMs(rule)).toBeLessThanOrEqual(rule.milliseconds);
  };

  it('ends within its time, at a whole block, with what came before and what comes after', () => {
    const { status, stderr } = ab(['--for', '15s'], ['sh', '-c', BUSY]);
    expect([status, stderr]).toEqual([0, expect.stringContaining('about ')]);
    expect(ruleIn().milliseconds).toBe(15_000);
    expectLastBlockToFit();
    expect(blocks()).toBeGreaterThanOrEqual(20);
    expect(sandbox.containers().length % 3).toBe(0);
  });

  it('measures starts of runc within its time, or says before that 20 blocks do not fit', (context) => {
    needsRoot(context);
    needs(context, 'runc');
    const { status, stderr } = sandbox.bench(['sequential', '--engine', 'runc', '--for', '20s']);
    if (status === 2) {
      expect(stderr).toMatch(
        /bench: --for: expected time for at least 20 blocks of about .* s, got 20s\n {2}Use --for /,
      );
      return;
    }
    expect(status, stderr).toBe(0);
    expectLastBlockToFit();
  });

  it('is refused with a budget, and with several levels', () => {
    expect(sandbox.bench(['sequential', '--for', '60s', '--budget', '60s']).stderr).toContain(
      'bench: --for cannot be combined with --budget',
    );
    expect(sandbox.bench(['parallel', '--for', '60s', '--concurrency', '1,2']).status).toBe(2);
  });
});

describe('bench plan', () => {
  it('plans from a pilot, per metric and power, with the command that keeps the promise', () => {
    const { status, stdout } = sandbox.bench([
      'plan',
      'sequential',
      '--detect',
      '50%',
      '--pilot',
      '20',
      '--engine',
      'oci',
      '--runtime',
      FAKE,
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^after, CPU: to detect 50 % \(pilot of 20 blocks\)\n {2}80 % power: [\d,]+ blocks .*\n {2}90 % power: [\d,]+ blocks .*\n {2}500 blocks, the scenario's default, detect /,
    );
    expect(stdout).toMatch(
      /\n {2}bench sequential --engine oci --runtime \S+fake-runtime\.sh (--pin |--duet always )?--blocks 100 --until '±3\d\.\d\d%'\n$/,
    );
  });

  it('wants an effect and a pilot that say something', () => {
    expect(sandbox.bench(['plan', 'sequential']).stderr).toMatch(/^bench: --detect is required/);
    expect(sandbox.bench(['plan', 'sequential', '--detect', '0%']).stderr).toMatch(
      /^bench: --detect: expected a percentage above 0 and below 100, got "0%"/,
    );
    expect(sandbox.bench(['plan', 'sequential', '--detect', '1%', '--pilot', '5']).stderr).toMatch(
      /^bench: --pilot: expected a whole number from 20 to 100,000, got "5"/,
    );
  });
});
