import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { TreeCounter, countInstructions, instructionsSince } from '../../../src/process/instructions.js';

/** PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS and PERF_COUNT_SW_TASK_CLOCK: every kernel counts them. */
const FAULTS = { type: 1, config: 2, excludes: 'kernel' } as const;
const NO_SUCH = { type: 1, config: 9999, excludes: 'kernel' } as const;

describe('counters of a start', () => {
  it('count all that a child and its children do, from their exec on', (context) => {
    const counter = TreeCounter.open([FAULTS]);
    if (typeof counter === 'string') return context.skip(`perf_event_open: ${counter}`);
    using open = counter;
    const faultsOf = (program: string): number => {
      const [before] = open.read();
      spawnSync('/bin/sh', ['-c', program]);
      const [after] = open.read();
      return Number(after) - Number(before);
    };
    const one = faultsOf('exit 0');
    expect(one).toBeGreaterThan(10);
    // Several programs more, in processes of their own.
    expect(faultsOf('/bin/true; /bin/true; /bin/true; /bin/true')).toBeGreaterThan(one);
    const [before] = open.read();
    expect(open.read()).toEqual([before]);
  });

  it('gives the errno where an event is not known, and leaves nothing open', () => {
    expect(TreeCounter.open([NO_SUCH])).toMatch(/^E[A-Z]+$/);
  });

  it('says why nothing is counted, or counts', () => {
    const counting = countInstructions([NO_SUCH, NO_SUCH]);
    expect(counting.state).toBe('none');
    expect(instructionsSince(null)).toEqual({});
  });
});
