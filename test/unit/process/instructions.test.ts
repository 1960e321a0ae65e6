import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  countedBetween,
  countInstructions,
  instructionsSince,
  TreeCounter,
} from '../../../src/process/instructions.js';
import { nativePrograms } from '../payload/machine.js';
import { runAll, sh } from './commands.js';

/** PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS and PERF_COUNT_SW_TASK_CLOCK: every kernel counts them. */
const FAULTS = { type: 1, config: 2, excludes: 'kernel' } as const;
const TASK_CLOCK = { type: 1, config: 1, excludes: 'kernel' } as const;
const NO_SUCH = { type: 1, config: 9999, excludes: 'kernel' } as const;

describe('counters of a start', () => {
  it('count all that a child and its children do, from their exec on', (context) => {
    const counter = TreeCounter.open([FAULTS]);
    if (typeof counter === 'string') return context.skip(`perf_event_open: ${counter}`);
    using open = counter;
    const faultsOf = (program: string): number => {
      const before = open.read();
      spawnSync('/bin/sh', ['-c', program]);
      return countedBetween(before, open.read())?.[0] ?? Number.NaN;
    };
    const one = faultsOf('exit 0');
    expect(one).toBeGreaterThan(10);
    // Several programs more, in processes of their own.
    expect(faultsOf('/bin/true; /bin/true; /bin/true; /bin/true')).toBeGreaterThan(one);
    // Each of many starts is counted, in whole, and nothing between them.
    const counts = Array.from({ length: 60 }, () => faultsOf('exit 0'));
    expect(counts.filter((count) => !(count > one / 2))).toEqual([]);
    const before = open.read();
    expect(open.read()).toEqual(before);
  });

  it('are read together, each with its own value', (context) => {
    const counter = TreeCounter.open([FAULTS, TASK_CLOCK]);
    if (typeof counter === 'string') return context.skip(`perf_event_open: ${counter}`);
    using open = counter;
    expect(open.read()?.values).toEqual([0, 0]);
    spawnSync('/bin/sh', ['-c', '/bin/true; /bin/true']);
    const [faults, clockNs] = open.read()?.values ?? [];
    expect(faults).toBeGreaterThan(10);
    expect(faults).toBeLessThan(100_000);
    expect(clockNs).toBeGreaterThan(100_000);
  });

  it('gives the errno where an event is not known, and leaves nothing open', () => {
    expect(TreeCounter.open([NO_SUCH])).toMatch(/^E[A-Z]+$/);
  });

  it('are not known where events shared a counter with others for part of the time', () => {
    const before = { enabledNs: 1000, countedNs: 900, values: [10, 20] };
    const after = (countedNs: number) => ({ enabledNs: 2_001_000, countedNs, values: [110, 70] });
    expect(countedBetween(before, after(2_000_000))).toEqual([100, 50]);
    expect(countedBetween(before, after(1_990_000))).toBeNull();
    expect(countedBetween(before, null)).toBeNull();
    expect(countedBetween(before, before)).toBeNull();
  });

  it('are of one start each, and of none where two run at a time, as in a duet', async (context) => {
    const { gate } = nativePrograms(context);
    // Every kernel has these in the place of instructions.
    const counting = countInstructions([FAULTS, TASK_CLOCK]);
    if (counting.state === 'none') return context.skip(`perf_event_open: ${counting.errno}`);
    const runPair = (concurrency: number) => runAll([sh('exit 0'), sh('exit 0')], { concurrency, gate });
    const [alone, together] = [await runPair(1), await runPair(2)];
    counting[Symbol.dispose]();
    expect(alone.map(({ instructions }) => (instructions?.userInstructions ?? 0) > 10)).toEqual([true, true]);
    expect(together.map(({ exit, instructions }) => [exit.kind, instructions])).toEqual([
      ['exited', undefined],
      ['exited', undefined],
    ]);
  });

  it('says why nothing is counted, or counts', () => {
    const counting = countInstructions([NO_SUCH, NO_SUCH]);
    expect(counting.state).toBe('none');
    expect(instructionsSince(null)).toEqual({});
  });
});
